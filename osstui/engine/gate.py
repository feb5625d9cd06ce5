"""The starting gate: lanes wait until all are connected, then their requests are sent back to back.

Sending from one place, in one turn of the loop, keeps any lane's parsing or connecting out of another's TTFT.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

PATIENCE = 3.0
"""Seconds that connected lanes wait for one that is still connecting; it then starts when it is ready."""


class Gate:
    def __init__(self, lanes: int) -> None:
        self._expected = lanes
        self._waiting: list[Callable[[], None]] = []
        self._open = lanes == 0
        self._timer: asyncio.TimerHandle | None = None

    def arrive(self, send: Callable[[], None]) -> None:
        """`send` is called when the gate opens; at once if it is open."""
        if self._open:
            send()
            return
        self._waiting.append(send)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._release)
        self._check()

    def leave(self, send: Callable[[], None] | None = None) -> None:
        """A lane that will not be ready for the start: it failed, was cancelled, or waits to try again.

        With the `send` that it arrived with, if it had arrived; that is ignored once it has been called.
        """
        if self._open or (send is not None and send not in self._waiting):
            return
        if send is not None:
            self._waiting.remove(send)
        self._expected -= 1
        self._check()

    def _check(self) -> None:
        if len(self._waiting) >= self._expected:
            # One loop turn later: whoever arrives last has then left the call stack.
            asyncio.get_running_loop().call_soon(self._release)

    def _release(self) -> None:
        self._open = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        for send in waiting:
            send()
