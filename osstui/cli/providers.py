"""`osstui providers`: who can be asked, at which price, how fast by what is published, and with which key."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osstui.cli.group import wrong
from osstui.cli.options import catalog_options, load, together
from osstui.cli.output import Stdout, json_document
from osstui.safe_text import visible, visible_line

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Provider
    from osstui.catalog.first_run import FirstRun
    from osstui.catalog.table import Row
    from osstui.tui.start import Surroundings

SORTS = (
    "throughput", "latency", "blended", "input", "output", "cached", "context", "name", "title", "key",
    "dialect", "status", "age",
)  # fmt: skip
_COLOURS = {"head": "bold", "good": "green", "missing": "dim", "stale": "yellow", "dim": "dim"}

_today_option = click.option("--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True)
_json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


class Catalogs:
    """Which catalog files the command line names, before or behind the subcommand."""

    def __init__(self, extra: Path | None, only: Path | None) -> None:
        self.extra, self.only = extra, only

    def load(self, extra: Path | None = None, only: Path | None = None) -> Catalog:
        return load(extra or self.extra, only or self.only)


@click.group(invoke_without_command=True, short_help="Hosts with prices, keys and speeds.")
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
    _json_option,
    catalog_options,
    _today_option,
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
    today: datetime | None,
) -> None:
    """List every host of a model: key, dialect, prices in US$ per 1M tokens, published TTFT and tok/s.

    Prices are today's, blended at 3 input tokens to 1 output token. With --published they are those that the
    benchmark pages saw when they measured the speeds.
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
    around = asyncio.run(_look_around(catalog))
    if only_keys:
        _print_keys(catalog, around, model, as_json)
        return
    from osstui.catalog import table

    day = _day(today)
    servers = {name: server.up for name, server in around.servers.items()}
    found = table.rows(catalog, around.keys, servers, day, model=model, as_published=published)
    found = table.matching(found, text or "")
    if sort or reverse:
        found = table.ordered(found, sort or "name", reverse=reverse)
    if as_json:
        Stdout().write(json_document(_document(found, model, day, published)))
    else:
        _print_table(found)


@providers.command(short_help="Everything about one host.")
@click.argument("provider_id", metavar="ID")
@_json_option
@catalog_options
@_today_option
@click.pass_obj
def show(
    catalogs: Catalogs,
    provider_id: str,
    as_json: bool,
    extra: Path | None,
    only: Path | None,
    today: datetime | None,
) -> None:
    """Print an entry whole: address, variables, quirks, every price and published figure with its source."""
    from osstui.catalog import CatalogError
    from osstui.catalog.entry import describe
    from osstui.catalog.shells import shell_of
    from osstui.tui.start import default_spec

    catalog = catalogs.load(extra, only)
    try:
        provider = catalog.provider(provider_id)
        target = catalog.target(default_spec(provider))
    except CatalogError as error:
        wrong(str(error))
    out = Stdout()
    if as_json:
        out.write(json_document(provider.model_dump(mode="json")))
        return
    around = asyncio.run(_look_around(catalog, only=provider))
    server = around.servers.get(provider.id)
    lines = describe(
        provider,
        target,
        _address(provider, catalog),
        around.keys.get(provider.id),
        server.up if server else None,
        _day(today),
        shell_of(os.environ, windows=sys.platform == "win32"),
    )
    text = "\n".join(lines) + "\n"
    out.write(visible(text) if out.is_terminal else text)


@providers.command(short_help="Check a catalog file of your own.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--alone", is_flag=True, help="Check it for --catalog-only: nothing is taken from the shipped one."
)
def test(file: Path, alone: bool) -> int:
    """Name every mistake with file and line. Exit code 0: none, 1: some, 2: the file can't be read."""
    from osstui.catalog import check_catalog
    from osstui.catalog.problems import BrokenFileError

    try:
        file.read_bytes()
    except OSError as error:
        wrong(f"{file}: can't be read: {error.strerror or error}")
    try:
        catalog = check_catalog(file, alone=alone)
    except BrokenFileError as error:
        problems = [error.problem]
    else:
        problems = list(catalog.problems)
    out = Stdout()
    for problem in problems:
        out.write(f"{visible_line(str(problem))}\n")
    if not problems:
        out.write(f"{visible_line(str(file))}: no mistakes\n")
    return 1 if problems else 0


