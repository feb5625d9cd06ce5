"""`osstui check`: is a host up, does it take the key, does it serve the model, does it do what it says?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from osstui.cli.group import wrong
from osstui.cli.options import Finite, catalog_options, lane_options, load, one_choice, together

if TYPE_CHECKING:
    from osstui.checks.model import Check

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_OUT = click.Path(dir_okay=False, path_type=Path)


class Duration(click.ParamType[float]):
    """Seconds, written as 30s, 10m, 2h or 1d; a bare number is seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        match = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?)([smhd]?)", str(value).strip())
        if match is None or not float(match[1]):
            self.fail(f"{value!r} is no duration such as 30s, 10m or 2h", param, ctx)
        return float(match[1]) * _UNITS[match[2] or "s"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a command line orders, checked as far as it goes without the catalog."""

    lanes: tuple[str, ...]
    preset: str | None
    demo: bool
    checks: tuple[Check, ...]
    as_json: bool
    junit: Path | None
    max_cost: float | None
    yes: bool
    watch: float | None
    jsonl: Path | None
    baseline: dict[str, Any] | None
    otel: bool


level_options = together(
    click.option("--quick", "level", flag_value="quick", default=True,
                 help="Reach, auth, model, stream, usage, a tool call: a few tokens a host. The default."),
    click.option("--full", "level", flag_value="full", help="All but what is slow or dear: a cent a host."),
    click.option("--deep", "level", flag_value="deep",
                 help="Also long prompts, long answers and distributions: some cents a host."),
    click.option("--only", "chosen", multiple=True, metavar="A,B",
                 help="These checks or groups alone, whatever the level."),
    click.option("--skip", "skipped", multiple=True, metavar="A,B", help="All but these checks or groups."),
)  # fmt: skip


@click.command(short_help="Check hosts: up, key, model, streaming, usage, tools, errors and more.")
@lane_options
@level_options
@click.option("--json", "as_json", is_flag=True, help="One document on stdout.")
@click.option("--junit", type=_OUT, metavar="FILE", help="Also write JUnit XML.")
@click.option("--max-cost", type=Finite(min=0), metavar="USD", help="Stop before this is passed.")
@click.option("--yes", is_flag=True, help="Don't ask before spending.")
@click.option("--watch", type=Duration(), metavar="10m", help="Repeat at this interval until interrupted.")
@click.option("--jsonl", type=_OUT, metavar="FILE", help="Append each document as a line.")
@click.option(
    "--baseline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Say what changed since this --json document (or the last line of a --jsonl file).",
)
@click.option("--otel", is_flag=True, help="Send OpenTelemetry metrics (needs osstui[otel]).")
@click.option("--list", "listing", is_flag=True, help="List the checks with their rules and end.")
@catalog_options
def check(
    lanes: tuple[str, ...],
    preset: str | None,
    demo: bool,
    level: Literal["quick", "full", "deep"],
    chosen: tuple[str, ...],
    skipped: tuple[str, ...],
    as_json: bool,
    junit: Path | None,
    max_cost: float | None,
    yes: bool,
    watch: float | None,
    jsonl: Path | None,
    baseline: Path | None,
    otel: bool,
    listing: bool,
    extra: Path | None,
    only: Path | None,
) -> int:
    """Check hosts and print a matrix with the reason behind each cell that does not pass.

    Without -p or --preset all hosts are checked that have a key here.

    Exit codes: 0 no check failed, 1 some failed, 2 wrong usage, 3 nothing could be checked, 130 interrupted.
    """
    one_choice(lanes, preset)
    from osstui.checks.table import UnknownCheckError, choose

    try:
        checks = choose(level, _split(chosen), _split(skipped))
    except UnknownCheckError as error:
        wrong(str(error))
    if not checks:
        wrong("no check is left; see osstui check --list")
    if listing:
        for row in checks:
            click.echo(f"{row.id}  ({row.level}, {row.group}) {row.title}\n    {row.rule}")
        return 0
    catalog = load(extra, only)
    from osstui.cli.battery import carry_out, read_baseline

    known = read_baseline(baseline) if baseline else None
    order = Order(lanes, preset, demo, checks, as_json, junit, max_cost, yes, watch, jsonl, known, otel)
    return carry_out(order, catalog)


def _split(values: tuple[str, ...]) -> list[str]:
    return [name.strip() for value in values for name in value.split(",") if name.strip()]
