"""Runs into the history as they stream: a thread writes, the caller only hands events over."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TypeVar

from osstui.events import AnyEvent, Ended, Failed, Started
from osstui.store.alive import Alive
from osstui.store.mailbox import MOST_BYTES, Mailbox, size_of
from osstui.store.recorder import RunRecorder
from osstui.store.schema import HistoryError, connect, is_busy, stands, told, transaction
from osstui.store.statements import Op, Place

Say = Callable[[str], None]
Thing = AnyEvent | list[Op] | Event
T = TypeVar("T")

INTERVAL = 0.3
"""Seconds between an event and the write that keeps it, while nothing hurries."""
LONGEST_LOCK = 30.0
"""Seconds that another program may hold the file before what waits for it is given up, where it can wait no
longer: to open it, and to write what is left."""


class HistoryWriter:
    """Writes events of any number of runs into the history, at most about half a second behind.

    `put` and `place` never wait for the disk. The file is opened, and made, when the first event comes. When
    it can't be written, what was on its way is lost, and each run that starts is another try; `on_error` is
    called once for each reason, from the writer's thread, with one line for people. Usable as a context
    manager.
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
        self._failed = False
        self._told: set[str] = set()
        self._file: _File | None = None
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
        """Takes an event; after `close` it is ignored, and so is the rest of a run that can't be written."""
        with self._lock:
            if self._trouble:
                return
            self._room -= size_of(event)
            if self._room < 0:
                self._trouble = "the disk can't keep up"
        self._box.put(event, hurry=isinstance(event, Started | Ended | Failed))

    def add(self, ops: Sequence[Op]) -> bool:
        """Executes statements after all that was put before and before what comes later. False while nothing
        can be written."""
        return not self._failed and self._box.put([*ops], hurry=True)

    def settle(self, seconds: float) -> bool:
        """Waits until all that was put before is written. False when that took longer or can't be."""
        written = Event()
        return self._box.put(written, hurry=True) and written.wait(seconds) and not self._failed

    def close(self) -> None:
        """Writes what is left. May be called twice."""
        self._box.close()
        self._thread.join()

    def __enter__(self) -> HistoryWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        more = True
        while more:
            things, more = self._box.take(idle=not self._ops)
            try:
                self._round(things, last=not more)
            except HistoryError as error:
                self._give_up(str(error))
            except (sqlite3.Error, OSError, ValueError) as error:
                self._give_up(told(self._path, error))
        self._close()

    def _round(self, things: list[Thing], *, last: bool) -> None:
        events = [thing for thing in things if not isinstance(thing, list | Event)]
        self._waiting += [thing for thing in things if isinstance(thing, Event)]
        self._unwritten += sum(map(size_of, events))
        if self._failed and not any(isinstance(event, Started) for event in events):
            self._through()
        elif things or self._ops:
            file = self._opened()
            self._in_order(things, file.alive.owner)
            if self._write(file.db, last=last):
                self._failed = False
                self._through()
        if self._trouble:
            raise HistoryError(f"cannot use the history {self._path}: {self._trouble}")

    def _opened(self) -> _File:
        if self._file is not None and not self._file.stands():
            if self._runs or self._ops:
                raise HistoryError(f"cannot use the history {self._path}: it was deleted or moved away")
            self._close()
        if self._file is None:
            self._file = _patiently(lambda: _File(self._path))
        return self._file

    def _through(self) -> None:
        """All that was taken is written, or lost."""
        with self._lock:
            self._room += self._unwritten
        self._unwritten = 0
        for written in self._waiting:
            written.set()
        self._waiting.clear()

    def _in_order(self, things: list[Thing], owner: str) -> None:
        """Statements stand between what was put before and after them."""
        events: list[AnyEvent] = []
        for thing in things:
            if isinstance(thing, list):
                self._sort_in(events, owner)
                events = []
                self._ops += thing
            elif not isinstance(thing, Event):
                events.append(thing)
        self._sort_in(events, owner)

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

        def write() -> None:
            with transaction(db):
                for statement, values in self._ops:
                    db.execute(statement, values)

        try:
            if self._ops:
                _patiently(write) if last else write()
        except sqlite3.OperationalError as error:
            if last or not is_busy(error):
                raise
            return False
        self._ops.clear()
        return True

    def _give_up(self, why: str) -> None:
        self._close()
        self._runs.clear()
        self._ops.clear()
        self._failed = True
        with self._lock:
            self._trouble = ""
        self._through()
        if why not in self._told:
            self._told.add(why)
            self._on_error(f"{why}; going on without a history")

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class _File:
    """The history, open for writing, and the sign that its writer lives. Raises HistoryError and OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.db = connect(path)
        try:
            self._facts = os.stat(path)
            self.alive = Alive(path)
        except BaseException:
            self.db.close()
            raise

    def stands(self) -> bool:
        return stands(self._path, self._facts)

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.db.close()
        self.alive.close()


def _patiently(act: Callable[[], T]) -> T:
    """Again and again while another program holds the file, but not for ever."""
    until = time.monotonic() + LONGEST_LOCK
    while True:
        try:
            return act()
        except (HistoryError, sqlite3.OperationalError) as error:
            cause = error.__cause__ if isinstance(error, HistoryError) else error
            if not is_busy(cause) or time.monotonic() > until:
                raise
        time.sleep(0.01)
