"""From the bytes of a response body to the messages that a dialect's parser reads.

A host may answer a request for a stream with one JSON document, with lines of JSON, or with a web page of its
proxy; the Content-Type says which, and where it doesn't, the first byte does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from osstui.engine.inflate import BodyError, inflater_for
from osstui.engine.sse import MAX_EVENT_BYTES, Decoder, ServerSentEvent

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
"""Longest body that is kept whole."""


class Frames(Protocol):
    """Bytes in, messages out."""

    streamed: bool
    """False where the whole body is one message."""
    full: bool
    """Nothing more of it is kept."""
    stray: bytes
    """The beginning of what came in place of messages."""

    def feed(self, data: bytes) -> list[ServerSentEvent]: ...
    def end(self) -> list[ServerSentEvent]: ...


class _Events(Decoder):
    __slots__ = ()
    streamed = True
    full = False


class _Lines:
    """One JSON document a line (NDJSON)."""

    streamed = True
    full = False
    stray = b""

    def __init__(self) -> None:
        self._partial = b""

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > MAX_EVENT_BYTES:
            raise BodyError(f"a line of more than {MAX_EVENT_BYTES} bytes")
        return [ServerSentEvent("", line) for line in lines if line.strip()]

    def end(self) -> list[ServerSentEvent]:
        return [ServerSentEvent("", self._partial)] if self._partial.strip() else []


class Document:
    """A body that is one message: a complete answer, or an error."""

    streamed = False
    stray = b""

    def __init__(self, limit: int = MAX_DOCUMENT_BYTES) -> None:
        self._parts: list[bytes] = []
        self._left = limit
        self.full = False

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        if not self.full:
            self._parts.append(data)
            self._left -= len(data)
            self.full = self._left <= 0
        return []

    def end(self) -> list[ServerSentEvent]:
        return [ServerSentEvent("", b"".join(self._parts).removeprefix(b"\xef\xbb\xbf"))]


class Body:
    """The body of one answer: unpacked, and framed once there is a byte to tell the framing by.

    `limit` is for a refusal, which is one document whatever it says of itself. Raises BodyError for a
    Content-Encoding that can't be undone.
    """

    def __init__(self, headers: Mapping[str, str], *, lines: bool, limit: int | None = None) -> None:
        self._inflater = inflater_for(headers)
        self._type = headers.get("content-type", "")
        self._lines = lines
        self._leading = b""
        self._frames: Frames | None = None if limit is None else Document(limit)
        self.streamed = False
        """The messages are those of a stream: known with the first of them."""

    @property
    def full(self) -> bool:
        """It is one document, of which nothing more is kept."""
        return self._frames is not None and self._frames.full

    @property
    def stray(self) -> bytes:
        """The beginning of what came in place of a stream's messages."""
        return self._frames.stray if self._frames is not None else b""

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The messages that `data` completes. Raises BodyError or EventTooLongError."""
        if self._inflater is not None:
            data = self._inflater.feed(data)
        if self._frames is None:
            data, self._leading = self._leading + data, b""
            if not data.strip():
                self._leading = data[:1024]
                return []
            self._frames = frames_for(self._type, data, lines=self._lines)
            self.streamed = self._frames.streamed
        return self._frames.feed(data)

    def end(self) -> list[ServerSentEvent]:
        """What the framing held back. Raises as `feed` does."""
        return self._frames.end() if self._frames is not None else []


def frames_for(content_type: str, first: bytes, *, lines: bool = False) -> Frames:
    """The framing of a body, by its Content-Type and, where that is silent or wrong, by its first bytes.

    `lines`: the host streams JSON lines, so a body that begins with an object is taken for them.
    """
    kind = content_type.partition(";")[0].strip().lower()
    start = first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if kind in ("application/x-ndjson", "application/jsonl", "application/ndjson"):
        return _Lines()
    if lines and start == b"{":
        return _Lines()
    begun = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start in (b"{", b"[", b"<") or not (kind == "text/event-stream" or _may_be_events(begun)):
        return Document()
    return _Events()


def _may_be_events(begun: bytes) -> bool:
    """Whether a body may go on as a stream of events, although its Content-Type doesn't say so."""
    fields = (b":", b"data", b"event", b"id", b"retry")
    return any(begun.startswith(field) or field.startswith(begun) for field in fields)
