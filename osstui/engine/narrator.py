"""Says what happens in one lane, as events: adds the run's names, the stamp and the token counts."""

from __future__ import annotations

from collections.abc import Callable

from osstui.engine.dialects.base import Call, Piece, Report
from osstui.engine.keys import redact_all, redact_body, redact_output
from osstui.engine.tokens import Encode, LiveCount
from osstui.engine.veil import Veil
from osstui.engine.wire import Head, Phases
from osstui.events import (
    AnyEvent,
    Connected,
    Delta,
    DeltaKind,
    Ended,
    EndReason,
    Failed,
    FailureKind,
    Noted,
    Opened,
    Retried,
    Sealed,
    Sent,
    ToolCall,
    Usage,
)

Emit = Callable[[AnyEvent], None]

_REQUEST_IDS = ("x-request-id", "request-id", "inference-id", "x-siliconcloud-trace-id", "x-amzn-requestid")
_LIMITS = ("x-ratelimit-", "ratelimit-", "anthropic-ratelimit-", "x-amzn-usage-")
_MAX_LIMITS = 32
_MAX_HEADER = 200
_MAX_BODY = 2000


class Narrator:
    """Knows the secrets, the key first of all, only to keep them out of what is said."""

    def __init__(self, run: str, lane: str, start: int, emit: Emit, count: Encode | None) -> None:
        self._run = run
        self._lane = lane
        self._start = start
        self._emit = emit
        self._count = count
        self._counts: dict[DeltaKind, LiveCount] = {}
        self._secrets: tuple[str, ...] = ()
        self._veil = Veil()

    def keep(self, secrets: tuple[str, ...]) -> None:
        """From now on these are hidden."""
        self._secrets = secrets
        self._veil = Veil(secrets)

    def hidden(self, body: bytes) -> bytes:
        return redact_body(body, self._secrets)

    def connected(self, stamp: int, attempt: int, phases: Phases, *, reused: bool) -> None:
        dns, connect, tls = Phases(None, None, None) if reused else phases
        self._emit(Connected(self._run, self._lane, stamp - self._start, attempt, dns, connect, tls, reused))

    def sent(self, stamp: int, attempt: int) -> None:
        self._emit(Sent(self._run, self._lane, stamp - self._start, attempt))

    def opened(self, stamp: int, head: Head) -> None:
        limits = {n: self._clean(v) for n, v in head.headers.items() if n.startswith(_LIMITS)}
        request_id = next((head.headers[name] for name in _REQUEST_IDS if name in head.headers), None)
        self._emit(
            Opened(
                self._run,
                self._lane,
                stamp - self._start,
                head.status,
                head.http_version,
                self._clean(request_id) if request_id else None,
                dict(list(limits.items())[:_MAX_LIMITS]),
            )
        )

    def piece(self, stamp: int, piece: Piece) -> None:
        n = None
        if self._count is not None:
            live = self._counts.get(piece.kind)
            if live is None:
                live = self._counts[piece.kind] = LiveCount(self._count)
            n = live.feed(piece.text if piece.counted is None else piece.counted)
        for delta in self._veil.feed(
            Delta(self._run, self._lane, stamp - self._start, piece.kind, piece.text, n)
        ):
            self._emit(delta)

    def _all_told(self) -> None:
        """Nothing more of the output comes, or something that belongs behind it."""
        for delta in self._veil.end():
            self._emit(delta)

    def tool_call(self, stamp: int, call: Call) -> None:
        self._all_told()
        at = stamp - self._start
        id, name, arguments = (
            value and self._of_output(value) for value in (call.id, call.name, call.arguments)
        )
        self._emit(ToolCall(self._run, self._lane, at, call.index, id, name or "", arguments or ""))

    def sealed(self, stamp: int, text: str) -> None:
        """Told as it is or not at all: the host refuses it changed."""
        if self._of_output(text) == text:
            self._emit(Sealed(self._run, self._lane, stamp - self._start, text))

    def usage(self, stamp: int, report: Report) -> None:
        self._emit(
            Usage(
                self._run,
                self._lane,
                stamp - self._start,
                report.input,
                report.output,
                report.reasoning,
                report.cached,
                report.cost_usd,
                report.server,
                report.total,
            )
        )

    def note(self, stamp: int, code: str, message: str) -> None:
        self._emit(
            Noted(self._run, self._lane, stamp - self._start, code, redact_all(message, self._secrets))
        )

    def retried(
        self, stamp: int, attempt: int, wait: int, kind: FailureKind, status: int | None, message: str
    ) -> None:
        message = redact_all(message, self._secrets)
        self._emit(Retried(self._run, self._lane, stamp - self._start, attempt, wait, kind, status, message))

    def ended(
        self,
        stamp: int,
        reason: EndReason,
        word: str | None = None,
        model: str | None = None,
        traits: dict[str, str] | None = None,
    ) -> None:
        self._all_told()
        told = {name: self._of_output(value) for name, value in (traits or {}).items()}
        word, model = (value and self._of_output(value)[:_MAX_HEADER] for value in (word, model))
        self._emit(Ended(self._run, self._lane, stamp - self._start, reason, word, model, told))

    def failed(
        self,
        stamp: int,
        kind: FailureKind,
        message: str,
        status: int | None = None,
        retry_after: float | None = None,
        body: str | None = None,
    ) -> None:
        self._all_told()
        message = redact_all(message, self._secrets)
        start = None if body is None else redact_all(body, self._secrets)[:_MAX_BODY]
        at = stamp - self._start
        self._emit(Failed(self._run, self._lane, at, kind, status, message, retry_after, start))

    def _clean(self, value: str) -> str:
        return redact_all(value, self._secrets)[:_MAX_HEADER]

    def _of_output(self, text: str) -> str:
        for secret in self._secrets:
            text = redact_output(text, secret)
        return text
