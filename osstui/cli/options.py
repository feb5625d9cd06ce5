"""Options that several commands share, each declared once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import reduce
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osstui.cli.group import narrate, wrong

if TYPE_CHECKING:
    from osstui.catalog import Catalog

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


class Finite(click.FloatRange):
    """A float of a range, and neither nan nor inf, which no JSON can carry."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


def _hosts(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """What a shell completes: the last of several hosts."""
    from osstui.catalog import load_catalog

    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in load_catalog().providers if name.startswith(last)]


def _presets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from osstui.catalog import load_catalog

    return [name for name in load_catalog().presets if name.startswith(incomplete)]


def together(*decorators: Decorator) -> Decorator:
    """Several options as one decorator, in the order written."""
    return lambda command: reduce(lambda inner, add: add(inner), reversed(decorators), command)


catalog_options = together(
    click.option("--catalog", "extra", type=_FILE, metavar="FILE", help="Merge FILE over the catalog."),
    click.option("--catalog-only", "only", type=_FILE, metavar="FILE", help="Use FILE as the whole catalog."),
)

lane_options = together(
    click.option(
        "-p", "--provider", "lanes", multiple=True, metavar="PROVIDER[:MODEL]",
        help="Ask this host; repeat it, or separate several with commas.", shell_complete=_hosts,
    ),
    click.option("--preset", metavar="NAME", shell_complete=_presets,
                 help="Ask a named set of the catalog, such as balanced."),
    click.option("--demo", is_flag=True, help="Ask simulated hosts on this machine: no key, no cost."),
)  # fmt: skip

record_option = click.option(
    "--record", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Append every event to FILE, as JSON lines.",
)  # fmt: skip

history_option = click.option(
    "--no-history", "history", is_flag=True, flag_value=False, default=True,
    help="Keep nothing of this in the history.",
)  # fmt: skip

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document.")

today_option = click.option(
    "--today", type=click.DateTime(["%Y-%m-%d"]), hidden=True,
    callback=lambda ctx, param, value: (value or datetime.now().astimezone()).date(),
)  # fmt: skip
"""The day that ages of prices are reckoned from."""


def one_choice(lanes: tuple[str, ...], preset: str | None) -> None:
    """Ends the command when lanes are named twice over."""
    if lanes and preset:
        wrong("--provider and --preset exclude each other")


def load(extra: Path | None, only: Path | None) -> Catalog:
    """The catalog that the options name; its problems go to stderr. An unusable one ends the command."""
    from osstui.catalog import CatalogError, load_catalog

    try:
        catalog = load_catalog(extra=extra, only=only)
    except CatalogError as error:
        wrong(str(error))
    for problem in catalog.problems:
        narrate(str(problem))
    return catalog
