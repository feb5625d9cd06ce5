"""Statistics over repeats of one question: each lane's numbers, and which differences are real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from osstui.measure.cost import cost_of
from osstui.measure.lane import LaneState
from osstui.measure.metrics import BY_KEY
from osstui.measure.run import RunState
from osstui.measure.stats import FEWEST, Interval, Summary, difference_interval, median, summarize
from osstui.measure.tokens import tokens_of

FIGURES = {
    "ttft": "ttft_ms",
    "ttfa": "ttfa_ms",
    "speed": "output_tps",
    "e2e": "e2e_ms",
    "tokens": "output_tokens",
    "cost": "cost_usd",
}
"""The metrics that are folded, and what they are called in the document, unit included."""
COMPARED = ("ttft", "speed", "e2e", "cost")


@dataclass(slots=True)
class LaneRepeats:
    """One lane over all runs. A run that didn't end well gives no number: stopping early is no merit."""

    runs: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    """ok, failed, cut and cancelled; a lane without an ending counts as cancelled."""
    cached: int = 0
    """Runs that ended well and took input from the host's cache: their TTFT is not that of a new prompt."""
    values: dict[str, list[float | None]] = field(default_factory=lambda: {key: [] for key in FIGURES})

    def add(self, lane: LaneState) -> None:
        self.runs += 1
        self.statuses["cancelled" if lane.live else lane.status] += 1
        self.cached += lane.status == "ok" and bool(tokens_of(lane).cached)
        for key, values in self.values.items():
            values.append(BY_KEY[key].value(lane) if lane.status == "ok" else None)

    def known(self, key: str) -> list[float]:
        """The values of the runs that gave one."""
        return [value for value in self.values[key] if value is not None]

    def summaries(self) -> dict[str, Summary]:
        """By metric; `failed` counts the runs without that number."""
        return {key: summarize(values) for key, values in self.values.items()}


@dataclass(slots=True)
class Repeats:
    """The fold of many runs: it keeps their numbers and lets go of their texts."""

    lanes: dict[str, LaneRepeats] = field(default_factory=dict)
    runs: int = 0
    spent_usd: float = 0.0
    """All that is known to have been spent, on failed lanes too."""

    def add(self, run: RunState) -> None:
        """Takes a run that is over."""
        self.runs += 1
        for name, lane in run.lanes.items():
            self.lanes.setdefault(name, LaneRepeats()).add(lane)
            self.spent_usd += cost_of(lane).usd or 0.0

    @property
    def all_ok(self) -> bool:
        """Every lane of every run ended well."""
        return all(lane.statuses["ok"] == lane.runs for lane in self.lanes.values())


@dataclass(frozen=True, slots=True)
class Difference:
    """Of the best lane's median to another's, in the metric's unit: best − other."""

    other: str
    value: float
    interval: Interval
    """95 % bootstrap interval."""

    @property
    def real(self) -> bool:
        return self.interval.excludes_zero


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric: the lane with the best median against each other lane."""

    metric: str
    best: str | None
    """None when fewer than two lanes have values enough."""
    differences: tuple[Difference, ...]
    """The nearest median first."""
    uncompared: dict[str, int]
    """Lanes with too few values for an interval, and how many they have."""

    @property
    def level(self) -> tuple[str, ...]:
        """The others that can't be told apart from the best."""
        return tuple(each.other for each in self.differences if not each.real)

    @property
    def leads(self) -> bool:
        """The best is better than every lane that it was compared with."""
        return self.best is not None and not self.level


def compare(repeats: Repeats) -> tuple[Comparison, ...]:
    """What can be said of `COMPARED`; nothing when there is only one lane."""
    if len(repeats.lanes) < 2:
        return ()
    return tuple(_comparison(key, repeats.lanes) for key in COMPARED)


def _comparison(key: str, lanes: Mapping[str, LaneRepeats]) -> Comparison:
    values = {name: lane.known(key) for name, lane in lanes.items()}
    uncompared = {name: len(known) for name, known in values.items() if len(known) < FEWEST}
    medians = {
        name: middle
        for name, known in values.items()
        if name not in uncompared and (middle := median(known)) is not None
    }
    if len(medians) < 2:
        return Comparison(key, None, (), uncompared)
    best, *others = sorted(medians, key=medians.__getitem__, reverse=BY_KEY[key].better == "high")
    differences = []
    for other in others:
        interval = difference_interval(values[best], values[other])
        assert interval is not None
        differences.append(Difference(other, medians[best] - medians[other], interval))
    return Comparison(key, best, tuple(differences), uncompared)


def document(repeats: Repeats, asked: int, runs: Sequence[object]) -> dict[str, object]:
    """The `--json` document of `asked` repeats; `runs` are those of the runs that there were, one each."""
    return {
        "v": 1,
        "repeats": asked,
        "runs": list(runs),
        "summary": [_lane(name, lane) for name, lane in repeats.lanes.items()],
        "differences": [_compared(each) for each in compare(repeats) if each.best is not None],
    }


def _lane(name: str, lane: LaneRepeats) -> dict[str, object]:
    counts = {status: lane.statuses[status] for status in ("ok", "failed", "cut", "cancelled")}
    metrics = {FIGURES[key]: _summary(summary) for key, summary in lane.summaries().items()}
    return {"lane": name, "runs": lane.runs, **counts, "cached": lane.cached, "metrics": metrics}


def _summary(summary: Summary) -> dict[str, object]:
    return {
        "median": summary.median,
        "p5": summary.p5,
        "p95": summary.p95,
        "interval": summary.interval and [summary.interval.low, summary.interval.high],
        "n": summary.count,
    }


def _compared(each: Comparison) -> dict[str, object]:
    return {
        "metric": FIGURES[each.metric],
        "best": each.best,
        "leads": each.leads,
        "others": [
            {
                "lane": difference.other,
                "difference": difference.value,
                "interval": [difference.interval.low, difference.interval.high],
                "real": difference.real,
            }
            for difference in each.differences
        ],
        "uncompared": each.uncompared,
    }
