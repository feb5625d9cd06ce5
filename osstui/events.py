"""What happens: the vocabulary that the engine, the numbers, the screen and the files share.

An event is one JSON line. `t` is nanoseconds on the engine's monotonic clock since the job started;
every event decoded from one read of the socket carries the stamp of that read.
A field that is not known is null, never 0.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from osstui.job import Lane, Message, Params, Price, Tool

FORMAT = 1
"""Version of the event lines, written in each run's `Started` line."""

DeltaKind = Literal["reasoning", "text", "tool"]
EndReason = Literal["stop", "length", "tool_calls", "content_filter", "truncated", "cancelled"]
FailureKind = Literal[
    "auth", "rate_limit", "not_found", "bad_request", "timeout", "connect", "tls", "protocol", "server",
    "no_key", "content",
]  # fmt: skip


class Event(msgspec.Struct, frozen=True, tag_field="event", tag=str.lower):
    run: str
    """The job's id, so that lines of several runs may share one file."""


class LaneInfo(msgspec.Struct, frozen=True):
    """A lane as it may be shown and stored: the catalog entry without anything that could hold a secret."""

    lane: str
    provider: str
    provider_name: str
    model: str
    model_id: str
    dialect: str
    base_url: str
    params: Params
    price: Price | None
    context: int | None
    max_output: int | None
    input_tokens: int | None
    """Exact local count of the prompt as sent, history included; null when it was not counted."""
    exact_tokenizer: bool
    simulated: bool
    tools: tuple[Tool, ...] = ()
    builtin_tools: tuple[str, ...] = ()
    """The host's own, as they were switched on."""
    exchange: tuple[Message, ...] = ()
    """Tool calls of this turn and their results, where the lane goes on with them."""

    @classmethod
    def of(cls, lane: Lane, input_tokens: int | None = None) -> LaneInfo:
        target = lane.target
        return cls(
            lane=lane.lane,
            provider=target.provider,
            provider_name=target.provider_name,
            model=target.model,
            model_id=target.model_id,
            dialect=target.dialect,
            base_url=target.base_url,
            params=lane.params,
            price=target.price,
            context=target.context,
            max_output=target.max_output,
            input_tokens=input_tokens,
            exact_tokenizer=target.exact_tokenizer,
            simulated=target.simulated,
            tools=lane.tools,
            builtin_tools=lane.offered_builtins,
            exchange=lane.exchange,
        )


class Started(Event, frozen=True):
    """First line of a run. `started_at` is RFC 3339 in UTC, for humans only."""

    v: int
    osstui: str
    started_at: str
    prompt: str
    lanes: tuple[LaneInfo, ...]


class LaneEvent(Event, frozen=True):
    lane: str
    t: int


class Connected(LaneEvent, frozen=True):
    """The connection is open. Durations in ns; null for a part that was not needed (reused, no TLS)."""

    attempt: int
    dns: int | None
    connect: int | None
    tls: int | None
    reused: bool


class Sent(LaneEvent, frozen=True):
    """The last byte of the request has been handed to the socket: TTFT counts from here."""

    attempt: int


class Opened(LaneEvent, frozen=True):
    """Response headers are parsed."""

    status: int
    http_version: str
    request_id: str | None
    rate_limits: dict[str, str]


class Delta(LaneEvent, frozen=True, gc=False):
    """A non-empty piece of the answer. `n` is by how much it moved the exact local token count (rarely < 0),
    null when no tokenizer is loaded; the sum over a lane's deltas is the count of its whole text."""

    kind: DeltaKind
    text: str
    n: int | None


class ToolCall(LaneEvent, frozen=True):
    """One whole tool call, told when the answer is complete; its text has come as deltas before.
    `arguments` is what the model wrote, JSON or not; `id` is the host's."""

    index: int
    id: str | None
    name: str
    arguments: str


class Sealed(LaneEvent, frozen=True):
    """Reasoning as the host signed or encrypted it, told with the calls that it led to: JSON that only the
    lane's dialect reads. It goes back as it is, together with the results of the calls."""

    text: str


class ServerTimings(msgspec.Struct, frozen=True, gc=False):
    """What the host says of itself; shown beside the client's numbers, never instead of them."""

    ttft_ms: float | None = None
    queue_ms: float | None = None
    prompt_ms: float | None = None
    output_tps: float | None = None
    total_ms: float | None = None


class Usage(LaneEvent, frozen=True):
    """The host's report so far. A later one replaces an earlier one whole; they are never summed."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    cost_usd: float | None = None
    server: ServerTimings | None = None
    total: int | None = None
    """Input and output together, as the host adds it up."""


class Noted(LaneEvent, frozen=True):
    """Something odd that did not stop the lane. `code` is stable, `message` is for people."""

    code: str
    message: str


class Retried(LaneEvent, frozen=True):
    """This attempt is given up; the next one, number `attempt`, starts after `wait` ns."""

    attempt: int
    wait: int
    kind: FailureKind
    status: int | None
    message: str


class Ended(LaneEvent, frozen=True):
    """The answer is over. `truncated`: the stream broke off without an end. `model` is what the host echoed,
    `finish_reason` its own word."""

    reason: EndReason
    finish_reason: str | None = None
    model: str | None = None
    traits: dict[str, str] = {}
    """What else its form showed: `end_marker` (yes or no), `reasoning` (tags: it stood in the answer),
    `fingerprint` and `served_by` as the host told them."""


class Failed(LaneEvent, frozen=True):
    """The lane is over without a proper end; what had arrived before stays. `retry_after` in seconds."""

    kind: FailureKind
    status: int | None
    message: str
    retry_after: float | None = None
    body: str | None = None
    """The beginning of the host's error as it came, without the key."""


AnyEvent = (
    Started | Connected | Sent | Opened | Delta | ToolCall | Sealed | Usage | Noted | Retried | Ended | Failed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)


def encode(event: Event) -> bytes:
    """The event as one JSON line, newline included."""
    return _encoder.encode(event) + b"\n"


def decode(line: bytes | str) -> AnyEvent:
    """The event of one line. Raises `msgspec.DecodeError` (a ValueError) that says what is wrong with it."""
    return _decoder.decode(line)
