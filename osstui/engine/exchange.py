"""One request and its answer: bytes come in stamped, events go out, and at the end there is an outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import msgspec

from osstui.engine.dialects.base import (
    Call,
    Echo,
    End,
    Finish,
    Held,
    HostError,
    Item,
    Oddity,
    Parser,
    Piece,
    Report,
    Trait,
)
from osstui.engine.dialects.errors import host_error, refusal
from osstui.engine.dialects.mending import Mender
from osstui.engine.failure import Failure, from_answer, implied_status, reset_seconds, retry_after_seconds
from osstui.engine.framing import BodyError, Document, Frames, Inflater, frames_for
from osstui.engine.narrator import Narrator
from osstui.engine.sse import EventTooLongError, ServerSentEvent
from osstui.engine.wire import Head, WireError, wall_clock
from osstui.events import EndReason, FailureKind

MAX_ERROR_BYTES = 64 * 1024
MAX_LOCATION = 300
MAX_BROKEN_NOTES = 3
MAX_BROKEN = 1000
"""A stream of which that many events can't be read is none."""
MAX_OUTPUT_CHARS = 16 * 1024 * 1024
"""Longest output that is taken, some 4 million tokens: a host that never stops must not fill the memory."""


class Ending(msgspec.Struct, frozen=True):
    """The answer is over. `stamp` is when that was known."""

    stamp: int
    reason: EndReason
    word: str | None = None
    model: str | None = None
    traits: dict[str, str] = {}


class Setback(msgspec.Struct, frozen=True):
    """The attempt failed. `unanswered`: not a byte of an answer had come."""

    stamp: int
    failure: Failure
    unanswered: bool = False


Outcome = Ending | Setback


