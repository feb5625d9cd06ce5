"""Speeds: tokens after the first chunk over the time since the first chunk.

Which n is the true one? The formula (n − n₁)/(t_last − t_first) is a rate only if n and the two stamps belong
together: every token of n must have been made between them (or be in n₁).

- The exact local count is such a pair: it counts what arrived between the stamps, and nothing else. It is
  used wherever the tokenizer is the model's own. The report holds some 10 harmony markers more, partly made
  before the first and after the last visible token; over 200 tokens they alone would be an error of 5 %.
- Without an exact count, the report is the better total. It is spread over the chunks in proportion to the
  estimate, so that n₁ is on the same scale: speed = reported × (1 − share of the first chunk) / time.
- Where the host hid reasoning (it reports more than the stream showed), hidden tokens were made before or
  between the visible ones and no stamp belongs to them. The answer by itself is still a consistent pair.
- Where the report leaves reasoning out, the count is used.
"""

from __future__ import annotations

from dataclasses import dataclass

from osstui.measure.lane import LaneState
from osstui.measure.tokens import (
    Source,
    local_source,
    more_reported_than_seen,
    reasoning_is_hidden,
    report_excludes_reasoning,
    reported_output,
    tokens_of,
)
from osstui.measure.window import Window

SHORTEST = 20_000_000
"""ns. Below it a speed says more about the socket's buffer than about the host."""
LIVE_WINDOW = 2_000_000_000
LIVE_MINIMUM = 10
"""Tokens before a live speed is worth showing."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A stretch of stream and the factor that turns its local token sums into the model's tokens."""

    window: Window
    scale: float
    source: Source

    @property
    def speed(self) -> float | None:
        """Tokens/s, None when `why_missing` has a reason."""
        if self.why_missing is not None:
            return None
        window = self.window
        return self.scale * (window.tokens - window.first_tokens) * 1e9 / window.span

    @property
    def why_missing(self) -> str | None:
        window = self.window
        if not window.chunks:
            return "none arrived"
        if window.chunks == 1:
            return "everything came in one chunk"
        if window.span < SHORTEST:
            return "everything came in under 20 ms"
        if window.tokens <= window.first_tokens:
            return "no tokens after the first chunk"
        return None


def output_basis(lane: LaneState) -> Basis:
    """What the output speed of a lane rests on, by the rules above."""
    local = local_source(lane)
    if lane.live:
        return Basis(lane.seen, 1.0, local)
    if reasoning_is_hidden(lane):
        return answer_basis(lane)
    reported = reported_output(lane)
    if (
        local == "counted"
        or reported is None
        or not lane.seen.tokens
        or report_excludes_reasoning(lane)
        or more_reported_than_seen(lane)
    ):
        return Basis(lane.seen, 1.0, local)
    return Basis(lane.seen, reported / lane.seen.tokens, "reported")


def answer_basis(lane: LaneState) -> Basis:
    """The answer and tool calls by themselves."""
    told = _told_apart(lane)
    return _part(lane, lane.answered, told[1] if told else None)


def reasoning_basis(lane: LaneState) -> Basis:
    """The reasoning by itself. Hidden or summarised reasoning has no speed: an empty window."""
    if reasoning_is_hidden(lane):
        return Basis(Window(), 1.0, local_source(lane))
    told = _told_apart(lane)
    return _part(lane, lane.reasoned, told[0] if told else None)


def live_speed(lane: LaneState, now_t: int) -> float | None:
    """Tokens/s over about the last 2 s before `now_t` (ns since the job started, the engine's clock).

    None for the first 10 tokens, until a second chunk is there, and once the lane is over. The window starts
    where a slice of 250 ms starts. A stalled stream falls to 0.
    """
    seen = lane.seen
    if not lane.live or seen.tokens < LIVE_MINIMUM or seen.chunks < 2:
        return None
    now_t = max(now_t, seen.last)
    if now_t - seen.first <= LIVE_WINDOW:
        tokens, start = seen.tokens - seen.first_tokens, seen.first
    else:
        tokens, start = lane.buckets.since(now_t - LIVE_WINDOW)
        if start == seen.first:
            tokens -= seen.first_tokens
    span = now_t - start
    return max(0.0, tokens * 1e9 / span) if span >= SHORTEST else None


def end_to_end_speed(lane: LaneState) -> float | None:
    """Output tokens over the whole time from request to last token, reasoning and waiting included.

    Not an output speed: it stands in where that is undefined, and is called end to end.
    """
    output = tokens_of(lane).output
    if not output or lane.t_last is None or lane.t_sent is None or lane.t_last <= lane.t_sent:
        return None
    return output * 1e9 / (lane.t_last - lane.t_sent)


def _told_apart(lane: LaneState) -> tuple[int, int] | None:
    """Reported (reasoning, answer) tokens, where the report splits them and can be trusted for it."""
    reported = reported_output(lane)
    if lane.live or reported is None or lane.usage is None or lane.usage.reasoning is None:
        return None
    return lane.usage.reasoning, reported - lane.usage.reasoning


def _part(lane: LaneState, window: Window, told: int | None) -> Basis:
    local = local_source(lane)
    if local == "counted" or not told or not window.tokens or report_excludes_reasoning(lane):
        return Basis(window, 1.0, local)
    return Basis(window, told / window.tokens, "reported")
