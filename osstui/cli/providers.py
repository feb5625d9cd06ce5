"""`osstui providers`: who can be asked, at which price, how fast by what is published, and with which key."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osstui.cli.group import LazyGroup, narrate, wrong
from osstui.cli.options import catalog_options, json_option, load, today_option, together
from osstui.cli.output import Stdout, json_document

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Offer, Provider
    from osstui.catalog.presets import Measured
    from osstui.catalog.rows import Row
    from osstui.surroundings import Surroundings

SORTS = (
    "throughput", "latency", "own_throughput", "own_latency", "blended", "input", "output", "cached",
    "context", "name", "title", "key", "dialect", "status", "age",
)  # fmt: skip
_COLOURS = {"head": "bold", "good": "green", "missing": "dim", "stale": "yellow", "dim": "dim"}


class Catalogs:
    """Which catalog files the command line names, before or behind the subcommand."""

    def __init__(self, extra: Path | None, only: Path | None) -> None:
        self.extra, self.only = extra, only

    def load(self, extra: Path | None = None, only: Path | None = None) -> Catalog:
        return load(extra or self.extra, only or self.only)


@click.group(
    cls=LazyGroup,
    places={name: f"osstui.cli.providers_entry:{name}" for name in ("show", "test")},
    invoke_without_command=True,
    short_help="Hosts with prices, keys and speeds.",
)
@together(
    click.option(
        "--sort", type=click.Choice(SORTS), metavar="COLUMN", help=f"Best first: {', '.join(SORTS)}."
    ),
    click.option("--reverse", is_flag=True, help="Worst first."),
    click.option("--filter", "text", metavar="TEXT", help="Only rows that hold every word of TEXT."),
    click.option("--model", metavar="NAME", help="Another model than gpt-oss-120b."),
    click.option(
        "--published", is_flag=True, help="Prices as the pages with the speeds saw them, not today's."
    ),
    click.option(
        "--keys", "only_keys", is_flag=True, help="The keys to get, best first, and how to set each."
    ),
    click.option("--path", "only_path", is_flag=True, help="Where your own catalog file is."),
    json_option,
    catalog_options,
    today_option,
)
@click.pass_context
def providers(
    ctx: click.Context,
    sort: str | None,
    reverse: bool,
    text: str | None,
    model: str | None,
    published: bool,
    only_keys: bool,
    only_path: bool,
    as_json: bool,
    extra: Path | None,
    only: Path | None,
    today: date,
) -> None:
    """List every host of a model: key, dialect, prices in US$ per 1M tokens, published TTFT and tok/s.

    Prices are today's, blended at 3 input tokens to 1 output token. With --published they are those that the
    benchmark pages saw when they measured the speeds. Beside the published TTFT and tok/s stands what your
    own runs found, if there are any, and how many times the published figure that is.
    """
    ctx.obj = Catalogs(extra, only)
    if ctx.invoked_subcommand is not None:
        return
    from osstui.catalog import DEFAULT_MODEL, user_catalog_path

    if only_path:
        Stdout().write(f"{user_catalog_path()}\n")
        return
    catalog = ctx.obj.load()
    model = _known_model(catalog, model or DEFAULT_MODEL)
    around = asyncio.run(look_around(catalog))
    if only_keys:
        from osstui.cli.providers_keys import print_keys

        print_keys(catalog, around, model, as_json)
        return
    from osstui.catalog import rows, table

    here = around.here(today, measured())
    found = rows.rows(catalog, here, model=model, as_published=published)
    found = rows.matching(found, text or "")
    if sort or reverse:
        found = table.ordered(found, sort or "name", reverse=reverse)
    if as_json:
        Stdout().write(json_document(_document(found, catalog, model, today, published)))
    else:
        _print_table(found)


async def look_around(catalog: Catalog, only: Provider | None = None) -> Surroundings:
    """Which keys are there and which local servers answer, as the engine says."""
    from dataclasses import replace

    from osstui import surroundings
    from osstui.engine.local import LocalEngine

    engine = LocalEngine()
    try:
        wanted = catalog if only is None else replace(catalog, providers={only.id: only})
        return await surroundings.look_around(wanted, engine)
    finally:
        await engine.close()


def measured() -> Measured:
    """What the user's own runs found of each host."""
    from osstui.store.own import own_figures
    from osstui.store.schema import history_path

    return own_figures(history_path())


def _known_model(catalog: Catalog, model: str) -> str:
    """The model's name, or the end of the command if nobody sells it."""
    from osstui.catalog.problems import did_you_mean

    sold = {name for provider in catalog.providers.values() for name in provider.models}
    if model not in sold:
        wrong(f'no provider has the model "{model}"{did_you_mean(model, sold)}')
    return model


def _print_table(found: list[Row]) -> None:
    from osstui.catalog import table

    out = Stdout()
    coloured = out.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size().columns if out.is_terminal else None
    lines = table.render(found, width, _paint if coloured else None)
    out.write("\n".join(lines) + "\n")
    narrate(table.LEGEND if found else "no host matches")


def _paint(text: str, kind: str) -> str:
    style = _COLOURS.get(kind)
    if style is None:
        return text
    if style in ("bold", "dim"):
        return click.style(text, bold=style == "bold", dim=style == "dim")
    return click.style(text, fg=style)


def _document(
    found: list[Row], catalog: Catalog, model: str, day: date, published: bool
) -> dict[str, object]:
    return {
        "v": 1,
        "model": model,
        "today": day.isoformat(),
        "prices": "published" if published else "current",
        "providers": [_plain(row, catalog.providers[row.provider].models[model]) for row in found],
    }


def _plain(row: Row, offer: Offer) -> dict[str, object]:
    """A row with every published figure, its source and date."""
    return {
        **asdict(row),
        "price_as_of": row.price_as_of.isoformat() if row.price_as_of else None,
        "published": [page.model_dump(mode="json", exclude_none=True) for page in offer.published],
    }
