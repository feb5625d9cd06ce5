"""Runs into the history as they stream: a thread writes, the caller only hands events over."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread

from osstui.events import AnyEvent, Delta, Ended, Failed, Started
from osstui.store.alive import Alive
from osstui.store.mailbox import Mailbox
from osstui.store.recorder import RunRecorder
from osstui.store.schema import HistoryError, connect, is_busy, told, transaction
from osstui.store.statements import Op, Place

Say = Callable[[str], None]
Thing = AnyEvent | list[Op] | Event

INTERVAL = 0.3
"""Seconds between an event and the write that keeps it, while nothing hurries."""
MOST_BYTES = 64 * 1024 * 1024
"""Of events that wait for a disk that hangs."""
_OVERHEAD = 300
"""About what an event takes in memory besides its text."""


class HistoryWriter:
    """Writes events of any number of runs into the history, at most about half a second behind.

    `put` and `place` never wait for the disk. When the history can't be written, `on_error` is called once,
    from the writer's thread, with one line for people; the program goes on without a history. The file is
    opened, and made, when the first event comes. Usable as a context manager.
    """

    def __init__(
        self, path: Path, on_error: Say, *, interval: float = INTERVAL, most_bytes: int = MOST_BYTES
    ) -> None:
        self._path = path
        self._on_error = on_error
        self._box = Mailbox[Thing](interval)
        self._room = most_bytes
        self._places: dict[str, Place] = {}
        self._lock = Lock()
        self._trouble = ""
        self._runs: dict[str, RunRecorder] = {}
        self._ops: list[Op] = []
        self._unwritten = 0
        self._waiting: list[Event] = []
        self._thread = Thread(target=self._work, name="history", daemon=True)
        self._thread.start()

    def place(self, run: str, place: Place) -> None:
        """Says where a run belongs; to be called before its `Started` is put."""
        with self._lock:
            self._places[run] = place

    def put(self, event: AnyEvent) -> None:
        """Takes an event; after `close`, or once writing has failed, it is ignored."""
        with self._lock:
            self._room -= _size(event)
            full = self._room < 0
        if full:
            self._trouble = "the disk can't keep up"
            self._box.close()
        else:
            self._box.put(event, hurry=isinstance(event, Started | Ended | Failed))

    def add(self, ops: Sequence[Op]) -> bool:
        """Executes statements after all that was put before. False once nothing is written any more."""
        return self._box.put([*ops], hurry=True)

    def settle(self, seconds: float) -> bool:
        """Waits until all that was put before is written. False when that took longer or can't be."""
        written = Event()
        return self._box.put(written, hurry=True) and written.wait(seconds)

    def close(self) -> None:
        """Writes what is left. May be called twice."""
        self._box.close()
        self._thread.join()

    def __enter__(self) -> HistoryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        things, more = self._box.take()
        if not (things or self._trouble):
            return
        db: sqlite3.Connection | None = None
        alive: Alive | None = None
        try:
            db = connect(self._path)
            alive = Alive(self._path)
            self._round(db, things, alive.owner, last=not more)
            while more:
                things, more = self._box.take(idle=not self._ops)
                self._round(db, things, alive.owner, last=not more)
        except HistoryError as error:
            self._give_up(str(error))
        except (sqlite3.Error, OSError, ValueError) as error:
            self._give_up(told(self._path, error))
        finally:
            self._box.close()
            if db is not None:
                with suppress(sqlite3.Error):
                    db.close()
            if alive is not None:
                alive.close()

    def _round(self, db: sqlite3.Connection, things: list[Thing], owner: str, *, last: bool) -> None:
        events = [thing for thing in things if not isinstance(thing, list | Event)]
        self._waiting += [thing for thing in things if isinstance(thing, Event)]
        self._unwritten += sum(map(_size, events))
        self._sort_in(events, owner)
        for thing in things:
            if isinstance(thing, list):
                self._ops += thing
        if self._write(db, last=last):
            with self._lock:
                self._room += self._unwritten
            self._unwritten = 0
            for written in self._waiting:
                written.set()
            self._waiting.clear()
        if self._trouble:
            raise HistoryError(f"cannot use the history {self._path}: {self._trouble}")

    def _sort_in(self, events: list[AnyEvent], owner: str) -> None:
        touched: dict[str, RunRecorder] = {}
        for event in events:
            if isinstance(event, Started):
                with self._lock:
                    place = self._places.pop(event.run, Place())
                self._runs[event.run] = touched[event.run] = RunRecorder(event, place, owner)
            elif (recorder := self._runs.get(event.run)) is not None:
                recorder.take(event)
                touched[event.run] = recorder
        for run, recorder in touched.items():
            self._ops += recorder.flush()
            if recorder.done:
                self._runs.pop(run, None)

    def _write(self, db: sqlite3.Connection, *, last: bool) -> bool:
        """False when another program holds the file: then the statements are kept for the next round."""
        if not self._ops:
            return True
        try:
            with transaction(db):
                for statement, values in self._ops:
                    db.execute(statement, values)
        except sqlite3.OperationalError as error:
            if last or not is_busy(error):
                raise
            return False
        self._ops.clear()
        return True

    def _give_up(self, why: str) -> None:
        self._box.close()
        self._box.take()
        self._runs.clear()
        self._ops.clear()
        self._on_error(f"{why}; going on without a history")


def _size(event: AnyEvent) -> int:
    text = event.text if isinstance(event, Delta) else event.prompt if isinstance(event, Started) else ""
    return _OVERHEAD + 4 * len(text)
