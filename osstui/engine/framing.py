"""From the bytes of a response body to the messages that a dialect's parser reads.

A host may answer a request for a stream with one JSON document, with lines of JSON, or with a web page of its
proxy; the Content-Type says which, and where it doesn't, the first byte does.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from osstui.engine.sse import MAX_EVENT_BYTES, Decoder, ServerSentEvent

MAX_DOCUMENT_BYTES = 32 * 1024 * 1024
"""Longest body that is kept whole."""


MAX_INFLATED_BYTES = 16 * 1024 * 1024
"""Most that one read of a compressed body may unpack to; a thousandfold is no text."""


class BodyError(ValueError):
    """The body can't be read as what it says it is."""


class Frames(Protocol):
    """Bytes in, messages out; `streamed` is false where the whole body is one message."""

    streamed: bool

    def feed(self, data: bytes) -> list[ServerSentEvent]: ...
    def end(self) -> list[ServerSentEvent]: ...


class _Events(Decoder):
    __slots__ = ()
    streamed = True


class _Lines:
    """One JSON document a line (NDJSON)."""

    streamed = True

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

    def __init__(self, limit: int = MAX_DOCUMENT_BYTES) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._limit = limit

    @property
    def full(self) -> bool:
        """Nothing more of it is kept."""
        return self._size >= self._limit

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        if not self.full:
            self._parts.append(data)
            self._size += len(data)
        return []

    def end(self) -> list[ServerSentEvent]:
        return [ServerSentEvent("", b"".join(self._parts).removeprefix(b"\xef\xbb\xbf"))]


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


class Inflater:
    """Undoes a Content-Encoding that was sent although `identity` was asked for. Raises BodyError."""

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("gzip", "x-gzip", "deflate"):
            named = repr(encoding) if len(encoding) <= 20 else "something unknown"
            raise BodyError(f"the answer is compressed as {named}, which was not asked for")
        self._wbits = zlib.MAX_WBITS if encoding == "deflate" else 47
        self._inflate = zlib.decompressobj(wbits=self._wbits)
        self._begun = False

    def feed(self, data: bytes) -> bytes:
        plain = b""
        while data:
            plain += self._inflated(data, MAX_INFLATED_BYTES - len(plain))
            if not (data := self._inflate.unused_data):
                break
            self._inflate = zlib.decompressobj(wbits=self._wbits)  # RFC 1952: gzip members may follow
        return plain

    def _inflated(self, data: bytes, limit: int) -> bytes:
        try:
            plain = self._inflate.decompress(data, max(1, limit))
        except zlib.error as error:
            if self._begun or self._wbits != zlib.MAX_WBITS:
                raise BodyError(f"the compressed answer is broken: {error}") from None
            # RFC 9110 §8.4.1.2: some send deflate without the zlib format around it.
            self._wbits = -zlib.MAX_WBITS
            self._inflate = zlib.decompressobj(wbits=self._wbits)
            return self._inflated(data, limit)
        self._begun = True
        if self._inflate.unconsumed_tail:
            raise BodyError(f"one read of the answer unpacks to more than {MAX_INFLATED_BYTES} bytes")
        return plain
