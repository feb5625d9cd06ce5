"""`osstui catalog update`: today's prices from public lists, into a file of the user's."""

from __future__ import annotations

import asyncio
import sys
from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from osstui.cli.group import narrate, wrong
from osstui.cli.options import today_option
from osstui.cli.output import Stdout
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.price_lists import Listed
    from osstui.catalog.update import Plan

SOURCES = ("openrouter", "models.dev")
_SHOWN_UNKNOWN = 20
_FAILED = 1


@click.group(invoke_without_command=True, short_help="Update prices.")
@click.pass_context
def catalog(ctx: click.Context) -> None:
    """Look after the catalog of hosts and prices."""
    if ctx.invoked_subcommand is None:
        wrong("say what to do with the catalog: osstui catalog update")


@catalog.command(short_help="Fetch today's prices.")
@click.option("--model", metavar="NAME", default=None, help="Another model than gpt-oss-120b.")
@click.option("--source", "sources", type=click.Choice(SOURCES), multiple=True, help="Only this list.")
@click.option("--yes", is_flag=True, help="Write without asking.")
@click.option("--dry-run", is_flag=True, help="Show what would change and write nothing.")
@click.option("--openrouter-url", default="https://openrouter.ai/api/v1", hidden=True)
@click.option("--models-dev-url", default="https://models.dev/api.json", hidden=True)
@today_option
def update(
    model: str | None,
    sources: tuple[str, ...],
    yes: bool,
    dry_run: bool,
    openrouter_url: str,
    models_dev_url: str,
    today: date,
) -> int:
    """Show what OpenRouter and models.dev say of prices and sizes today, and keep it if you like.

    It goes into prices.yaml beside your own providers.yaml, which is not touched and still wins. No key is
    sent anywhere. Exit code 1: nothing could be fetched or written.
    """
    from osstui.catalog import DEFAULT_MODEL, CatalogError, fetched_prices_path
    from osstui.catalog.load import load_fetched
    from osstui.catalog.update import UpdateError, plan, write

    model = model or DEFAULT_MODEL
    path = fetched_prices_path()
    try:
        known = load_fetched(path)
    except CatalogError as error:
        wrong(str(error))
    addresses = _addresses(known, model, sources or SOURCES, openrouter_url, models_dev_url)
    lists = asyncio.run(_fetch(addresses, model))
    if not lists:
        return _FAILED
    found = plan(known, model, lists, today)
    Stdout().write("".join(f"{visible_line(line)}\n" for line in _diff(found)))
    if not found.entries or dry_run or not _agreed(yes):
        return 0
    try:
        write(path, found.entries)
    except UpdateError as error:
        narrate(str(error))
        return _FAILED
    narrate(f"written to {path}")
    return 0


def _addresses(
    known: Catalog, model: str, sources: tuple[str, ...], openrouter: str, models_dev: str
) -> dict[str, str]:
    router = known.providers.get("openrouter")
    offer = router.models.get(model) if router else None
    found = {}
    if "openrouter" in sources and offer is not None:
        slug = quote(offer.id.partition(":")[0])
        found["openrouter"] = f"{openrouter.rstrip('/')}/models/{slug}/endpoints"
    if "models.dev" in sources:
        found["models.dev"] = models_dev
    if not found:
        wrong(f"OpenRouter's id of {model} is not in the catalog; try --source models.dev")
    return found


async def _fetch(addresses: dict[str, str], model: str) -> list[list[Listed]]:
    """What could be had, OpenRouter first; what failed is told on one line of stderr."""
    from osstui.catalog.price_lists import PriceListError, read_models_dev, read_openrouter
    from osstui.engine.fetch import FetchError, get

    bodies = await asyncio.gather(*(get(url) for url in addresses.values()), return_exceptions=True)
    lists, failed = [], []
    for source, body in zip(addresses, bodies, strict=True):
        try:
            if isinstance(body, BaseException):
                raise body
            lists.append(read_openrouter(body) if source == "openrouter" else read_models_dev(body, model))
        except (FetchError, PriceListError) as error:
            failed.append(str(error))
    if failed:
        narrate(f"can't fetch prices: {'; '.join(failed)}")
    return lists


def _diff(found: Plan) -> list[str]:
    lines = [
        f"{c.provider}:{c.model}  {c.field}  {_figure(c.old)} → {_figure(c.new)} ({c.source})"
        for c in found.changes
    ]
    if found.confirmed:
        lines.append(f"unchanged, confirmed today: {', '.join(found.confirmed)}")
    lines += [f"left as it is: {line}" for line in found.unclear]
    if found.gone:
        lines.append(f"no longer listed, keeps its price and date: {', '.join(found.gone)}")
    if found.unknown:
        names = [
            f"{host.names[0]} ({host.input:g}/{host.output:g})" for host in found.unknown[:_SHOWN_UNKNOWN]
        ]
        more = (
            f" and {len(found.unknown) - _SHOWN_UNKNOWN} more" if len(found.unknown) > _SHOWN_UNKNOWN else ""
        )
        lines.append(f"also sold by hosts without an entry: {', '.join(names)}{more}")
    return lines or ["the lists name none of the catalog's hosts"]


def _figure(value: float | int | None) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        narrate("nothing is written without --yes, because nobody can be asked here")
        return False
    return click.confirm("Keep these prices?", default=False, err=True)
