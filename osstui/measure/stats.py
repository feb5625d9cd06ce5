"""Statistics over repeats: distribution-free, deterministic; failures are counted, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from random import Random

RESAMPLES = 2000
SEED = 20251
FEWEST = 5
"""Values below which the resamples of a median say nothing: no interval is given."""
Z = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """A difference is called one only then."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Summary:
    """Of one number over repeats, in that number's unit. `failed` repeats gave no number."""

    count: int
    failed: int
    median: float | None
    p5: float | None
    p95: float | None
    interval: Interval | None
    """95 % bootstrap interval of the median."""


def median(values: Sequence[float]) -> float | None:
    """The middle value, or the mean of the two middle ones; None of nothing."""
    return percentile(values, 50)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Linear between the two nearest ranks (Hyndman & Fan's type 7, numpy's default); None of nothing."""
    if not values:
        return None
    return _at(sorted(values), percent)


def summarize(values: Sequence[float | None]) -> Summary:
    """Folds repeats: a None is a repeat that failed."""
    known = sorted(value for value in values if value is not None)
    return Summary(
        count=len(known),
        failed=len(values) - len(known),
        median=percentile(known, 50),
        p5=percentile(known, 5),
        p95=percentile(known, 95),
        interval=median_interval(known),
    )


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Bootstrap interval of the median (percentile method, fixed seed); None below 5 values."""
    if len(values) < FEWEST:
        return None
    return _interval(_medians(values, _random()), confidence)


def difference_interval(a: Sequence[float], b: Sequence[float], confidence: float = 0.95) -> Interval | None:
    """Bootstrap interval of median(a) − median(b), resampled apart; None below 5 values in either."""
    if min(len(a), len(b)) < FEWEST:
        return None
    random = _random()
    pairs = zip(_medians(a, random), _medians(b, random), strict=True)
    return _interval([one - other for one, other in pairs], confidence)


def wilson(hits: float, tries: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927), which holds for few tries and for 0 and 1."""
    share, square = hits / tries, Z * Z
    middle = share + square / (2 * tries)
    spread = Z * sqrt(share * (1 - share) / tries + square / (4 * tries * tries))
    scale = 1 + square / tries
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def _random() -> Random:
    return Random(SEED)  # noqa: S311 - resampling, no secret


def _medians(values: Sequence[float], random: Random) -> list[float]:
    size = len(values)
    return [_at(sorted(random.choices(values, k=size)), 50) for _ in range(RESAMPLES)]


def _interval(medians: Sequence[float], confidence: float) -> Interval:
    ordered = sorted(medians)
    tail = (1 - confidence) / 2 * 100
    return Interval(_at(ordered, tail), _at(ordered, 100 - tail))


def _at(ordered: Sequence[float], percent: float) -> float:
    rank = (len(ordered) - 1) * percent / 100
    below = int(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)
