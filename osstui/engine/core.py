"""The engine itself, wherever it runs: starts jobs, cancels lanes, keeps keys and open connections."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator, Sequence

import msgspec

from osstui import __version__, events
from osstui.engine import tokens
from osstui.engine.api import HostFacts, KeyStatus, LocalServer
from osstui.engine.gate import Gate
from osstui.engine.inspect import inspect
from osstui.engine.keys import Keyring
from osstui.engine.lane import LaneRun
from osstui.engine.narrator import Emit, Narrator
from osstui.engine.pool import Pool
from osstui.engine.probe import probe
from osstui.engine.trust import tls_context
from osstui.engine.wire import now, wall_clock
from osstui.events import LaneInfo, Started
from osstui.job import Effort, Job, Lane, Message, Target


class Core:
    """Needs a running event loop. `emit` is called in that loop, once an event."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        self._keyring = keyring or Keyring()
        self._pool = Pool()
        self._lanes: dict[str, dict[str, asyncio.Task[None]]] = {}

    async def run(self, job: Job, emit: Emit) -> None:
        """Runs the job to its end. All lanes connect, then send together."""
        count = tokens.load()
        if any(lane.target.base_url.startswith("https:") for lane in job.lanes):
            tls_context()  # before anything is timed
        infos = tuple(map(LaneInfo.of, job.lanes, _prompt_tokens(job.lanes)))
        started_at = wall_clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        emit(Started(job.run, events.FORMAT, __version__, started_at, job.prompt, infos))
        gate = Gate(len(job.lanes))
        start = now()
        runs = {
            lane.lane: LaneRun(
                lane, Narrator(job.run, lane.lane, start, emit, count), self._pool, self._keyring, gate
            )
            for lane in job.lanes
        }
        if not self._lanes:
            gc.disable()
        tasks = {name: asyncio.create_task(run.run(), name=name) for name, run in runs.items()}
        self._lanes[job.run] = tasks
        try:
            await asyncio.gather(*tasks.values(), return_exceptions=True)
        finally:
            for task in tasks.values():
                task.cancel()
            del self._lanes[job.run]
            if not self._lanes:
                gc.enable()

    def cancel(self, run: str, lane: str | None = None) -> None:
        tasks = self._lanes.get(run, {})
        _cancel([task for name, task in tasks.items() if lane in (None, name)])

    def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        return self._keyring.statuses(targets)

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        return await probe(targets, self._pool, self._keyring)

    def count(self, messages: Sequence[Message], effort: Effort | None) -> int | None:
        return None if self._lanes else tokens.count_prompt(messages, effort)

    async def inspect(self, target: Target) -> HostFacts:
        return await inspect(target, self._keyring)

    async def close(self) -> None:
        running = [task for tasks in self._lanes.values() for task in tasks.values()]
        _cancel(running)
        await asyncio.gather(*running, return_exceptions=True)
        self._pool.close()


def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """One loop turn later: a task that has not begun yet would end without saying so."""
    for task in tasks:
        asyncio.get_running_loop().call_soon(task.cancel)


def _prompt_tokens(lanes: Sequence[Lane]) -> Iterator[int | None]:
    """For each lane; most of them ask the same, and counting takes 0.5 ms per thousand tokens."""
    known: dict[bytes, int | None] = {}
    for lane in lanes:
        asked = lane.messages, lane.params.effort, lane.tools
        key = msgspec.json.encode(asked) if lane.count_prompt else b""
        if key not in known:
            known[key] = tokens.count_prompt(*asked) if key else None
        yield known[key]
