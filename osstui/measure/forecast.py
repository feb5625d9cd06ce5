"""What a lane will read and may cost at most, before it is sent; and who is within a budget. No I/O."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from osstui.job import Lane
from osstui.measure.cost import priced
from osstui.measure.estimate import estimate_tokens
from osstui.measure.lane import LaneState
from osstui.measure.tokens import tokens_of

ESTIMATE_MARGIN = 1.25
"""An estimate may be 20 % low: what is promised not to be passed is reckoned with more."""
TEMPLATE_TOKENS = 80
"""The chat template's own, at most: gpt-oss' system message has about 70."""
NEARLY_FULL = 0.8
"""Share of a context window from which on a warning is due."""


@dataclass(frozen=True, slots=True)
class Forecast:
    lane: str
    input_tokens: int
    approximate: bool
    """The tokens are estimated, or counted with another model's vocabulary."""
    most_usd: float | None
    """If the answer takes its whole limit and nothing is cached; None without a price."""
    context: int | None
    why_unknown: str = "no price is known"

    @property
    def overflows(self) -> bool:
        """Not even the prompt fits into the host's window."""
        return self.context is not None and self.input_tokens >= self.context


@dataclass(frozen=True, slots=True)
class Budget:
    """US$; None has no end."""

    per_message: float | None = None
    per_session: float | None = None

    def left(self, spent_usd: float) -> float | None:
        """For one message, after what the session has spent."""
        limits = [] if self.per_message is None else [self.per_message]
        if self.per_session is not None:
            limits.append(max(0.0, self.per_session - spent_usd))
        return min(limits, default=None)


def estimated_input(lane: Lane) -> int:
    """About how many tokens a lane's messages are."""
    texts = [message.content for message in lane.messages]
    texts += [call.name + call.arguments for message in lane.messages for call in message.calls]
    return round(sum(estimate_tokens(text) + 4 for text in texts)) + TEMPLATE_TOKENS


def estimated_tools(lane: Lane) -> int:
    """About how many tokens the descriptions of a lane's tools are."""
    return round(sum(estimate_tokens(msgspec.json.encode(tool).decode()) for tool in lane.tools))


def forecast(lane: Lane, counted: int | None, most_output: int) -> Forecast:
    """`counted` is the exact count of the messages, where there is one; `most_output` the limit asked for.

    A local server without a price costs nothing. What a host charges for running its own tools nobody knows
    before.
    """
    target = lane.target
    tools = estimated_tools(lane)
    tokens = tools + (counted if counted is not None else estimated_input(lane))
    approximate = counted is None or bool(tools) or not target.exact_tokenizer
    most: float | None = None
    if lane.offered_builtins and target.key_required:
        why = "nobody knows what the host's own tools will cost"
        return Forecast(lane.lane, tokens, approximate, None, target.context, why)
    if target.price is not None:
        reckoned = round(tokens * ESTIMATE_MARGIN) if approximate else tokens
        most = priced(target.price, reckoned, most_output)
    elif not target.key_required:
        most = 0.0
    return Forecast(lane.lane, tokens, approximate, most, target.context)


def refused(forecasts: Iterable[Forecast], left: float | None) -> dict[str, str]:
    """The lanes that might pass the budget, and why, in words; earlier lanes have the first claim on it."""
    told: dict[str, str] = {}
    if left is None:
        return told
    for each in forecasts:
        if each.most_usd is None:
            told[each.lane] = f"not sent: {each.why_unknown}, so no budget can be kept"
        elif each.most_usd > left:
            told[each.lane] = (
                f"not sent: it may cost ${each.most_usd:.3g}, and ${left:.3g} of the budget is left"
            )
        else:
            left -= each.most_usd
    return told


def window_used(lane: LaneState) -> int | None:
    """Tokens of a lane's window that its conversation takes when the next prompt is sent: what it read and
    its answer, without the reasoning, which isn't sent back. None where nobody knows what it read."""
    read = tokens_of(lane).input
    return None if read is None else read + round(lane.answered.tokens)


def total(forecasts: Iterable[Forecast]) -> float | None:
    """The largest cost in all, of the lanes whose price is known; None if none is."""
    known = [each.most_usd for each in forecasts if each.most_usd is not None]
    return sum(known) if known else None
