"""What every wire format works with: the request as understood, the answer as planned, the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from osstui.simulator.hosts import Host

Kind = Literal["reasoning", "text", "tool"]

MARKERS = 10
"""Harmony markers that gpt-oss is billed for beside its visible text; seen on llama.cpp and vLLM alike."""
PROMPT_OVERHEAD = 64
"""Tokens of the harmony system message that every prompt carries."""
MESSAGE_OVERHEAD = 4


class Refused(Exception):  # noqa: N818 - an answer, not a mishap
    """A request that is answered with an error status. `param` names the field at fault."""

    def __init__(
        self, status: int, message: str, *, code: str | None = None, param: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param


@dataclass(slots=True, kw_only=True)
class Ask:
    """One request, whatever dialect it came in."""

    body: dict[str, Any]
    model: str
    prompt: str
    """The last user message, directives removed."""
    directives: str
    """The last user message as it came."""
    texts: list[str]
    """All that counts as input, in order."""
    stream: bool
    max_tokens: int | None = None
    effort: str = "medium"
    include_usage: bool = False
    continuous_usage: bool = False
    tool_names: list[str] = field(default_factory=list)
    tool_schemas: list[Any] = field(default_factory=list)
    tool_choice: Any = None
    tool_results: list[str] = field(default_factory=list)
    """Results of tools that follow the last user message."""
    answer_schema: Any = None
    """The answer has to be JSON that satisfies it."""
    stop: tuple[str, ...] = ()
    system: str = ""
    """What system messages say."""


@dataclass(slots=True)
class Chunk:
    """One event's worth of the answer. `tokens` are those whose end lies in it; markers count 0."""

    kind: Kind
    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Timings:
    """Measured on the server's clock, seconds since the receipt of the request."""

    first_s: float
    last_s: float
    started_at: float
    """Wall clock, seconds since 1970."""
    rate: float
    """Tokens per second after the first chunk."""

    def output_s(self, tokens: int) -> float:
        """How long so many tokens took; hosts count the harmony markers, which nobody sees arrive."""
        return tokens / self.rate


@dataclass(slots=True, kw_only=True)
class Answer:
    """All that is going to be said, before a word of it is sent."""

    host: Host
    ask: Ask
    id: str
    request_id: str
    created: int
    model: str
    chunks: list[Chunk]
    prompt_tokens: int
    reasoning_tokens: int
    visible_tokens: int
    finish: Literal["stop", "length", "tool_calls"]
    tool_name: str = ""
    tool_id: str = ""
    usage_hidden: bool = False
    usage_thin: bool = False
    """The reported output leaves the reasoning out."""
    cached_tokens: int = 0
    inflation: float = 1.0
    """By how much the told output exceeds the true one."""

    @property
    def output_tokens(self) -> int:
        """As a host reports them: reasoning, answer and harmony markers, never above the request's limit."""
        reported = self.visible_tokens + MARKERS - (self.reasoning_tokens if self.usage_thin else 0)
        limit = self.ask.max_tokens
        reported = reported if limit is None else min(reported, max(limit, 1))
        return round(reported * self.inflation)

    def joined(self, kind: Kind) -> str:
        return "".join(chunk.text for chunk in self.chunks if chunk.kind == kind)


class Shape(Protocol):
    """One wire format. All bytes are whole events of a stream, without the HTTP framing."""

    name: str
    content_type: str

    def read(self, body: dict[str, Any]) -> Ask:
        """The request. Raises Refused when it makes no sense."""

    def head(self, answer: Answer) -> bytes:
        """Events that precede the first token."""

    def events(self, answer: Answer) -> Iterator[tuple[bytes, Chunk]]:
        """One event (or a group of them) for every chunk."""

    def finish(self, answer: Answer, timings: Timings) -> bytes:
        """The finish reason, and usage where this host tells it."""

    def done(self, answer: Answer) -> bytes:
        """The end marker, empty where there is none."""

    def done_after_error(self, answer: Answer) -> bytes:
        """The end marker where this host sends it even after an error in the stream."""

    def comment(self, answer: Answer) -> bytes:
        """A keep-alive, empty where the host sends none."""

    def stream_error(self, answer: Answer, message: str) -> bytes:
        """An error in the middle of a stream."""

    def whole(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        """The answer to a request without streaming."""

    def usage(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        """The usage block, as told to the client."""

    def error(self, host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
        """Status, body and content type of an error response."""
