"""Server-sent events, cut from bytes.

Follows the event stream format of the HTML standard, with three deviations that real hosts need: lines are
cut on bytes at CR, LF and CRLF only (never at U+2028 or U+0085, which legal JSON may hold), a last event
without its blank line counts at the end of the stream, and a line that is a bare JSON object is an event: so
a proxy tells that the host behind it is gone.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_EVENT_BYTES = 4 * 1024 * 1024
"""Longest event that is kept; no host sends a hundredth of it."""

MAX_STRAY_BYTES = 2000


class ServerSentEvent(NamedTuple):
    name: str
    """The `event:` field, empty when there was none."""
    data: bytes
    """The `data:` lines, joined by LF."""


class EventTooLongError(ValueError):
    """An event grew beyond MAX_EVENT_BYTES."""


class Decoder:
    """Bytes in, whole events out. Any split of the same bytes gives the same events."""

    __slots__ = (
        "_at_start",
        "_data",
        "_data_size",
        "_name",
        "_partial",
        "_partial_size",
        "_skip_lf",
        "stray",
    )

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._partial_size = 0
        self._data: list[bytes] = []
        self._data_size = 0
        self._name = ""
        self._skip_lf = False
        self._at_start = True
        self.stray = b""
        """The beginning of what is no field, which the standard lets pass: text of a host that sends none."""

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """The events that `data` completes. Raises EventTooLongError."""
        if self._whole(data):
            return [ServerSentEvent("", data[6:-2])]
        if not data:
            return []
        if self._skip_lf:
            self._skip_lf = False
            if data.startswith(b"\n"):
                data = data[1:]
        if b"\r" in data:
            self._skip_lf = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in data:
            self._keep(data)
            return []
        if self._partial:
            data = b"".join(self._partial) + data
        lines = data.split(b"\n")
        self._partial = [lines[-1]] if lines[-1] else []
        self._partial_size = len(lines.pop())
        events: list[ServerSentEvent] = []
        for line in lines:
            self._line(line, events)
        return events

    def _whole(self, data: bytes) -> bool:
        """`data` is exactly one event of one line, as most reads of a stream are."""
        return (
            data.startswith(b"data: ")
            and data.endswith(b"\n\n")
            and data.find(b"\n") == len(data) - 2
            and b"\r" not in data
            and not (self._partial or self._data or self._name or self._skip_lf or self._at_start)
        )

    def end(self) -> list[ServerSentEvent]:
        """The last event, if the stream ended without its blank line."""
        events: list[ServerSentEvent] = []
        if self._partial:
            self._line(b"".join(self._partial), events)
            self._partial = []
        self._line(b"", events)
        return events

    def _keep(self, data: bytes) -> None:
        self._partial_size += len(data)
        if self._partial_size > MAX_EVENT_BYTES:
            raise EventTooLongError(f"an event of more than {MAX_EVENT_BYTES} bytes")
        if data:
            self._partial.append(data)

    def _line(self, line: bytes, events: list[ServerSentEvent]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line:
            if self._data:
                events.append(ServerSentEvent(self._name, b"\n".join(self._data)))
                self._data = []
                self._data_size = 0
            self._name = ""
        elif line.startswith(b"data:"):
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            self._data_size += len(line)
            if self._data_size > MAX_EVENT_BYTES:
                raise EventTooLongError(f"an event of more than {MAX_EVENT_BYTES} bytes")
        elif line.startswith(b"event:"):
            self._name = line[6:].removeprefix(b" ").decode("utf-8", "replace")
        elif line.startswith(b'{"') and line.endswith(b"}") and not self._data:
            events.append(ServerSentEvent(self._name, line))
        elif line in (b"data", b"event"):
            self._line(line + b":", events)
        elif not line.startswith((b":", b"id", b"retry")) and len(self.stray) < MAX_STRAY_BYTES:
            self.stray = (self.stray + line + b"\n")[:MAX_STRAY_BYTES]
