"""The runs of the past: opened again exactly, named, tagged, deleted, closed where a program died."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from osstui.events import AnyEvent
from osstui.measure.document import VERSION, document
from osstui.measure.run import RunState
from osstui.store import unfinished
from osstui.store.journal import read_events
from osstui.store.looking import Looking
from osstui.store.rebuilt import rebuilt
from osstui.store.recorder import unpacked
from osstui.store.rows import RUNS, RunRow
from osstui.store.schema import HistoryError, transaction
from osstui.store.statements import TEXTS, Op, talk_without, title_of


class History(Looking):
    """A history file. Every method may be called from any thread, and raises HistoryError."""

    # -- opening --

    def lines(self, name: str) -> list[bytes]:
        """The run's event lines, byte by byte as they were recorded, without newlines."""
        run = self.run(name).run
        with self._reading():
            return list(unpacked(block for (block,) in self._db.execute(_EVENTS, (run,))))

    def events(self, name: str) -> Iterator[AnyEvent]:
        return read_events(self.lines(name))

    def open(self, name: str) -> RunState:
        """The run as it was measured: the same numbers to the last digit."""
        state = RunState()
        for event in self.events(name):
            state.apply(event)
        if not state.run:
            raise HistoryError(
                f"run {self.run(name).run} was imported as a document: it has no events to replay"
            )
        return state

    def state(self, name: str) -> RunState:
        """The run to be shown and gone on with: as it was measured, or as its document tells it."""
        row = self.run(name)
        return rebuilt(self._stored(row)) if not self.lines(row.run) else self.open(row.run)

    def talk(self, name: str) -> str | None:
        """What the app wrote beside the run to go on from it, if it did."""
        run = self.run(name).run
        with self._reading():
            row = self._db.execute("SELECT talk FROM turns WHERE run = ?", (run,)).fetchone()
        return row[0] if row else None

    def document(self, name: str) -> dict[str, Any]:
        """The `--json` document of a run; lanes without an ending are `cut`."""
        row = self.run(name)
        state = RunState()
        for event in self.events(row.run):
            state.apply(event)
        return document(state, unfinished="cut") if state.run else self._stored(row)

    def answers(self, name: str) -> list[dict[str, Any]]:
        """The lanes of a run's document as they were written down when each ended: quick, for a glance.

        A lane that has not ended is missing.
        """
        return self._stored_lanes(self.run(name).run)

    # -- changing --

    def rename(self, name: str, title: str) -> None:
        """Gives the conversation of this run another title."""
        self._change("UPDATE conversations SET title = ? WHERE id = ?", title, self.conversation_of(name))

    def pin(self, name: str, pinned: bool = True) -> None:
        self._change("UPDATE conversations SET pinned = ? WHERE id = ?", pinned, self.conversation_of(name))

    def tag(self, name: str, tag: str) -> None:
        """Tags the conversation of this run. Raises HistoryError for an empty tag."""
        if not tag.strip():
            raise HistoryError("a tag needs at least one character")
        self._change("INSERT OR IGNORE INTO tags (tag, conversation) VALUES (?, ?)",
                     tag.strip(), self.conversation_of(name))  # fmt: skip

    def untag(self, name: str, tag: str) -> None:
        id = self.conversation_of(name)
        if not self._change("DELETE FROM tags WHERE tag = ? AND conversation = ?", tag.strip(), id):
            raise HistoryError(f"the conversation of {name} has no tag {tag}")

    def delete(self, name: str) -> None:
        """Deletes one run, and its conversation when that was its last one; nothing of it stays on disk.

        A conversation that was called after the run's prompt is called after the first one that remains.
        """
        row = self.run(name)
        with self._writing():
            self._db.execute("DELETE FROM turns WHERE run = ?", (row.run,))
            talks = self._db.execute(_TALKS, (row.conversation, row.run)).fetchall()
            self._db.executemany(_TALK, [(talk_without(talk, row.run), run) for run, talk in talks])
            first = self._db.execute(_FIRST_PROMPT, (row.conversation,)).fetchone()
            if first is None:
                self._db.execute("DELETE FROM conversations WHERE id = ?", (row.conversation,))
            elif row.title == title_of(row.prompt):
                values = (title_of(first[0]), row.conversation)
                self._db.execute("UPDATE conversations SET title = ? WHERE id = ?", values)
        self._shrink()

    def delete_conversation(self, name: str) -> None:
        """Deletes a conversation with all its runs."""
        self._change("DELETE FROM conversations WHERE id = ?", self.conversation_of(name))
        self._shrink()

    def add(self, ops: Sequence[Op]) -> None:
        """Executes a recorder's statements in one transaction."""
        with self._writing():
            for statement, values in ops:
                self._db.execute(statement, values)

    # -- runs whose program died --

    def unfinished(self) -> list[RunRow]:
        """Runs without an ending whose program is gone; what another program is writing now is not here."""
        with self._reading():
            ids = unfinished.dead(self._db, self.path)
        return [self.run(id) for id in ids]

    def close_unfinished(self) -> list[RunRow]:
        """Marks what those runs left as cut, with all that had arrived, and returns them.

        They stay in `died` until `dismiss`, so that the app can offer to reopen them.
        """
        with self._reading():
            ids = unfinished.close_all(self._db, self.path)
        return [self.run(id) for id in ids]

    def died(self) -> list[RunRow]:
        """Runs closed so that nobody has dismissed yet, newest first."""
        return self._rows(RUNS + " WHERE state = 'died' ORDER BY started DESC, turns.id DESC", ())

    def dismiss(self, name: str) -> None:
        self._change("UPDATE turns SET state = 'done' WHERE state = 'died' AND run = ?", self.run(name).run)

    def _stored(self, row: RunRow) -> dict[str, Any]:
        """The document of a run that has no events."""
        with self._reading():
            (osstui,) = self._db.execute(_STORED, (row.run,)).fetchone()
        head = {"v": VERSION, "run_id": row.run, "started_at": row.started_at, "prompt": row.prompt}
        return {**head, "osstui": osstui, "lanes": self._stored_lanes(row.run)}

    def _stored_lanes(self, run: str) -> list[dict[str, Any]]:
        with self._reading():
            rows = self._db.execute(_STORED_LANES, (run,)).fetchall()
        return [json.loads(told) | dict(zip(TEXTS, texts, strict=True)) for told, *texts in rows]

    def _change(self, sql: str, *values: str | int) -> int:
        with self._writing():
            return self._db.execute(sql, values).rowcount

    def _shrink(self) -> None:
        """Takes what was deleted out of the full-text index, the free pages and the write-ahead log too."""
        with self._reading():
            self._db.execute("INSERT INTO found (found) VALUES ('optimize')")
            # `execute` would stop after the first page: the pragma is a statement of many steps without rows.
            self._db.executescript("PRAGMA incremental_vacuum")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._reading(), transaction(self._db):
            yield


_FIRST_PROMPT = "SELECT prompt FROM turns WHERE conversation = ? ORDER BY position, id LIMIT 1"
_TALKS = "SELECT run, talk FROM turns WHERE conversation = ? AND instr(talk, ?)"
_TALK = "UPDATE turns SET talk = ? WHERE run = ?"
_EVENTS = "SELECT block FROM events WHERE turn = (SELECT id FROM turns WHERE run = ?) ORDER BY seq"
_STORED = "SELECT osstui FROM turns WHERE run = ?"
_STORED_LANES = """
SELECT document, text, reasoning, tool FROM lanes
WHERE turn = (SELECT id FROM turns WHERE run = ?) AND document IS NOT NULL ORDER BY position
"""
