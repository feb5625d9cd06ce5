"""Lines on stderr that are drawn again and again while something runs; nothing where it is no terminal."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from collections.abc import Callable, Sequence
from typing import Self

INTERVAL_S = 0.1

Lines = Callable[[int, int], Sequence[str]]
"""The lines for a terminal of that width and height; the last column stays free."""


class Painting:
    """Use it as an async context manager around the work; what it drew is gone afterwards. A terminal that
    takes nothing (Ctrl-S, a stalled line) holds up no stamp and no timer of the work: a thread writes."""

    def __init__(self, lines: Lines, *, wanted: bool = True) -> None:
        self._lines = lines
        self._wanted = wanted and sys.stderr.isatty()
        self._drawn = 0
        self._over = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        if self._wanted:
            self._task = asyncio.create_task(self._paint())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is None:
            return
        self._over.set()
        await self._task
        _write(self._home())

    async def _paint(self) -> None:
        while not self._over.is_set():
            size = shutil.get_terminal_size()
            lines = self._lines(size.columns, size.lines)
            await asyncio.to_thread(_write, self._home() + "\n".join(lines))
            self._drawn = len(lines)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL_S):
                    await self._over.wait()

    def _home(self) -> str:
        """Back to the first line, everything below cleared."""
        return f"\r\x1b[{self._drawn - 1}A\x1b[J" if self._drawn > 1 else "\r\x1b[J"


def _write(text: str) -> None:
    with contextlib.suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()
