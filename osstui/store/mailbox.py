"""What is handed to a writing thread: the caller never waits, the thread gets things by the handful."""

from __future__ import annotations

from threading import Condition
from typing import Generic, TypeVar

from osstui.events import AnyEvent, Delta, Started

T = TypeVar("T")

MOST_BYTES = 64 * 1024 * 1024
"""Of events that wait for a disk that hangs."""
_OVERHEAD = 300
"""About what an event takes in memory besides its text."""


def size_of(event: AnyEvent) -> int:
    """Bytes of memory, about."""
    text = event.text if isinstance(event, Delta) else event.prompt if isinstance(event, Started) else ""
    return _OVERHEAD + 4 * len(text)


class Mailbox(Generic[T]):
    """Takes things from any thread for one that empties it, every `interval` seconds or when one hurries."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._things: list[T] = []
        self._changed = Condition()
        self._hurry = False
        self._closed = False

    def put(self, thing: T, *, hurry: bool = False) -> bool:
        """False once it is closed: then the thing is ignored."""
        with self._changed:
            if self._closed:
                return False
            self._things.append(thing)
            self._hurry |= hurry
            if hurry or len(self._things) == 1:  # to be woken for each would cost more than the writing
                self._changed.notify()
        return True

    def close(self) -> None:
        """Takes nothing any more; what is there can still be taken. May be called twice."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def take(self, *, idle: bool = True) -> tuple[list[T], bool]:
        """All that is there, and whether more may come.

        Waits for a first thing, unless the thread isn't `idle` but has some left to do; then, until one
        hurries or the interval is over, for others to come along.
        """
        with self._changed:
            if idle:
                self._changed.wait_for(lambda: self._things or self._closed)
            self._changed.wait_for(lambda: self._hurry or self._closed, self._interval)
            things, self._things = self._things, []
            self._hurry = False
            return things, not self._closed
