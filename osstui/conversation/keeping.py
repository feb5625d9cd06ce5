"""What the app keeps: every run goes into the history, and into the file of `--record`, as it streams. The
history is opened when it is needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from osstui.events import Started

if TYPE_CHECKING:
    from osstui.conversation.session import Session
    from osstui.events import AnyEvent
    from osstui.store.history import History
    from osstui.store.journal import Journal
    from osstui.store.rows import RunRow
    from osstui.store.writer import HistoryWriter

Where = Callable[[], Path | None]
"""The history's file, looked up when it is first needed; None where nothing is to be kept."""


PATIENCE = 1.0
"""Seconds that reading waits for what is being written."""


class Keeper:
    """The history as the app uses it. `put` never waits; what is wrong with the file is said once."""

    def __init__(self, where: Where, say: Callable[[str], None]) -> None:
        self._where, self._say = where, say
        self._writer: HistoryWriter | None = None
        self._journal: Journal | None = None
        self._history: History | None = None
        self._looked = False
        self._file: Path | None = None
        self._lock = Lock()
        self._closed = False

    @property
    def path(self) -> Path | None:
        if not self._looked:
            self._looked, self._file = True, self._where()
        return self._file

    def record(self, path: Path) -> None:
        """Every event goes into this file, too. Where that can't be, it is said, and nothing is recorded."""
        from osstui.store.journal import Journal, JournalError

        try:
            self._journal = Journal(path, self._say)
        except JournalError as problem:
            self._say(f"{problem}; nothing is recorded")

    def put(self, event: AnyEvent, session: Session) -> None:
        """Takes the next event of a run of this session."""
        if self._journal is not None:
            self._journal.append(event)
        if isinstance(event, Started) and self._begin():
            self._place(event.run, session)
        if self._writer is not None:
            self._writer.put(event)

    def remember(self, session: Session) -> None:
        """How the conversation is to go on, where that has changed since its last run."""
        if session.turns and self.path is not None and self.path.exists() and self._begin():
            from osstui.conversation.kept import talk_of
            from osstui.store.statements import talk_changed

            assert self._writer is not None
            self._writer.add([talk_changed(session.conversation, talk_of(session))])

    def _place(self, run: str, session: Session) -> None:
        """Where in the conversation the run stands, and how the conversation then is."""
        from osstui.conversation.kept import talk_of
        from osstui.store.statements import Place

        assert self._writer is not None
        at = session.position_of(run)
        self._writer.place(run, Place(session.conversation, at, session.system, talk_of(session)))

    def vote(self, runs: Sequence[str], lane: str | None, *, blind: bool) -> bool:
        """Keeps a vote on the turn of these runs, see `store.votes.cast`. False when nothing is kept."""
        if not self._begin() or self._writer is None:
            return False
        from osstui.store.votes import cast

        return self._writer.add(cast(runs, lane, blind=blind, when=time.time()))

    def _begin(self) -> bool:
        if self._writer is None and not self._closed and (path := self.path) is not None:
            from osstui.store.writer import HistoryWriter

            self._writer = HistoryWriter(path, self._say)
        return self._writer is not None

    def history(self) -> History | None:
        """The open history with all that was put, made if need be; None when nothing is kept.

        For a thread: it waits until that is written, but not for a disk that hangs. Raises HistoryError.
        """
        if self._writer is not None:
            self._writer.settle(PATIENCE)
        with self._lock:
            if self._history is not None and not self._history.stands():
                self._history.close()
                self._history = None
            if self._history is None and not self._closed and (path := self.path) is not None:
                from osstui.store.history import History

                self._history = History(path)
            return self._history

    def left_behind(self) -> list[RunRow]:
        """Runs whose program died, closed as cut, newest first. For a thread. Raises HistoryError.

        Makes no file, and imports what writing the first run will need.
        """
        import osstui.store.writer  # noqa: F401

        path = self.path
        if path is None or not path.exists() or (history := self.history()) is None:
            return []
        history.close_unfinished()
        return history.died()

    def close(self) -> None:
        """Writes what is left. For a thread."""
        self._closed = True
        if self._writer is not None:
            self._writer.close()
        if self._journal is not None:
            self._journal.close()
        with self._lock:
            if self._history is not None:
                self._history.close()
