"""Repeats for people: one table of medians, and which differences are real."""

from __future__ import annotations

from collections.abc import Iterable

from osstui.cli.plain import Figures, aligned
from osstui.measure.format import UNKNOWN, Unit, show
from osstui.measure.metrics import BY_KEY
from osstui.measure.repeats import Comparison, LaneRepeats, Repeats, compare
from osstui.measure.stats import FEWEST, Summary
from osstui.safe_text import visible_line

COLUMNS = ("ttft", "speed", "e2e", "tokens", "cost")
_LEGEND = "Median (p5–p95) of the runs that ended well; n: so many of them have that number."
_RULE = "A difference is one when its 95 % bootstrap interval excludes zero:"


def table(repeats: Repeats) -> str:
    """One line a lane, then a line for each metric that lanes are compared by."""
    header = ["lane", "runs", *(BY_KEY[key].title for key in COLUMNS)]
    rows = [[visible_line(name), counts(lane), *_cells(lane)] for name, lane in repeats.lanes.items()]
    lines = [*aligned([header, *rows]), "", _LEGEND, *cached(repeats)]
    if told := verdicts(compare(repeats)):
        lines += ["", _RULE, *told]
    return "\n".join(lines) + "\n"


def cached(repeats: Repeats) -> list[str]:
    """Who answered out of a cache: the same prompt again is no new one, and its TTFT is shorter."""
    told = [
        f"{visible_line(name)} in {lane.cached} of {lane.statuses['ok']}"
        for name, lane in repeats.lanes.items()
        if lane.cached
    ]
    return [f"Runs with input from the host's cache, which shortens TTFT: {', '.join(told)}."] if told else []


def medians(repeats: Repeats) -> dict[str, Figures]:
    """What the runs come to that can be set beside what is published."""
    found = {name: lane.summaries() for name, lane in repeats.lanes.items()}
    return {name: (each["ttft"].median, each["speed"].median) for name, each in found.items()}


def counts(lane: LaneRepeats) -> str:
    """`10 ok`, `7 ok, 2 failed, 1 cut`."""
    names = ("ok", "failed", "cut", "cancelled")
    return ", ".join(f"{lane.statuses[name]} {name}" for name in names if name == "ok" or lane.statuses[name])


def cell(summary: Summary, unit: Unit, ok: int) -> str:
    """`204 ms (198–240)`; with `n=3` where not each of the `ok` runs has the number."""
    if summary.median is None:
        return UNKNOWN
    told = [show(value, unit) for value in (summary.median, summary.p5, summary.p95)]
    middle, low, high = told
    units = {text.partition(" ")[2] for text in told}
    if len(units) == 1:
        low, high = low.partition(" ")[0], high.partition(" ")[0]
    return f"{middle} ({low}–{high})" + ("" if summary.count == ok else f" n={summary.count}")


def verdicts(comparisons: Iterable[Comparison]) -> list[str]:
    """One line for each metric; one in all when there is nothing to compare with."""
    told = list(comparisons)
    if told and all(each.best is None for each in told):
        return [f"Nothing is told apart: that takes {FEWEST} values each of two lanes at least."]
    return [f"{BY_KEY[each.metric].title}: {_verdict(each)}" for each in told]


def _cells(lane: LaneRepeats) -> list[str]:
    summaries, ok = lane.summaries(), lane.statuses["ok"]
    return [cell(summaries[key], BY_KEY[key].unit, ok) for key in COLUMNS]


def _verdict(each: Comparison) -> str:
    few = [f"{visible_line(name)} ({count} of {FEWEST} values)" for name, count in each.uncompared.items()]
    left_out = f"not compared: {', '.join(few)}"
    if each.best is None:
        return left_out
    best, behind = visible_line(each.best), [visible_line(d.other) for d in each.differences if d.real]
    if each.level:
        level = ", ".join([best, *map(visible_line, each.level)])
        parts = [f"not told apart: {level}"]
        if behind:
            parts.append(f"{best} is better than {', '.join(behind)}")
    else:
        parts = [f"{best} is better than {_nearest(each)}"]
        if behind[1:]:
            parts.append(f"and than {', '.join(behind[1:])}")
    return "; ".join([*parts, left_out] if few else parts)


def _nearest(each: Comparison) -> str:
    difference, unit = each.differences[0], BY_KEY[each.metric].unit
    interval = difference.interval
    low, high = sorted([abs(interval.low), abs(interval.high)])
    by = f"{show(abs(difference.value), unit)} ({show(low, unit)} to {show(high, unit)})"
    return f"{visible_line(difference.other)} by {by}"
