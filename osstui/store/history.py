"""The runs of the past: listed, found, opened again exactly, named, deleted."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from osstui.events import AnyEvent
from osstui.measure.document import VERSION, document
from osstui.measure.run import RunState
from osstui.store import search, unfinished
from osstui.store.journal import read_events
from osstui.store.recorder import unpacked
from osstui.store.rows import (
    CONVERSATIONS,
    FOUND,
    NEWEST_RUN,
    RUNS,
    TURNS,
    Conversation,
    ConversationRow,
    Hit,
    RunRow,
    conversation_row,
    run_row,
)
from osstui.store.schema import HistoryError, connect, told, transaction
from osstui.store.statements import TEXTS, Op, title_of
from osstui.store.votes import Vote, votes

LAST = "last"
"""Stands for the newest run wherever a run may be named."""
_FEWEST_DIGITS = 3


class History:
    """A history file. Every method may be called from any thread, and raises HistoryError."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it."""
        self.path = path
        self._db = connect(path)
        self._lock = RLock()

    def close(self) -> None:
        """Waits for what another thread is reading: SQLite would crash."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> History:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking --

    def runs(
        self, limit: int | None = None, offset: int = 0, *, tag: str | None = None, pinned: bool | None = None
    ) -> list[RunRow]:
        """Newest first; those whose conversation bears a tag, or is (or isn't) pinned."""
        where, values = _chosen(tag, pinned)
        order = "ORDER BY started DESC, turns.id DESC"
        page = f"SELECT turns.id FROM {TURNS} WHERE {where} {order} LIMIT ? OFFSET ?"  # noqa: S608
        sql = f"{RUNS} WHERE turns.id IN ({page}) {order}"
        return self._rows(sql, (*values, -1 if limit is None else limit, offset))

    def conversations(
        self, limit: int | None = 50, offset: int = 0, *, tag: str | None = None, pinned: bool | None = None
    ) -> list[ConversationRow]:
        """Pinned ones first, then by their last run, newest first; with a tag, or only the (un)pinned."""
        where, values = _chosen(tag, pinned)
        order = f"ORDER BY pinned DESC, updated DESC, {NEWEST_RUN} DESC"
        page = f"SELECT id FROM conversations WHERE {where} {order} LIMIT ? OFFSET ?"  # noqa: S608
        sql = f"{CONVERSATIONS} WHERE id IN ({page}) {order}"
        with self._reading():
            rows = self._db.execute(sql, (*values, -1 if limit is None else limit, offset))
            return [conversation_row(row) for row in rows]

    def conversation(self, name: str) -> Conversation:
        """A conversation with its runs, by its own id or that of one of its runs."""
        id = self.conversation_of(name)
        with self._reading():
            row = self._db.execute(CONVERSATIONS + " WHERE conversations.id = ?", (id,)).fetchone()
        runs = self._rows(RUNS + " WHERE conversation = ? ORDER BY turns.position, turns.id", (id,))
        return Conversation(conversation_row(row), tuple(runs))

    def tags(self) -> list[tuple[str, int]]:
        """Every tag with the number of conversations that bear it."""
        with self._reading():
            return self._db.execute("SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag").fetchall()

    def search(self, words: str, limit: int = 50) -> list[Hit]:
        """Runs whose prompt or answers hold all the words, best first; the last word may be unfinished.

        Whatever is typed is looked for as text. A run is found once it is over. After them, the newest run of
        each other conversation whose title holds the words.
        """
        match = search.query(words)
        if match is None:
            return []
        with self._reading():
            rows = self._db.execute(FOUND, (search.START, search.STOP, match, limit)).fetchall()
        hits = [Hit(run_row(row[1:]), search.marked(row[0])) for row in rows]
        known = {hit.run.conversation for hit in hits}
        titled = self._titled(words, limit) if len(hits) < limit else []
        hits += [Hit(row, ((row.title, False),)) for row in titled if row.conversation not in known]
        return hits[:limit]

    def _titled(self, words: str, limit: int) -> list[RunRow]:
        patterns = search.patterns(words)
        where = " AND ".join(["title LIKE ? ESCAPE '\\'"] * len(patterns))
        newest = "turns.id = (SELECT max(id) FROM turns AS other WHERE other.conversation = conversations.id)"
        order = "ORDER BY started DESC LIMIT ?"
        return self._rows(f"{RUNS} WHERE {where} AND {newest} {order}", (*patterns, limit))

    def prompts(self, limit: int) -> list[tuple[str, str | None]]:
        """Of the last runs, newest first; beside one that may name files, what the app wrote with its run.

        Prompts of more than a million characters are left out.
        """
        sql = (
            "SELECT prompt, CASE WHEN instr(prompt, '@') THEN talk END FROM turns "
            "WHERE length(prompt) <= 1000000 ORDER BY started DESC, id DESC LIMIT ?"
        )
        with self._reading():
            return self._db.execute(sql, (limit,)).fetchall()

    def votes(self, name: str | None = None) -> list[Vote]:
        """All votes, oldest first; or the one on a run, if there is one."""
        run = None if name is None else self.run(name).run
        with self._reading():
            return votes(self._db, run)

    # -- opening --

    def run(self, name: str) -> RunRow:
        """A run by its id, by the beginning of it, or by `last`."""
        if name == LAST:
            found = self.runs(1)
        elif found := self._rows(RUNS + " WHERE run = ?", (name,)):
            return found[0]
        elif len(name) >= _FEWEST_DIGITS:
            found = self._rows(RUNS + " WHERE substr(run, 1, ?) = ? LIMIT 3", (len(name), name))
        if not found:
            raise HistoryError(f"there is no run {name} in {self.path}; osstui history lists them")
        if len(found) > 1:
            ids = ", ".join(row.run for row in found)
            raise HistoryError(f"{name} may be more than one run ({ids} …): write more of it")
        return found[0]

    def has(self, run: str) -> bool:
        """Whether there is a run of exactly this id."""
        return bool(self._rows(RUNS + " WHERE run = ?", (run,)))

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
        with self._writing(whole=False):
            ids = unfinished.close_all(self._db, self.path)
        return [self.run(id) for id in ids]

    def died(self) -> list[RunRow]:
        """Runs closed so that nobody has dismissed yet, newest first."""
        return self._rows(RUNS + " WHERE state = 'died' ORDER BY started DESC, turns.id DESC", ())

    def dismiss(self, name: str) -> None:
        self._change("UPDATE turns SET state = 'done' WHERE state = 'died' AND run = ?", self.run(name).run)

    def conversation_of(self, name: str) -> str:
        """The id of a conversation, by its own id or by a run's name."""
        with self._reading():
            if self._db.execute("SELECT 1 FROM conversations WHERE id = ?", (name,)).fetchone():
                return name
        return self.run(name).conversation

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

    def _rows(self, sql: str, values: Sequence[str | int]) -> list[RunRow]:
        with self._reading():
            return [run_row(row) for row in self._db.execute(sql, values)]

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
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise HistoryError(told(self.path, error)) from error

    @contextmanager
    def _writing(self, *, whole: bool = True) -> Iterator[None]:
        with self._reading():
            if not whole:
                yield
                return
            with transaction(self._db):
                yield


def _chosen(tag: str | None, pinned: bool | None) -> tuple[str, tuple[str | int, ...]]:
    """A condition on conversations, and its values."""
    where, values = ["1"], list[str | int]()
    if tag is not None:
        where.append("conversations.id IN (SELECT conversation FROM tags WHERE tag = ?)")
        values.append(tag)
    if pinned is not None:
        where.append("pinned = ?")
        values.append(int(pinned))
    return " AND ".join(where), tuple(values)


_FIRST_PROMPT = "SELECT prompt FROM turns WHERE conversation = ? ORDER BY position, id LIMIT 1"
_EVENTS = "SELECT block FROM events WHERE turn = (SELECT id FROM turns WHERE run = ?) ORDER BY seq"
_STORED = "SELECT osstui FROM turns WHERE run = ?"
_STORED_LANES = """
SELECT document, text, reasoning, tool FROM lanes
WHERE turn = (SELECT id FROM turns WHERE run = ?) AND document IS NOT NULL ORDER BY position
"""