class Exchange:
    """A `wire.Receiver` for one attempt."""

    def __init__(self, parser: Parser, narrator: Narrator) -> None:
        self.outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.sent_at: int | None = None
        self.last_piece_at: int | None = None
        self.finished_at: int | None = None
        self.on_phase: Callable[[], None] | None = None
        """Called when another limit begins to count: after the first piece and after the finish."""
        self._parser = parser
        self._narrator = narrator
        self._head: Head | None = None
        self._frames: Frames | None = None
        self._inflater: Inflater | None = None
        self._unreadable = False
        """The body of a refusal can't be unpacked: its status still says what it is."""
        self._mender = Mender()
        self._leading = b""
        self._held_at = 0
        self._chars = 0
        self._finish: Finish | None = None
        self._model: str | None = None
        self._traits: dict[str, str] = {}
        self._broken = 0

    # wire.Receiver

    def head(self, stamp: int, head: Head) -> None:
        self._head = head
        self._narrator.opened(stamp, head)
        if head.status >= 300:
            self._frames = Document(MAX_ERROR_BYTES)
        encoding = head.headers.get("content-encoding", "").strip().lower()
        if encoding not in ("", "identity"):
            try:
                self._inflater = Inflater(encoding)
            except BodyError as error:
                self._not_readable(stamp, error)

    def body(self, stamp: int, data: bytes) -> None:
        if self.outcome.done() or self._unreadable:
            return
        try:
            if self._inflater is not None:
                data = self._inflater.feed(data)
            frames = self._frames or self._choose_frames(data)
            if frames is None:
                return
            if self._leading:
                data, self._leading = self._leading + data, b""
            for event in frames.feed(data):
                self._event(stamp, event)
            if isinstance(frames, Document) and frames.full:
                self._too_long(stamp, "it is one document")
        except (BodyError, EventTooLongError) as error:
            self._not_readable(stamp, error)

    def ended(self, stamp: int, error: Exception | None) -> None:
        if self.outcome.done():
            return
        if self._head is None:
            self._broken_off(stamp, error)
            return
        if self._head.status >= 300:
            self._refused(stamp, self._head)
            return
        self._rest(stamp)
        self.conclude(stamp, str(error) if error else None)

    # What the lane's clock says

    def conclude(self, stamp: int, broke_off: str | None = None) -> None:
        """Nothing more will come: the answer is whole if its finish was seen, else it was cut."""
        if self.outcome.done():
            return
        if self._broken > MAX_BROKEN_NOTES:
            self._narrator.note(stamp, "broken_events", f"{self._broken} events could not be read")
        if self._finish is not None:
            self._end(stamp, self._finish.reason, self._finish.word)
            return
        reason = broke_off or "the stream ended without a finish reason"
        self._narrator.note(stamp, "truncated", f"cut: {reason}")
        self._end(stamp, "truncated", None)

    def time_out(self, stamp: int, message: str) -> None:
        """A refusal whose body never ends is one all the same."""
        if self._head is not None and self._head.status >= 300 and not self.outcome.done():
            self._refused(stamp, self._head)
        else:
            self._fail(stamp, Failure("timeout", message))

    # Reading

    def _not_readable(self, stamp: int, error: Exception) -> None:
        if self._head is not None and self._head.status >= 300:
            self._unreadable = True
        else:
            self._fail(stamp, Failure("protocol", str(error)))

    def _too_long(self, stamp: int, what: str) -> None:
        """Nobody waits for the end of what has none: of a refusal the beginning says enough."""
        if self._head is not None and self._head.status >= 300:
            self._refused(stamp, self._head)
        else:
            self._fail(stamp, Failure("protocol", f"{what}, longer than any answer: given up"))

    def _choose_frames(self, data: bytes) -> Frames | None:
        """The framing, once there is a byte to tell it by."""
        if self._head is None or not (self._leading + data).strip():
            self._leading += data[:1024]
            return None
        kind = self._head.headers.get("content-type", "")
        self._frames = frames_for(kind, self._leading + data, lines=self._parser.lines)
        return self._frames

    def _rest(self, stamp: int) -> None:
        """What the framing and the parser held back."""
        if self._frames is None:
            return
        for event in self._frames.end():
            self._event(stamp, event)
        for item in self._parser.end():
            self._item(stamp, item)

    def _event(self, stamp: int, event: ServerSentEvent) -> None:
        streamed = self._frames is not None and self._frames.streamed
        taken = self._chars
        try:
            self._items(stamp, event, streamed=streamed)
            return
        except (ValueError, RecursionError) as error:
            problem = str(error)  # the error itself would hold this frame, and be held by it
        mended = self._mender.mended(event.data) if self._chars == taken else None
        if mended is not None:
            with contextlib.suppress(ValueError, RecursionError):
                self._items(stamp, event._replace(data=mended), streamed=streamed)
                return
        if streamed and event.name != "error" and not event.data.startswith(b'[{"error"'):
            self._skip(stamp, problem)
        else:
            self._item(stamp, host_error(event.data))

    def _items(self, stamp: int, event: ServerSentEvent, *, streamed: bool) -> None:
        for item in self._parser.event(event) if streamed else self._parser.document(event.data):
            self._item(stamp, item)
            if self.outcome.done():
                return

    def _skip(self, stamp: int, problem: str) -> None:
        self._broken += 1
        if self._broken <= MAX_BROKEN_NOTES:
            self._narrator.note(
                stamp, "broken_event", f"an event could not be read and was skipped: {problem}"
            )
        elif self._broken > MAX_BROKEN:
            self._fail(stamp, Failure("protocol", f"more than {MAX_BROKEN:,} events could not be read"))

    def _item(self, stamp: int, item: Item) -> None:
        if self.outcome.done():
            return
        match item:
            case Piece():
                first, self.last_piece_at = self.last_piece_at is None, stamp
                self._chars += len(item.text)
                if self._chars > MAX_OUTPUT_CHARS:
                    self._too_long(stamp, "output that never ends")
                    return
                self._narrator.piece(self._held_at if item.held else stamp, item)
                if first:
                    self._next_phase()
            case Held():
                self._held_at = stamp
            case Report():
                self._narrator.usage(stamp, item)
            case Call():
                self._narrator.tool_call(stamp, item)
            case Echo(model):
                self._model = model
            case Trait(name, value):
                self._traits[name] = value
            case Finish():
                if self._finish is None:
                    self._finish, self.finished_at = item, stamp
                    self._next_phase()
            case Oddity(code, message):
                self._narrator.note(stamp, code, message)
            case HostError():
                self._host_error(stamp, item)
            case End():
                self._marked_end(stamp)

    def _next_phase(self) -> None:
        if self.on_phase is not None:
            self.on_phase()

    def _marked_end(self, stamp: int) -> None:
        self._traits["end_marker"] = "yes"
        if self._finish is None and self.last_piece_at is not None:
            self._narrator.note(stamp, "no_finish_reason", "the stream ended without a finish reason")
            self._end(stamp, "stop", None)
        else:
            self.conclude(stamp)

    def _host_error(self, stamp: int, error: HostError) -> None:
        if self._finish is not None:
            self._narrator.note(stamp, "error_after_finish", f"after the end of the answer: {error.message}")
            return
        failure = from_answer(implied_status(error), error, self._retry_after())
        self._fail(stamp, msgspec.structs.replace(failure, status=error.status))

    # Outcomes

    def _refused(self, stamp: int, head: Head) -> None:
        assert self._frames is not None
        body = self._frames.end()[0].data
        error = refusal(body)
        if 300 <= head.status < 400:
            where = head.headers.get("location", "elsewhere")
            where = where if len(where) <= MAX_LOCATION else where[:MAX_LOCATION] + "…"
            error = HostError(f"redirects are not followed; correct base_url to what the host names: {where}")
        failure = from_answer(head.status, error, self._retry_after())
        self._fail(stamp, msgspec.structs.replace(failure, body=body.decode("utf-8", "replace")))

    def _broken_off(self, stamp: int, error: Exception | None) -> None:
        kind: FailureKind = error.kind if isinstance(error, WireError) else "connect"
        message = str(error) if error else "the host closed the connection without an answer"
        failure = (
            Failure("protocol", message)
            if kind == "protocol"
            else Failure("connect", f"no answer: {message}", transient=True)
        )
        self.outcome.set_result(Setback(stamp, failure, unanswered=True))

    def _retry_after(self) -> float | None:
        headers = self._head.headers if self._head else {}
        milliseconds = retry_after_seconds(headers.get("retry-after-ms"), wall_clock())
        if milliseconds is not None:
            return milliseconds / 1000
        seconds = retry_after_seconds(headers.get("retry-after"), wall_clock())
        if seconds is None and self._head is not None and self._head.status == 429:
            return reset_seconds(headers, wall_clock())
        return seconds

    def _fail(self, stamp: int, failure: Failure) -> None:
        if not self.outcome.done():
            self.outcome.set_result(Setback(stamp, failure))

    def _end(self, stamp: int, reason: EndReason, word: str | None) -> None:
        if not self.outcome.done():
            traits = {"end_marker": "no"} | self._traits
            self.outcome.set_result(Ending(stamp, reason, word, self._model, traits))
