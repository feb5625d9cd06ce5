"""The table of numbers, one row each: what panes, totals, leaderboards, exports and help read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from osstui.measure.cost import cost_of
from osstui.measure.format import Unit, show
from osstui.measure.lane import LaneState
from osstui.measure.speed import answer_basis, end_to_end_speed, live_speed, output_basis, reasoning_basis
from osstui.measure.stats import median, percentile
from osstui.measure.tokens import tokens_of

Value = Callable[[LaneState], float | None]
Reason = Callable[[LaneState], str | None]


def never(lane: LaneState) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Metric:
    """One number of a lane, in `unit` (times in ms). `why_missing` is None exactly when there is a value."""

    key: str
    title: str
    unit: Unit
    better: Literal["low", "high"] | None
    value: Value
    reason: Reason
    help: str
    approximate: Callable[[LaneState], bool] = never
    """True while the number rests on a count or an estimate that a report may still correct."""

    def why_missing(self, lane: LaneState) -> str | None:
        return None if self.value(lane) is not None else self.reason(lane) or "not known"

    def show(self, lane: LaneState) -> str:
        """The number as people read it."""
        return show(self.value(lane), self.unit, approximate=self.approximate(lane))


def between_ms(start: int | None, end: int | None) -> float | None:
    """ms from one stamp (ns) to another; None unless both are known and in order."""
    return None if start is None or end is None or end < start else (end - start) / 1e6


def ttft(lane: LaneState) -> float | None:
    """t_first − t_sent in ms: first token of any kind, reasoning included."""
    return between_ms(lane.t_sent, lane.t_first)


def ttfa(lane: LaneState) -> float | None:
    """t_first_answer − t_sent in ms."""
    return between_ms(lane.t_sent, lane.t_first_answer)


def end_to_end(lane: LaneState) -> float | None:
    """t_last − t_sent in ms."""
    return between_ms(lane.t_sent, lane.t_last)


def connection(lane: LaneState) -> float | None:
    """DNS + TCP + TLS in ms, of the parts that were needed."""
    if lane.connected is None:
        return None
    parts = [lane.connected.dns, lane.connected.connect, lane.connected.tls]
    known = [part for part in parts if part is not None]
    return sum(known) / 1e6 if known else None


def network_and_queue(lane: LaneState) -> float | None:
    """Client TTFT − the host's own TTFT (or its prompt time), in ms; None when negative."""
    told, seen = _server_ttft(lane), ttft(lane)
    return seen - told if told is not None and seen is not None and seen >= told else None


def gap(lane: LaneState, percent: float) -> float | None:
    """A percentile of the times between chunks, in ms. Sorts all gaps: not for every frame."""
    value = percentile(lane.gaps, percent)
    return None if value is None else value / 1e6


def tokens_per_chunk(lane: LaneState) -> float | None:
    return lane.seen.tokens / lane.seen.chunks if lane.seen.chunks else None


def _server_ttft(lane: LaneState) -> float | None:
    server = lane.usage.server if lane.usage else None
    if server is None:
        return None
    return server.ttft_ms if server.ttft_ms is not None else server.prompt_ms


def _no_answer(lane: LaneState) -> str:
    if lane.live:
        return "nothing arrived yet"
    return f"{lane.status} before the first token" if lane.status != "ok" else "the answer was empty"


def _no_answer_text(lane: LaneState) -> str:
    return _no_answer(lane) if lane.t_first is None else "no answer text" + (" yet" if lane.live else "")


def _no_connection(lane: LaneState) -> str:
    if lane.connected is None:
        return "not connected"
    return "the connection was already open" if lane.connected.reused else "the parts are not known"


def _no_speed(lane: LaneState) -> str | None:
    return _no_answer(lane) if not lane.seen.chunks else output_basis(lane).why_missing


def _no_part(name: str, lane: LaneState, why: str | None) -> str:
    return f"{name}: {why}" if why else f"{name} not measured"


def _no_live_speed(lane: LaneState) -> str:
    return "fewer than 10 tokens or one chunk so far" if lane.live else "the lane is over"


def _no_gap(lane: LaneState) -> str:
    return "everything came in one chunk" if lane.seen.chunks else _no_answer(lane)


def _no_network(lane: LaneState) -> str:
    if _server_ttft(lane) is None:
        return "the host tells no timings"
    return _no_answer(lane) if lane.t_first is None else "the host tells more time than passed"


def _no_tokens(lane: LaneState) -> str:
    return _no_answer(lane) if not lane.seen.chunks else "no usage sent"