async def _look_around(catalog: Catalog, only: Provider | None = None) -> Surroundings:
    """Which keys are there and which local servers answer, as the engine says."""
    from dataclasses import replace

    from osstui.engine.local import LocalEngine
    from osstui.tui.start import look_around

    engine = LocalEngine()
    try:
        wanted = catalog if only is None else replace(catalog, providers={only.id: only})
        return await look_around(wanted, engine)
    finally:
        await engine.close()


def _address(provider: Provider, catalog: Catalog) -> str:
    """What a request is posted to, as far as variables are known."""
    from osstui.engine.address import AddressError, base_url
    from osstui.engine.dialects import DIALECTS
    from osstui.job import Lane
    from osstui.tui.start import default_spec

    target = catalog.target(default_spec(provider))
    path = DIALECTS[provider.dialect].build(Lane(provider.id, target, ())).path
    try:
        return base_url(target) + path
    except AddressError:
        return provider.base_url.rstrip("/") + path


def _known_model(catalog: Catalog, model: str) -> str:
    """The model's name, or the end of the command if nobody sells it."""
    from osstui.catalog.problems import did_you_mean

    sold = {name for provider in catalog.providers.values() for name in provider.models}
    if model not in sold:
        wrong(f'no provider has the model "{model}"{did_you_mean(model, sold)}')
    return model


def _day(today: datetime | None) -> date:
    return today.date() if today is not None else datetime.now().astimezone().date()


def _print_table(found: list[Row]) -> None:
    from osstui.catalog import table

    out = Stdout()
    coloured = out.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    width = shutil.get_terminal_size().columns if out.is_terminal else None
    lines = table.render(found, width, _paint if coloured else None)
    out.write("\n".join(lines) + "\n")
    if any(row.freshness in ("stale", "undated") for row in found):
        click.echo(table.LEGEND, err=True)


def _paint(text: str, kind: str) -> str:
    style = _COLOURS.get(kind)
    if style is None:
        return text
    if style in ("bold", "dim"):
        return click.style(text, bold=style == "bold", dim=style == "dim")
    return click.style(text, fg=style)


def _document(found: list[Row], model: str, day: date, published: bool) -> dict[str, object]:
    rows = [
        {**asdict(row), "price_as_of": row.price_as_of.isoformat() if row.price_as_of else None}
        for row in found
    ]
    return {
        "v": 1,
        "model": model,
        "today": day.isoformat(),
        "prices": "published" if published else "current",
        "providers": rows,
    }


def _print_keys(catalog: Catalog, around: Surroundings, model: str, as_json: bool) -> None:
    from osstui.catalog.first_run import first_run
    from osstui.catalog.shells import shell_of

    shell = shell_of(os.environ, windows=sys.platform == "win32")
    found = first_run(catalog, around.keys, list(around.servers.values()), model=model, shell=shell)
    if as_json:
        Stdout().write(json_document({"v": 1, "model": model, **asdict(found)}))
    else:
        Stdout().write("".join(f"{visible_line(line)}\n" for line in _key_lines(found)))


def _key_lines(found: FirstRun) -> list[str]:
    lines = []
    for key in found.keys:
        figures = [
            f"${key.blended:.4g} per 1M tokens" if key.blended is not None else "",
            f"{key.output_tps:,.0f} tok/s" if key.output_tps is not None else "",
        ]
        what = ", ".join([*key.providers, *filter(None, figures)])
        needs = "" if key.present or key.source.isupper() else f", needs {key.source}"
        todo = "; ".join(key.lines) or ("✓ " if key.present else "") + key.source
        lines.append(f"{todo}  # {what}{needs}")
    lines += [
        f"# {provider} answers here: {', '.join(models[:5]) or 'it lists no model'}"
        for provider, models in found.servers
    ]
    return lines
