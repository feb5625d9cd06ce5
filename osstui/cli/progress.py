"""One line on stderr that says how the lanes stand while they run."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys

from osstui.measure.format import show
from osstui.measure.run import LaneState, RunState
from osstui.measure.speed import live_speed
from osstui.safe_text import visible_line

INTERVAL_S = 0.1
_CLEAR = "\r\x1b[K"


class Progress:
    """Use it as an async context manager around the run. Says nothing where stderr is no terminal."""

    def __init__(self, run: RunState, *, wanted: bool = True) -> None:
        self._run = run
        self._wanted = wanted and sys.stderr.isatty()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Progress:
        if self._wanted:
            self._task = asyncio.create_task(self._paint())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is None:
            return
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        _write(_CLEAR)

    async def _paint(self) -> None:
        while True:
            width = shutil.get_terminal_size().columns
            _write(_CLEAR + visible_line(line(self._run), max(1, width - 1)))
            await asyncio.sleep(INTERVAL_S)


def line(run: RunState) -> str:
    """`groq 120 · 486 tok/s | together waiting | …`; the newest stamp of all lanes stands for now."""
    now = max((lane.t_last or 0 for lane in run.lanes.values()), default=0)
    return " | ".join(f"{name} {_standing(lane, now)}" for name, lane in run.lanes.items()) or "starting"


def _standing(lane: LaneState, now: int) -> str:
    if lane.status not in ("thinking", "streaming"):
        return lane.status
    tokens = f"{show(lane.seen.tokens, 'count')} tokens"
    speed = live_speed(lane, now)
    return tokens if speed is None else f"{tokens} {show(speed, 'tok/s', approximate=True)}"


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
