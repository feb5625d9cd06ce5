"""Who leads in what, and what a run came to so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from osstui.measure.cost import cost_of
from osstui.measure.metrics import BY_KEY, Metric
from osstui.measure.run import RunState

RACED = ("ttft", "speed", "cost")


def leaders(run: RunState, keys: tuple[str, ...] = RACED) -> dict[str, tuple[str, ...]]:
    """For each metric the lanes with the best value; several when equal, none when nothing was to be beaten.

    Lanes that were cut, failed or cancelled don't lead, and a cost leads only when the answer is whole:
    stopping early is no merit, nor is an answer without a word.
    """
    return {key: _best(run, BY_KEY[key]) for key in keys}


def _best(run: RunState, metric: Metric) -> tuple[str, ...]:
    whole = {"ok"} if metric.key in ("cost", "e2e") else {"ok", "thinking", "streaming"}
    entered = {name: lane for name, lane in run.lanes.items() if lane.status in whole and lane.pieces}
    values = {name: value for name, lane in entered.items() if (value := metric.value(lane)) is not None}
    if len(values) < 2 or metric.better is None:
        return ()
    best = min(values.values()) if metric.better == "low" else max(values.values())
    return tuple(name for name, value in values.items() if value == best)


@dataclass(frozen=True, slots=True)
class Totals:
    """A run in one line. `cost_usd` adds what is known; `cost_unknown` lanes are not in it."""

    lanes: int
    ok: int
    cut: int
    failed: int
    cancelled: int
    live: int
    cost_usd: float | None
    cost_approximate: bool
    cost_unknown: int


def totals(run: RunState) -> Totals:
    """Counts lanes and adds up the money."""
    states = list(run.lanes.values())
    count = Counter(lane.status for lane in states)
    costs = [cost_of(lane) for lane in states]
    known = [cost.usd for cost in costs if cost.usd is not None]
    return Totals(
        lanes=len(states),
        ok=count["ok"],
        cut=count["cut"],
        failed=count["failed"],
        cancelled=count["cancelled"],
        live=sum(lane.live for lane in states),
        cost_usd=sum(known) if known else None,
        cost_approximate=any(cost.approximate for cost in costs),
        cost_unknown=len(states) - len(known),
    )
