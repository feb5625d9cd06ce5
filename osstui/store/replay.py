"""Recorded runs again, at their own pace or another: an engine whose answers are already known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile

from osstui.engine.api import KeyStatus, LocalServer
from osstui.events import AnyEvent, Ended, Failed, LaneEvent, Started
from osstui.job import Effort, Job, Message, Target

AT_ONCE = float("inf")
_SHORTEST_WAIT = 0.002
"""Seconds. A shorter wait costs more than it is true to."""


class ReplayEngine:
    """Plays one recorded run. Stamps and numbers are the recorded ones, whatever the speed.

    Lanes that the recording leaves without an ending are cut when it is over. Satisfies `Engine`.
    """

    def __init__(self, events: Iterable[AnyEvent], speed: float = 1.0) -> None:
        """`speed` 2 is twice as fast; `AT_ONCE` doesn't wait. Raises ValueError when there is no `Started`
        to begin with, or for a speed that isn't above 0."""
        if not speed > 0:
            raise ValueError(f"a replay's speed must be above 0, not {speed}")
        self._events = list(events)
        if not self._events or not isinstance(self._events[0], Started):
            raise ValueError("the recording does not begin with a run's start")
        self.started = self._events[0]
        self._speed = speed
        self._cancelled: set[str] = set()
        self._changed = asyncio.Event()

    async def run(self, job: Job | None = None) -> AsyncIterator[AnyEvent]:
        """The run's events, each when its stamp comes. The job only asks for it."""
        origin, t = time.monotonic(), 0
        live = {info.lane: 0 for info in self.started.lanes}
        yield self.started
        for event in self._events[1:]:
            if not isinstance(event, LaneEvent) or event.run != self.started.run or event.lane not in live:
                continue
            t = max(t, event.t)
            async for ending in self._until(origin + t / 1e9 / self._speed, event.lane, live):
                yield ending
            if event.lane not in live:
                continue
            live[event.lane] = event.t
            if isinstance(event, Ended | Failed):
                del live[event.lane]
            yield event
        for lane, last in list(live.items()):
            yield Ended(self.started.run, lane, last, "truncated")

    async def _until(self, due: float, lane: str, live: dict[str, int]) -> AsyncIterator[AnyEvent]:
        """Waits for a lane, and ends lanes that are cancelled meanwhile, each with its latest stamp."""
        while True:
            for cancelled in sorted(self._cancelled & live.keys()):
                yield Ended(self.started.run, cancelled, live.pop(cancelled), "cancelled")
            wait = due - time.monotonic()
            if lane not in live or wait < _SHORTEST_WAIT:
                return
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), wait)
            except TimeoutError:
                return

    @property
    def was_cancelled(self) -> bool:
        """Every lane was."""
        return self._cancelled >= {info.lane for info in self.started.lanes}

    def cancel(self, run: str, lane: str | None = None) -> None:
        self._cancelled |= {info.lane for info in self.started.lanes} if lane is None else {lane}
        self._changed.set()

    async def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        """A recording needs none."""
        return [KeyStatus(target.provider, present=True, required=False) for target in targets]

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        return [LocalServer(target.provider, up=True) for target in targets]

    async def count(self, messages: Sequence[Message], effort: Effort | None = None) -> int | None:
        return None

    async def close(self) -> None:
        """Nothing is open."""


MOST_HELD = 200_000
"""Events of runs that have ended, held back until those that began before them have ended too."""


def recordings(events: Iterable[AnyEvent]) -> Iterator[list[AnyEvent]]:
    """The events of each run of a file, in the order in which the runs started, each as soon as it may.

    A file may be larger than memory: behind a run that never ends not more than `MOST_HELD` events wait;
    beyond that, that run comes later. What follows the end of a run, such as the same run once more, is
    passed over.
    """
    runs: dict[str, list[AnyEvent]] = {}
    live: dict[str, set[str]] = {}
    held = 0
    for event in events:
        if isinstance(event, Started):
            if event.run not in live:
                runs[event.run], live[event.run] = [event], {info.lane for info in event.lanes}
        elif live.get(event.run):
            runs[event.run].append(event)
            if isinstance(event, Ended | Failed):
                live[event.run].discard(event.lane)
                if not live[event.run]:
                    held += len(runs[event.run])
                    for run in _through(runs, live, all_ended=held > MOST_HELD):
                        held -= len(runs[run])
                        yield runs.pop(run)
    yield from runs.values()


def _through(runs: Iterable[str], live: Mapping[str, set[str]], *, all_ended: bool) -> list[str]:
    """Those that have ended, up to the first one that has not, or all."""
    ended = (
        (run for run in runs if not live[run]) if all_ended else takewhile(lambda run: not live[run], runs)
    )
    return [*ended]