def _output_unsettled(lane: LaneState) -> bool:
    return tokens_of(lane).source != "reported"


def _speed_unsettled(lane: LaneState) -> bool:
    return output_basis(lane).source == "estimated"


METRICS: tuple[Metric, ...] = (
    Metric("ttft", "TTFT", "ms", "low", ttft, _no_answer,
           "Time from the request's last byte to the first token of any kind, reasoning included."),
    Metric("ttfa", "TTFA", "ms", "low", ttfa, _no_answer_text,
           "Time from the request's last byte to the first token of the answer."),
    Metric("speed", "Speed", "tok/s", "high", lambda lane: output_basis(lane).speed, _no_speed,
           "Output tokens after the first chunk over the time since the first chunk, reasoning included.",
           _speed_unsettled),
    Metric("live", "Live speed", "tok/s", None,
           lambda lane: None if lane.t_last is None else live_speed(lane, lane.t_last), _no_live_speed,
           "Speed over the last 2 seconds of the stream.", lambda lane: True),
    Metric("reasoning_speed", "Reasoning speed", "tok/s", "high", lambda lane: reasoning_basis(lane).speed,
           lambda lane: _no_part("reasoning", lane, reasoning_basis(lane).why_missing),
           "Speed of the reasoning by itself."),
    Metric("answer_speed", "Answer speed", "tok/s", "high", lambda lane: answer_basis(lane).speed,
           lambda lane: _no_part("answer", lane, answer_basis(lane).why_missing),
           "Speed of the answer by itself."),
    Metric("e2e", "End to end", "ms", "low", end_to_end, _no_answer,
           "Time from the request's last byte to the last token."),
    Metric("e2e_speed", "End-to-end rate", "tok/s", None, end_to_end_speed, _no_answer,
           "Output tokens over the end-to-end time, waiting included. Not an output speed.",
           _output_unsettled),
    Metric("cost", "Cost", "$", "low", lambda lane: cost_of(lane).usd, lambda lane: cost_of(lane).why_missing,
           "The host's own figure, else tokens × the catalog's price.",
           lambda lane: cost_of(lane).approximate),
    Metric("tokens", "Output tokens", "count", None, lambda lane: tokens_of(lane).output, _no_tokens,
           "Reasoning included: reported by the host, until then counted here.", _output_unsettled),
    Metric("reasoning_tokens", "Reasoning tokens", "count", None, lambda lane: tokens_of(lane).reasoning,
           _no_tokens, "Reported by the host, else the count of the reasoning text.",
           lambda lane: tokens_of(lane).reasoning_source != "reported"),
    Metric("input_tokens", "Input tokens", "count", None, lambda lane: tokens_of(lane).input,
           lambda lane: "no usage sent and no count of the prompt",
           "Tokens of the prompt, history included.",
           lambda lane: tokens_of(lane).input_source != "reported"),
    Metric("cached_tokens", "Cached tokens", "count", None, lambda lane: tokens_of(lane).cached,
           lambda lane: "the host does not tell", "Input tokens that the host took from its cache."),
    Metric("connection", "Connection", "ms", "low", connection, _no_connection,
           "DNS + TCP + TLS. Never inside TTFT."),
    Metric("network", "Network + queue", "ms", "low", network_and_queue, _no_network,
           "TTFT seen here minus the TTFT that the host tells."),
    Metric("lost", "Lost to retries", "ms", "low",
           lambda lane: lane.lost_ns / 1e6 if lane.attempts > 1 else None,
           lambda lane: "no retry", "Time before the attempt that answered; not inside TTFT."),
    Metric("gap_median", "Median gap", "ms", None,
           lambda lane: None if (value := median(lane.gaps)) is None else value / 1e6, _no_gap,
           "Time between chunks. A chunk may hold several tokens."),
    Metric("gap_p95", "p95 gap", "ms", None, lambda lane: gap(lane, 95), _no_gap,
           "19 of 20 gaps between chunks are shorter."),
    Metric("gap_longest", "Longest gap", "ms", "low", lambda lane: gap(lane, 100), _no_gap,
           "The longest silence between two chunks."),
    Metric("chunks", "Chunks", "count", None, lambda lane: float(lane.seen.chunks) or None, _no_answer,
           "Reads of the socket that held text."),
    Metric("per_chunk", "Tokens per chunk", "tok/chunk", None, tokens_per_chunk, _no_answer,
           "Local count of tokens over chunks."),
)  # fmt: skip

BY_KEY: dict[str, Metric] = {metric.key: metric for metric in METRICS}
