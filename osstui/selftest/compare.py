"""What was measured against the truth, lane by lane."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast
from urllib.request import urlopen

from osstui.measure.cost import cost_of, priced
from osstui.measure.lane import LaneState
from osstui.measure.metrics import ttft
from osstui.measure.run import RunState
from osstui.measure.speed import output_basis
from osstui.measure.stats import percentile
from osstui.measure.tokens import tokens_of
from osstui.selftest.scenario import PRICE

Truth = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LaneError:
    """How far one lane's numbers were from the truth. None where a number or its truth was missing."""

    lane: str
    ttft_ms: float | None
    speed_percent: float | None
    text_same: bool
    tokens_same: bool
    cost_same: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Errors of many lanes: absolute values, ms and percent."""

    lanes: int
    ttft_p50: float | None
    ttft_p95: float | None
    speed_p95: float | None
    text_exact: int
    tokens_exact: int
    cost_exact: int

    @property
    def exact(self) -> bool:
        """Every text, token count and cost was right."""
        return self.lanes == self.text_exact == self.tokens_exact == self.cost_exact


def fetch_truths(url: str) -> dict[str, Truth]:
    """The simulator's records by request id."""
    with urlopen(f"{url}/__truth", timeout=10) as answer:  # noqa: S310 - loopback
        return {truth["id"]: truth for truth in json.load(answer)}


def compare(state: RunState, truths: dict[str, Truth], run: str) -> list[LaneError]:
    return [_compare(name, lane, truths.get(f"{run}-{name}")) for name, lane in state.lanes.items()]


def summarize(errors: Sequence[LaneError]) -> Verdict:
    ttfts = [error.ttft_ms for error in errors if error.ttft_ms is not None]
    speeds = [error.speed_percent for error in errors if error.speed_percent is not None]
    return Verdict(
        lanes=len(errors),
        ttft_p50=percentile(ttfts, 50),
        ttft_p95=percentile(ttfts, 95),
        speed_p95=percentile(speeds, 95),
        text_exact=sum(error.text_same for error in errors),
        tokens_exact=sum(error.tokens_same for error in errors),
        cost_exact=sum(error.cost_same for error in errors),
    )


def _compare(name: str, lane: LaneState, truth: Truth | None) -> LaneError:
    if truth is None:
        return LaneError(name, None, None, text_same=False, tokens_same=False, cost_same=False)
    measured, true = ttft(lane), _true_ttft(truth)
    speed, true_speed = output_basis(lane).speed, _true_speed(truth)
    usage = cast(dict[str, int], truth["usage"] or {})
    cost = priced(PRICE, usage.get("prompt_tokens", 0), usage.get("completion_tokens", 0))
    told = cost_of(lane).usd
    return LaneError(
        lane=name,
        ttft_ms=None if measured is None or true is None else abs(measured - true),
        speed_percent=None if speed is None or true_speed is None else abs(speed / true_speed - 1) * 100,
        text_same=lane.text == truth["text"] and lane.reasoning == truth["reasoning"],
        tokens_same=lane.seen.tokens == truth["total_tokens"]
        and tokens_of(lane).output == usage.get("completion_tokens"),
        cost_same=told is not None and abs(told - cost) < 1e-12,
    )


def _true_ttft(truth: Truth) -> float | None:
    first: int | None = truth["t_first"]
    received: int = truth["t_received"]
    return None if first is None else (first - received) / 1e6


def _true_speed(truth: Truth) -> float | None:
    """Tokens after the first write over the time since it."""
    writes: list[int] = truth["writes"]
    tokens: list[int] = truth["tokens"]
    if len(writes) < 2 or writes[-1] == writes[0]:
        return None
    later = sum(count for stamp, count in zip(writes, tokens, strict=True) if stamp > writes[0])
    return later / ((writes[-1] - writes[0]) / 1e9)
