"""How many tokens a lane has, who says so, and which of the counts a speed may rest on.

Three sources. `reported`: the host's usage, the truth for billing. `counted`: the exact local count of what
was seen. `estimated`: the same with another model's tokenizer or with none. While a lane runs the local
figure stands; at its end the report does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from osstui.events import Usage
from osstui.measure.lane import LaneState

Source = Literal["reported", "counted", "estimated"]

MARKERS = 10
"""gpt-oss: reported output = visible reasoning + answer + about 10 harmony markers, which no text shows."""
TOLERANCE = 0.10
"""How far a count and a report may be apart before it is worth a word."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens of one lane; None where nobody knows."""

    input: int | None
    output: int | None
    """Reasoning included, whatever the host's convention."""
    reasoning: int | None
    cached: int | None
    billed_output: int | None
    """What the host will charge for: its report where there is one."""
    source: Source | None
    """Of `output`; of `input` where there is no output."""
    input_source: Source | None
    reasoning_source: Source | None


def tokens_of(lane: LaneState) -> Tokens:
    """Reported figures when the lane is over and the report is whole, else the local ones."""
    local = local_source(lane)
    told_input = lane.usage.input if lane.usage else None
    sent_input = lane.info.input_tokens if lane.t_sent is not None else None
    input_source: Source | None = "reported" if told_input is not None else None
    if input_source is None and sent_input is not None:
        input_source = "counted" if lane.info.exact_tokenizer else "estimated"
    reported = reported_output(lane)
    output: int | None = round(lane.seen.tokens)
    source: Source | None = local
    if reported is not None and not lane.live and not report_excludes_reasoning(lane):
        output, source = reported, "reported"
    elif not lane.seen.chunks and not lane.live and lane.status != "ok":
        output, source = None, input_source
    reasoning, reasoning_source = _reasoning(lane)
    return Tokens(
        input=told_input if told_input is not None else sent_input,
        output=output,
        reasoning=reasoning if output is not None else None,
        cached=lane.usage.cached if lane.usage else None,
        billed_output=reported if reported is not None and not lane.live else output,
        source=source,
        input_source=input_source,
        reasoning_source=reasoning_source,
    )


def local_source(lane: LaneState) -> Literal["counted", "estimated"]:
    """What the lane's own token sums are."""
    return "counted" if lane.info.exact_tokenizer and not lane.estimated else "estimated"


def report_is_outrun(lane: LaneState) -> bool:
    """More of the answer came after the last report than that can know of, as it broke off or the host sent
    no report at its end: Anthropic Messages begins with one of a single output token."""
    usage, last = lane.usage, lane.t_last
    if lane.live or usage is None or last is None or usage.t >= last:
        return False
    return lane.status != "ok" or (usage.output or 0) < lane.seen.tokens * (1 - _tolerance(lane))


def reported_output(lane: LaneState) -> int | None:
    """The host's output tokens, with the reasoning of one that counts it apart."""
    usage = lane.usage
    if usage is None or usage.output is None or report_is_outrun(lane):
        return None
    reasoning = usage.reasoning or 0
    apart = reasoning > usage.output or reasoning_is_beside(usage)
    return usage.output + reasoning if apart else usage.output


def reasoning_is_beside(usage: Usage) -> bool:
    """The total adds up only with the reasoning beside the output instead of in it, as xAI and Gemini have
    it."""
    input, output, reasoning = usage.input or 0, usage.output or 0, usage.reasoning or 0
    return reasoning > 0 and usage.total == input + output + reasoning


def report_excludes_reasoning(lane: LaneState) -> bool:
    """The report is more than 10 % below what was seen.

    Without the model's own tokenizer that alone proves nothing: then the report must also lie nearer to the
    answer by itself than to the whole.
    """
    reported, seen = reported_output(lane), lane.seen.tokens
    if reported is None or reported >= seen * (1 - TOLERANCE):
        return False
    if local_source(lane) == "counted":
        return True
    return abs(reported - lane.answered.tokens) < abs(reported - seen)


def reasoning_is_hidden(lane: LaneState) -> bool:
    """The host tells of reasoning beyond 10 % and the markers that the stream did not show."""
    usage = lane.usage
    if usage is None or usage.reasoning is None:
        return False
    return _beyond(lane, usage.reasoning, lane.reasoned.tokens)


def more_reported_than_seen(lane: LaneState) -> bool:
    """The report is above the count by more than 10 % and the markers: text was hidden or lost."""
    reported = reported_output(lane)
    return reported is not None and _beyond(lane, reported, lane.seen.tokens)


def token_warnings(lane: LaneState) -> list[str]:
    """For a lane that has ended: one line for each disagreement between the report and what was seen."""
    usage, counted = lane.usage, round(lane.seen.tokens)
    about = "counted" if local_source(lane) == "counted" else "estimated"
    reported = reported_output(lane)
    lines: list[str] = []
    if reported is None or usage is None:
        if lane.status == "ok":
            when = " at the end" if report_is_outrun(lane) else ""
            lines.append(f"the host sent no usage{when}: output tokens are {about}")
        return lines
    if reported != usage.output and not reasoning_is_beside(usage):
        lines.append(
            f"usage tells {usage.reasoning} reasoning tokens but {usage.output} output tokens: "
            f"they were added to {reported}"
        )
    if report_excludes_reasoning(lane):
        lines.append(
            f"usage tells {reported} output tokens but {counted} were {about}, reasoning included: "
            "speed uses the count, cost the report"
        )
    elif reasoning_is_hidden(lane):
        lines.append(
            f"usage tells {usage.reasoning} reasoning tokens but the stream showed "
            f"{round(lane.reasoned.tokens)}: reasoning is hidden, speed is that of the answer"
        )
    elif more_reported_than_seen(lane):
        lines.append(
            f"usage tells {reported} output tokens but {counted} were {about}: "
            "something was not shown; speed uses the count"
        )
    return lines


def _reasoning(lane: LaneState) -> tuple[int | None, Source | None]:
    told = lane.usage.reasoning if lane.usage and not report_is_outrun(lane) else None
    if told is not None and not lane.live:
        return told, "reported"
    if not lane.reasoned.chunks and more_reported_than_seen(lane):
        return None, None
    return round(lane.reasoned.tokens), local_source(lane)


def _beyond(lane: LaneState, reported: int, seen: float) -> bool:
    """More was reported than seen, beyond the tolerance."""
    markers = MARKERS * (2 if lane.called else 1)
    return reported > seen * (1 + _tolerance(lane)) + markers


def _tolerance(lane: LaneState) -> float:
    """How far the local sums may be off; an estimate by half."""
    return TOLERANCE if local_source(lane) == "counted" else 0.5
