"""A run that the engine is at work on, or was: the job, and what has come of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from osstui import __version__
from osstui.events import FORMAT, AnyEvent, Ended, Failed, FailureKind, LaneEvent, LaneInfo, Started
from osstui.job import Job
from osstui.measure.run import LaneState, RunState

if TYPE_CHECKING:
    from osstui.engine.api import Engine


@dataclass(slots=True, eq=False)
class LiveRun:
    """A job that was handed to the engine, and its fold."""

    job: Job
    state: RunState = field(default_factory=RunState)
    player: Engine | None = None
    """Plays the run, where it is a recording: it costs nothing, and nothing of it is kept again."""
    speed: float = 1.0
    """Of the player."""
    _origin: int = field(default_factory=time.monotonic_ns)

    def apply(self, event: AnyEvent) -> None:
        self.state.apply(event)
        if isinstance(event, LaneEvent):
            self._origin = min(self._origin, time.monotonic_ns() - round(event.t / self.speed))

    @property
    def now(self) -> int:
        """ns since the job started, as near as the screen can tell: for running clocks only."""
        return round((time.monotonic_ns() - self._origin) * self.speed)

    def lane(self, name: str) -> LaneState | None:
        """None until the run has started."""
        return self.state.lanes.get(name)

    def fail_rest(self, kind: FailureKind, message: str) -> list[AnyEvent]:
        """Every lane without an ending gets this one: for an engine that went away, or never began.

        Returns the events that it took for that.
        """
        return self._end_rest(lambda name: Failed(self.job.run, name, self.now, kind, None, message))

    def cancel_rest(self) -> list[AnyEvent]:
        """Every lane without an ending is cancelled: for an app that closes. Returns the events, too."""
        return self._end_rest(lambda name: Ended(self.job.run, name, self.now, "cancelled"))

    def _end_rest(self, ending: Callable[[str], Ended | Failed]) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        if not self.state.run:
            events.append(self._started())
            self.state.apply(events[0])
        events += [ending(name) for name, lane in self.state.lanes.items() if lane.live]
        for event in events:
            if not isinstance(event, Started):
                self.state.apply(event)
        return events

    def _started(self) -> Started:
        infos = tuple(LaneInfo.of(lane) for lane in self.job.lanes)
        began = datetime.now(UTC).isoformat(timespec="seconds")
        return Started(self.job.run, FORMAT, __version__, began, self.job.prompt, infos)
