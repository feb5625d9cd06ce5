"""Answers and numbers for people: what `osstui ask` prints without `--json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from osstui.events import ToolCall
from osstui.measure.format import show
from osstui.measure.leaders import totals
from osstui.measure.metrics import BY_KEY
from osstui.measure.run import LaneState, RunState
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.catalog import Offer

COLUMNS = ("ttft", "ttfa", "speed", "e2e", "tokens", "cost")
_LONGEST_ERROR = 400


def report(run: RunState) -> str:
    """Each answer under a heading, then one table. Answers stand as they came, unfit for a terminal."""
    return answers(run) + table(run)


def answers(run: RunState) -> str:
    """Each answer under a heading, an empty line at the end."""
    return "".join(_answer(name, lane) for name, lane in run.lanes.items())


def table(run: RunState) -> str:
    """One line a lane; numbers that nobody knows are dashes."""
    header = ["lane", "status", *(BY_KEY[key].title for key in COLUMNS)]
    rows = [
        [visible_line(name), _status(lane), *(BY_KEY[key].show(lane) for key in COLUMNS)]
        for name, lane in run.lanes.items()
    ]
    total = totals(run)
    if total.lanes > 1:
        cost = show(total.cost_usd, "$", approximate=total.cost_approximate or bool(total.cost_unknown))
        rows.append(["total", f"{total.ok}/{total.lanes} ok", *[""] * (len(COLUMNS) - 1), cost])
    return "\n".join(aligned([header, *rows])) + "\n"


Figures = tuple[float | None, float | None]
"""TTFT in milliseconds and output tokens per second."""


def published(offers: Mapping[str, Offer], measured: Mapping[str, Figures]) -> str:
    """A line for each lane whose host has published figures: source, age, and how many times that was
    measured."""
    from osstui.catalog.published import comparison

    lines = []
    for name, (ttft_ms, speed) in measured.items():
        offer = offers.get(name)
        seconds = None if ttft_ms is None else ttft_ms / 1000
        if offer is not None and (told := comparison(offer, seconds, speed, date.today())):
            lines.append([visible_line(name), visible_line(told)])
    return "\n".join(["", "published", *aligned(lines)]) + "\n" if lines else ""


def figures(run: RunState) -> dict[str, Figures]:
    """What was measured of each lane that can be set beside what is published."""
    return {
        name: (BY_KEY["ttft"].value(lane), BY_KEY["speed"].value(lane)) for name, lane in run.lanes.items()
    }


def remarks(run: RunState) -> list[str]:
    """One line each: warnings, and why a speed or a cost is missing from an answer that is there."""
    lines = []
    for name, lane in run.lanes.items():
        said = [*lane.warnings]
        if lane.t_first is not None:
            missing = {key: BY_KEY[key].why_missing(lane) for key in ("speed", "cost")}
            said += [f"no {key}: {why}" for key, why in missing.items() if why is not None]
        lines += [visible_line(f"{name}: {text}", _LONGEST_ERROR) for text in said]
    return lines


def failure(lane: LaneState) -> str | None:
    """What went wrong, on one safe line."""
    error = lane.error
    if error is None:
        return None
    status = f" {error.status}" if error.status else ""
    return visible_line(f"{error.kind}{status}: {error.message}", _LONGEST_ERROR)


def _answer(name: str, lane: LaneState) -> str:
    heading = f"## {visible_line(name)} · {visible_line(lane.info.model)}"
    if lane.status != "ok":
        heading += f" · {lane.status}"
    parts = [heading]
    if lane.text:
        parts.append(lane.text.rstrip("\n"))
    if lane.calls:
        parts += [_call(lane, call) for call in lane.calls]
    elif lane.tool:
        parts.append(f"(tool call) {lane.tool}")
    if not lane.text and not lane.tool:
        parts.append(f"({BY_KEY['ttfa'].why_missing(lane)})")
    if (why := failure(lane)) is not None:
        parts.append(f"! {why}")
    return "\n\n".join(parts) + "\n\n"


def _call(lane: LaneState, call: ToolCall) -> str:
    """Name, arguments as written, and whether they fit the schema where there is one."""
    line = f"(tool call) {visible_line(call.name)} {call.arguments}"
    if not lane.info.tools:
        return line
    from osstui.tools import call_problem

    problem = call_problem(call.name, call.arguments, lane.info.tools)
    return f"{line}\n✓ fits its schema" if problem is None else f"{line}\n✗ {problem}"


def _status(lane: LaneState) -> str:
    if lane.status == "ok" and lane.ended is not None and lane.ended.reason != "stop":
        return lane.ended.reason
    return lane.status


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines: the first two columns to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
