"""A connection that speaks HTTP/1.1, and the clock. No other module reads the time.

A bare asyncio protocol with llhttp (httptools) as the parser: every layer between the socket and the stamp
would be measured as the host's latency. Reads are stamped in `data_received` and parsed one loop turn later,
a slice a turn, so that of several sockets none waits long for another's parsing.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple, Protocol, cast

import httptools

from osstui.engine.http1 import Origin
from osstui.events import FailureKind

now = time.monotonic_ns
"""The engine's clock, ns."""


def wall_clock() -> datetime:
    """The time of day in UTC: for people and for dates in headers, never for a measurement."""
    return datetime.now(UTC)


MAX_HEAD_BYTES = 256 * 1024
"""Longest head of an answer that is read; servers commonly stop at 8 to 64 KiB."""

MAX_UNPARSED_BYTES = 512 * 1024
"""What comes beyond this waits in the kernel until it is parsed."""

SLICE_BYTES = 8 * 1024
"""Most of one connection that is parsed in a turn of the loop, about 1 ms of work: other sockets are looked
at in between, whatever a host sends at once."""


class Phases(NamedTuple):
    """What opening the connection took, ns; None for a part that was not needed."""

    dns: int | None
    connect: int | None
    tls: int | None


class Head(NamedTuple):
    status: int
    http_version: str
    headers: dict[str, str]
    """Names in lower case; of a repeated header the last one counts."""


class Certificate(NamedTuple):
    """What TLS settled. Certificate fields are None where the platform verifies without showing them."""

    tls_version: str | None
    expires: datetime | None
    issuer: str | None


class Receiver(Protocol):
    """Who is told what comes back. `stamp` is `now()` at the read that held it."""

    def head(self, stamp: int, head: Head) -> None: ...
    def body(self, stamp: int, data: bytes) -> None: ...
    def ended(self, stamp: int, error: Exception | None) -> None:
        """The body is complete, or `error` tells what broke it off. Called exactly once."""
        ...


