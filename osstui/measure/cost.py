"""What a lane costs in US$: the host's own figure, else tokens × price. Unknown is None, never 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osstui.job import Price
from osstui.measure.lane import LaneState
from osstui.measure.tokens import report_is_outrun, reported_output, tokens_of

CostSource = Literal["reported", "catalog"]


@dataclass(frozen=True, slots=True)
class Cost:
    """`approximate` until reported usage has settled both token counts."""

    usd: float | None
    source: CostSource | None
    approximate: bool
    why_missing: str | None


def priced(price: Price, input: int, output: int, cached: int = 0) -> float:
    """US$ = ((input − cached) × p_in + cached × p_cached + output × p_out) / 10⁶.

    p_cached falls back to p_in. More cached than input tokens cannot be: the surplus is dropped.
    """
    cached = min(cached, input)
    cached_price = price.input if price.cached_input is None else price.cached_input
    return ((input - cached) * price.input + cached * cached_price + output * price.output) / 1e6


def cost_of(lane: LaneState) -> Cost:
    """The lane's cost so far: while it runs, the counted prompt plus the counted output, approximate."""
    usage = lane.usage
    if usage is not None and usage.cost_usd is not None and not report_is_outrun(lane):
        return Cost(usage.cost_usd, "reported", lane.live, None)
    if lane.info.price is None:
        return _unknown("no price in the catalog")
    if lane.t_sent is None:
        return _unknown("nothing was sent")
    if not lane.seen.chunks and usage is None and not lane.live and lane.status != "ok":
        return _unknown("it ended before the first token, without usage")
    tokens = tokens_of(lane)
    if tokens.input is None:
        return _unknown("prompt tokens unknown: no usage sent, no tokenizer")
    if tokens.billed_output is None:
        return _unknown("output tokens unknown: no usage sent")
    usd = priced(lane.info.price, tokens.input, tokens.billed_output, tokens.cached or 0)
    settled = not lane.live and usage is not None and usage.input is not None
    settled = settled and reported_output(lane) is not None
    return Cost(usd, "catalog", not settled, None)


def cost_warnings(lane: LaneState) -> list[str]:
    """For a lane that has ended: what its cost leaves out."""
    if not (lane.called and lane.info.builtin_tools) or cost_of(lane).source != "catalog":
        return []
    return ["the cost is that of the tokens: what the host charges for running its own tools is not in it"]


def _unknown(why: str) -> Cost:
    return Cost(None, None, False, why)
