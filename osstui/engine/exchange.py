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
    Seal,
    Trait,
)
from osstui.engine.dialects.errors import host_error, not_a_document, not_a_stream, refusal
from osstui.engine.dialects.mending import Mender
from osstui.engine.dialects.usage import header_timings
from osstui.engine.failure import Failure, from_answer, implied_status, refused, wait_told
from osstui.engine.framing import Body
from osstui.engine.inflate import BodyError
from osstui.engine.narrator import Narrator
from osstui.engine.sse import EventTooLongError, ServerSentEvent
from osstui.engine.wire import Head, WireError, wall_clock
from osstui.events import EndReason, FailureKind

MAX_ERROR_BYTES = 64 * 1024
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
        self._refusal = False
        """The status says that this is no answer."""
        self._body: Body | None = None
        self._unreadable = False
        """The body of a refusal can't be unpacked: its status still says what it is."""
        self._mender = Mender()
        self._held_at = 0
        self._chars = 0
        self._finish: Finish | None = None
        self._model: str | None = None
        self._traits: dict[str, str] = {}
        self._broken = 0

    # wire.Receiver

    def head(self, stamp: int, head: Head) -> None:
        self._head = head
        self._refusal = head.status >= 300
        self._narrator.opened(stamp, head)
        limit = MAX_ERROR_BYTES if self._refusal else None
        try:
            self._body = Body(head.headers, lines=self._parser.lines, limit=limit)
        except BodyError as error:
            self._not_readable(stamp, error)

    def body(self, stamp: int, data: bytes) -> None:
        body = self._body
        if body is None or self._unreadable or self.outcome.done():
            return
        try:
            for event in body.feed(data):
                self._event(stamp, event)
        except (BodyError, EventTooLongError) as error:
            self._not_readable(stamp, error)
            return
        if body.full:
            self._too_long(stamp, "it is one document")

    def ended(self, stamp: int, error: Exception | None) -> None:
        if self.outcome.done():
            return
        if self._head is None:
            self._broken_off(stamp, error)
            return
        if self._refusal:
            self._refused(stamp)
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
        stray = self._body.stray if self._body is not None else b""
        if stray and self.last_piece_at is None:
            self._fail(stamp, Failure("protocol", not_a_stream(self._narrator.hidden(stray))))
            return
        nothing = "the stream ended before a word of the answer"
        ended = nothing if self.last_piece_at is None else "the stream ended without a finish reason"
        reason = broke_off or ended
        self._narrator.note(stamp, "truncated", f"cut: {reason}")
        self._end(stamp, "truncated", None)

    def time_out(self, stamp: int, message: str) -> None:
        """A refusal whose body never ends is one all the same."""
        if self._refusal and not self.outcome.done():
            self._refused(stamp)
        else:
            self._fail(stamp, Failure("timeout", message))

    # Reading

    def _not_readable(self, stamp: int, error: Exception) -> None:
        if self._refusal:
            self._unreadable = True
        else:
            self._fail(stamp, Failure("protocol", str(error)))

    def _too_long(self, stamp: int, what: str) -> None:
        """Nobody waits for the end of what has none: of a refusal the beginning says enough."""
        if self._refusal:
            self._refused(stamp)
        else:
            self._fail(stamp, Failure("protocol", f"{what}, longer than any answer: given up"))

    def _rest(self, stamp: int) -> None:
        """What the framing and the parser held back."""
        if self._body is None:
            return
        try:
            for event in self._body.end():
                self._event(stamp, event)
        except EventTooLongError as error:
            self._not_readable(stamp, error)
        for item in self._parser.end():
            self._item(stamp, item)

    def _event(self, stamp: int, event: ServerSentEvent) -> None:
        try:
            self._read(stamp, event)
            return
        except (ValueError, RecursionError) as error:
            problem = str(error)  # the error itself would hold this frame, and be held by it
        mended = self._mender.mended(event.data)
        if mended is not None:
            with contextlib.suppress(ValueError, RecursionError):
                self._read(stamp, event._replace(data=mended))
                return
        if self._streamed and event.name != "error" and not event.data.startswith(b'[{"error"'):
            self._skip(stamp, problem)
        elif self._streamed or event.data.lstrip().startswith((b"{", b"[")):
            self._item(stamp, host_error(self._narrator.hidden(event.data)))
        else:
            self._fail(stamp, Failure("protocol", not_a_document(self._narrator.hidden(event.data))))

    def _read(self, stamp: int, event: ServerSentEvent) -> None:
        parser = self._parser
        for item in parser.event(event) if self._streamed else parser.document(event.data):
            self._item(stamp, item)

    @property
    def _streamed(self) -> bool:
        return self._body is not None and self._body.streamed

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
                self._narrator.usage(stamp, self._timed(item))
            case Call():
                self._narrator.tool_call(stamp, item)
            case Seal(text):
                self._narrator.sealed(stamp, text)
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

    def _timed(self, report: Report) -> Report:
        """With the timings that came in the headers, where the body tells none."""
        if report.server is not None or self._head is None:
            return report
        return msgspec.structs.replace(report, server=header_timings(self._head.headers))

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
        assert self._head is not None
        wait = wait_told(self._head.status, self._head.headers, wall_clock())
        failure = from_answer(implied_status(error), error, wait)
        self._fail(stamp, msgspec.structs.replace(failure, status=error.status))

    # Outcomes

    def _refused(self, stamp: int) -> None:
        assert self._head is not None
        came = self._body.end() if self._body is not None else []
        body = self._narrator.hidden(came[0].data) if came else b""
        status, headers = self._head.status, self._head.headers
        self._fail(stamp, refused(status, headers, refusal(body), body, wall_clock()))

    def _broken_off(self, stamp: int, error: Exception | None) -> None:
        kind: FailureKind = error.kind if isinstance(error, WireError) else "connect"
        message = str(error) if error else "the host closed the connection without an answer"
        failure = (
            Failure("protocol", message)
            if kind == "protocol"
            else Failure("connect", f"no answer: {message}", transient=True)
        )
        self.outcome.set_result(Setback(stamp, failure, unanswered=True))

    def _fail(self, stamp: int, failure: Failure) -> None:
        if not self.outcome.done():
            self.outcome.set_result(Setback(stamp, failure))

    def _end(self, stamp: int, reason: EndReason, word: str | None) -> None:
        if not self.outcome.done():
            traits = {"end_marker": "no"} | self._traits
            self.outcome.set_result(Ending(stamp, reason, word, self._model, traits))