class WireError(Exception):
    """The connection failed: it can't be opened, broke off, or speaks something else than HTTP/1.1."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def in_words(error: Exception) -> str:
    """What went wrong in the system's plain words, without the number; asyncio's own name addresses again."""
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror | ssl.SSLError) and error.errno:
        words = os.strerror(error.errno)
        if not words.startswith("Unknown error"):  # Windows has more numbers than words for them
            return words
    return getattr(error, "strerror", None) or str(error)


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection, carrying one exchange at a time."""

    def __init__(self) -> None:
        self.origin: Origin
        self.phases = Phases(None, None, None)
        self.uses = 0
        self.reusable = True
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._reads: deque[tuple[int, bytes]] = deque()
        self._unparsed = 0
        self._paused = False
        self._delivering = False
        self._lost: tuple[int, Exception | None] | None = None
        self._receiver: Receiver | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: dict[str, str] = {}
        self._head_bytes: int | None = 0
        """What has been read of the head; None once it is complete."""
        self._stamp = 0
        self._drained: Callable[[int], None] | None = None
        self.on_idle: Callable[[Connection], None] | None = None

    @property
    def closed(self) -> bool:
        return self._lost is not None or self._transport.is_closing()

    @property
    def peer(self) -> str | None:
        """The address at the other end, a proxy's if there is one."""
        name = self._transport.get_extra_info("peername")
        return str(name[0]) if isinstance(name, tuple) else None

    @property
    def certificate(self) -> Certificate | None:
        """None without TLS."""
        tls = self._transport.get_extra_info("ssl_object")
        if tls is None:
            return None
        shown = tls.getpeercert() or {}
        until = shown.get("notAfter")
        expires = datetime.fromtimestamp(ssl.cert_time_to_seconds(until), UTC) if until else None
        issuer = dict(pair for part in shown.get("issuer", ()) for pair in part)
        return Certificate(tls.version(), expires, issuer.get("organizationName") or issuer.get("commonName"))

    def send(self, request: bytes, receiver: Receiver, sent: Callable[[int], None]) -> None:
        """Write the request; `sent(stamp)` is called once its last byte has been handed to the socket.

        Where the host has hung up meanwhile, the receiver hears of it one loop turn later.
        """
        if self.closed:
            error = WireError("connect", "the host closed the connection before the request was sent")
            self._loop.call_soon(receiver.ended, now(), error)
            return
        self._receiver = receiver
        self._parser = httptools.HttpResponseParser(self)
        # RFC 9112 §2.2 lets a recipient take a bare LF for a line's end, §6.3 chunks for a length that
        # contradicts them; old servers pad chunk sizes.
        self._parser.set_dangerous_leniencies(
            lenient_optional_cr_before_lf=True,
            lenient_chunked_length=True,
            lenient_spaces_after_chunk_size=True,
        )
        self._headers = {}
        self._head_bytes = 0
        self.uses += 1
        self._transport.write(request)
        if self._transport.get_write_buffer_size():
            self._drained = sent
        else:
            sent(now())

    def serves(self, receiver: Receiver) -> bool:
        """Whether the receiver's answer is still to come; once it is whole, the pool may have lent us on."""
        return self._receiver is receiver

    def close(self) -> None:
        """Drop the connection at once; the receiver hears nothing more."""
        self._receiver = None
        self.reusable = False
        self._reads.clear()
        self._transport.abort()

    def release(self) -> None:
        """The receiver has all that it wants. The connection is kept if the response ends soon."""
        if self._receiver is None:
            return
        self._receiver = None
        if not self.closed:
            self._loop.call_later(1.0, self._close_if_unfinished, self.uses)

    def _close_if_unfinished(self, uses: int) -> None:
        if self.uses == uses and self._parser is not None:
            self.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)

    def data_received(self, data: bytes) -> None:
        stamp = now()
        if len(data) <= SLICE_BYTES:
            self._reads.append((stamp, data))
        else:
            starts = range(0, len(data), SLICE_BYTES)
            self._reads.extend((stamp, data[start : start + SLICE_BYTES]) for start in starts)
        self._unparsed += len(data)
        if self._unparsed > MAX_UNPARSED_BYTES and not self._paused and not self._transport.is_closing():
            self._paused = True
            self._transport.pause_reading()
        self._deliver_soon()

    def resume_writing(self) -> None:
        if self._drained is not None:
            sent, self._drained = self._drained, None
            sent(now())

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = (now(), exc)
        self.reusable = False
        self._deliver_soon()

    def _deliver_soon(self) -> None:
        if not self._delivering:
            self._delivering = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._delivering = False
        if self._reads:
            self._stamp, data = self._reads.popleft()
            self._unparsed -= len(data)
            self._parse(data)
        if self._reads:
            self._deliver_soon()
            return
        if self._paused:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()
        if self._lost is not None:
            self._end_of_file(*self._lost)

    def _parse(self, data: bytes) -> None:
        if self._parser is None:
            self.reusable = False
            return
        try:
            self._parser.feed_data(data)
            if self._head_bytes is not None:
                self._head_bytes += len(data)
                if self._head_bytes > MAX_HEAD_BYTES:
                    raise httptools.HttpParserError(f"headers of more than {MAX_HEAD_BYTES} bytes")
        except httptools.HttpParserUpgrade:
            self._finish(WireError("protocol", "the host wants to leave HTTP for another protocol"))
            self.close()
        except httptools.HttpParserError as error:
            self._finish(WireError("protocol", f"not an HTTP/1.1 answer: {error}"))
            self.close()

    def _end_of_file(self, stamp: int, error: Exception | None) -> None:
        self._stamp = stamp
        if self._parser is None:
            return
        until_close = error is None and "content-length" not in self._headers
        chunked = "chunked" in self._headers.get("transfer-encoding", "").lower()
        if until_close and not chunked and self._headers:
            self._finish(None)
            return
        reason = in_words(error) if error else "the host closed the connection"
        self._finish(WireError("connect", reason))

    def _finish(self, error: Exception | None) -> None:
        receiver, self._receiver, self._parser = self._receiver, None, None
        if receiver is not None:
            receiver.ended(self._stamp, error)
        clean = not self._reads and self._drained is None
        if error is None and self.reusable and clean and self.on_idle and not self.closed:
            self.on_idle(self)
        else:
            self.close()

    # httptools callbacks

    def on_message_begin(self) -> None:
        if self._parser is None:
            self.reusable = False
        self._headers = {}

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self._headers) < 256:
            self._headers[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")

    def on_headers_complete(self) -> None:
        parser = self._parser
        if parser is None or parser.get_status_code() < 200:
            return
        self._head_bytes = None
        if not parser.should_keep_alive():
            self.reusable = False
        if self._receiver is not None:
            head = Head(parser.get_status_code(), parser.get_http_version(), self._headers)
            self._receiver.head(self._stamp, head)

    def on_body(self, body: bytes) -> None:
        if self._receiver is not None:
            self._receiver.body(self._stamp, body)

    def on_message_complete(self) -> None:
        parser = self._parser
        if parser is not None and parser.get_status_code() >= 200:
            self._finish(None)
