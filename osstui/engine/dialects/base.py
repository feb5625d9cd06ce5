"""What a dialect is: how a request is built and how its answer is read, without I/O and without time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from osstui.engine.sse import ServerSentEvent
from osstui.events import DeltaKind, EndReason, ServerTimings
from osstui.job import Lane


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A piece of output, never empty. `counted` is the part of `text` that the model wrote, if not all;
    `held`: it came when the last `Held` was told."""

    kind: DeltaKind
    text: str
    counted: str | None = None
    held: bool = False


class Call(msgspec.Struct, frozen=True, gc=False):
    """A whole tool call; its text has been told in pieces. `arguments` as the model wrote them."""

    index: int
    id: str | None
    name: str
    arguments: str


class Seal(msgspec.Struct, frozen=True, gc=False):
    """What must go back with the results of the calls (see `events.Sealed`)."""

    text: str


class Held(msgspec.Struct, frozen=True, gc=False):
    """A beginning has come of which the next words will tell whether it is output or a tag."""


class Report(msgspec.Struct, frozen=True, gc=False):
    """Usage as reported so far. Token counts; `output` includes reasoning by convention; US$."""

    input: int | None = None
    output: int | None = None
    reasoning: int | None = None
    cached: int | None = None
    cost_usd: float | None = None
    server: ServerTimings | None = None
    total: int | None = None
    """As the host adds it up."""


class Finish(msgspec.Struct, frozen=True, gc=False):
    """The answer is complete; usage may still follow. `word` is the host's own."""

    reason: EndReason
    word: str


class HostError(msgspec.Struct, frozen=True, gc=False):
    """An error inside the answer. `status` as the host gives it in the body, if it does."""

    message: str
    status: int | None = None
    code: str = ""


class Oddity(msgspec.Struct, frozen=True, gc=False):
    """Something to warn about. `code` is stable."""

    code: str
    message: str


class Request(msgspec.Struct):
    """A request before it is addressed. `path` is appended to the base URL as it stands."""

    path: str
    body: dict[str, object]
    headers: dict[str, str] = {}
    notes: tuple[Oddity, ...] = ()
    """What of the user's wishes the host won't do."""


class Echo(msgspec.Struct, frozen=True, gc=False):
    """The model that the host says it runs."""

    model: str


class End(msgspec.Struct, frozen=True, gc=False):
    """The stream's own end marker: nothing follows."""


class Trait(msgspec.Struct, frozen=True, gc=False):
    """Something that the answer's form shows, for `Ended.traits`."""

    name: str
    value: str


Item = Piece | Held | Call | Seal | Report | Finish | HostError | Oddity | Echo | Trait | End


class Parser(Protocol):
    """Reads one answer. Raises ValueError for a message that isn't well-formed, before its first item; the
    next one may be well-formed again."""

    lines: bool
    """Whether a stream is one JSON document a line, also where its Content-Type does not say so."""

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        """One message of a stream."""
        ...

    def document(self, body: bytes) -> Iterable[Item]:
        """A complete answer in one JSON document."""
        ...

    def end(self) -> Iterable[Item]:
        """What was held back when the body ended."""
        ...


class Dialect(Protocol):
    models_path: str
    """Where the host lists its models, below the base URL."""

    def build(self, lane: Lane) -> Request: ...
    def parser(self) -> Parser: ...
