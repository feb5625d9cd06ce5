"""The fold of one lane's events: what arrived, when, and how it stands now."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Literal

from osstui.events import (
    Connected,
    Delta,
    DeltaKind,
    Ended,
    Failed,
    LaneEvent,
    LaneInfo,
    Noted,
    Opened,
    Retried,
    Sealed,
    Sent,
    ToolCall,
    Usage,
)
from osstui.measure.estimate import estimate_tokens
from osstui.measure.window import Buckets, Window

Status = Literal[
    "connecting", "waiting", "thinking", "streaming", "retrying", "ok", "cut", "failed", "cancelled"
]
FINAL: frozenset[Status] = frozenset({"ok", "cut", "failed", "cancelled"})


@dataclass(slots=True, eq=False)
class LaneState:
    """One lane as far as its events tell. Stamps (`t_…`) are ns since the job started, None until then.

    `apply` costs the same however long the answer is: it appends and adds, and copies nothing.
    """

    info: LaneInfo
    status: Status = "connecting"
    pieces: list[tuple[DeltaKind, str]] = field(default_factory=list)
    """Append-only, in order of arrival: a viewer remembers how many it has shown."""
    warnings: list[str] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    """Of the warnings those on parameters that this host does not get, or does not heed."""
    error: Failed | None = None
    ended: Ended | None = None
    usage: Usage | None = None
    """The last report; a later one replaces it whole."""
    connected: Connected | None = None
    opened: Opened | None = None
    attempts: int = 1
    retry_at: int | None = None
    """When the next attempt starts, ns since the job started; None unless retrying."""
    retry_message: str | None = None
    lost_ns: int = 0
    """From the first attempt's `Sent` (from the job's start if it never got there) to the last attempt's."""
    revision: int = 0
    """Grows with every event applied: a viewer whose number is equal has nothing to draw."""

    t_connected: int | None = None
    t_sent: int | None = None
    """Of the attempt that answered, or of the latest one until something arrives."""
    t_open: int | None = None
    t_first: int | None = None
    t_first_answer: int | None = None
    """First piece of answer text; a tool call is no answer text."""
    t_last: int | None = None
    t_end: int | None = None

    seen: Window = field(default_factory=Window)
    """Everything: reasoning, answer and tool calls."""
    reasoned: Window = field(default_factory=Window)
    answered: Window = field(default_factory=Window)
    """Answer text and tool calls."""
    called: bool = False
    """A tool call came."""
    calls: list[ToolCall] = field(default_factory=list)
    """Those that are whole."""
    sealed: str | None = None
    """What must go back with their results (see `events.Sealed`)."""
    estimated: bool = False
    """True as soon as one piece came without a local count: token sums then hold character estimates."""
    gaps: array[int] = field(default_factory=lambda: array("q"))
    """ns between chunks, in order."""
    buckets: Buckets = field(default_factory=Buckets)
    _lost_from: int | None = None

    @property
    def live(self) -> bool:
        """More events are to come."""
        return self.status not in FINAL

    @property
    def text(self) -> str:
        return self._joined("text")

    @property
    def reasoning(self) -> str:
        return self._joined("reasoning")

    @property
    def tool(self) -> str:
        return self._joined("tool")

    def _joined(self, kind: DeltaKind) -> str:
        return "".join([text for k, text in self.pieces if k == kind])

    def apply(self, event: LaneEvent) -> None:
        """Folds one event in. What had arrived stays, whatever comes after it."""
        self.revision += 1
        match event:
            case Delta():
                self._take(event)
            case Connected():
                self.connected, self.t_connected = event, event.t
                self._attempt(event.attempt)
            case Sent():
                self._sent(event)
            case Opened():
                self.opened, self.t_open = event, event.t
            case ToolCall():
                self.calls.append(event)
            case Sealed(text=text):
                self.sealed = text
            case Usage():
                self.usage = event
            case Noted():
                self.warnings.append(event.message)
                if event.code.endswith("_parameter"):
                    self.unmet.append(event.message)
            case Retried():
                self._retried(event)
            case Ended() if self.live:
                self._ended(event)
            case Failed() if self.live:
                self.error, self.t_end, self.status, self.retry_at = event, event.t, "failed", None
            case _:
                pass

    def _take(self, event: Delta) -> None:
        kind, t, tokens = event.kind, event.t, event.n
        self.pieces.append((kind, event.text))
        n: float
        if tokens is None:
            self.estimated = True
            n = estimate_tokens(event.text)
        else:
            n = tokens
        gap = self.seen.add(t, n)
        if gap is not None:
            self.gaps.append(gap)
        self.buckets.add(t, n)
        self.t_last = self.seen.last
        if self.t_first is None:
            self.t_first = t
        if kind == "reasoning":
            self.reasoned.add(t, n)
        else:
            self.answered.add(t, n)
            if kind == "tool":
                self.called = True
            elif self.t_first_answer is None:
                self.t_first_answer = t
        if self.live:
            self.status = "thinking" if kind == "reasoning" else "streaming"

    def _attempt(self, number: int) -> None:
        self.attempts = max(self.attempts, number)
        self.retry_at = self.retry_message = None
        if self.live and self.t_first is None:
            self.status = "waiting"

    def _sent(self, event: Sent) -> None:
        self._attempt(event.attempt)
        if self.t_first is not None:
            return
        self.t_sent = event.t
        if self._lost_from is not None:
            self.lost_ns = event.t - self._lost_from

    def _retried(self, event: Retried) -> None:
        self.status, self.attempts = "retrying", event.attempt
        self.usage = None
        self.retry_at, self.retry_message = event.t + event.wait, event.message
        if self._lost_from is None:
            self._lost_from = self.t_sent or 0
        self.lost_ns = event.t - self._lost_from

    def _ended(self, event: Ended) -> None:
        if self.retry_at is not None and event.t < self.retry_at:
            self.attempts -= 1
        self.ended, self.t_end, self.retry_at = event, event.t, None
        if event.reason == "cancelled":
            self.status = "cancelled"
        else:
            self.status = "cut" if event.reason == "truncated" else "ok"
