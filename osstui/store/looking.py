"""Looking into a history: runs and conversations by name, tag, words or time."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Self

from osstui.store import search
from osstui.store.only import EVERY, Only
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
from osstui.store.schema import HistoryError, connect_to_look, stands, told
from osstui.store.tally import Line, tally
from osstui.store.votes import Vote, votes

LAST = "last"
"""Stands for the newest run wherever a run may be named."""
_FEWEST_DIGITS = 3


class Looking:
    """A history file as it is read. Every method may be called from any thread, and raises HistoryError."""

    def __init__(self, path: Path) -> None:
        """Opens the file, or makes it. One that can't be written is opened to be read."""
        self.path = path
        self._db = connect_to_look(path)
        self._facts = os.stat(path)
        self._lock = RLock()

    def stands(self) -> bool:
        """False once the file was deleted or moved away: then it is to be opened again."""
        with suppress(OSError):
            return stands(self.path, self._facts)
        return False

    def close(self) -> None:
        """Waits for what another thread is reading: SQLite would crash."""
        with self._lock:
            self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def runs(self, limit: int | None = None, offset: int = 0, *, only: Only = EVERY) -> list[RunRow]:
        """Newest first."""
        where, values = only.condition
        order = "ORDER BY started DESC, turns.id DESC"
        page = f"SELECT turns.id FROM {TURNS} WHERE {where} {order} LIMIT ? OFFSET ?"  # noqa: S608
        sql = f"{RUNS} WHERE turns.id IN ({page}) {order}"
        return self._rows(sql, (*values, -1 if limit is None else limit, offset))

    def tally(self, only: Only = EVERY) -> list[Line]:
        """What those runs add up to, host by host."""
        with self._reading():
            return tally(self._db, only)

    def conversations(
        self, limit: int | None = 50, offset: int = 0, *, tag: str | None = None
    ) -> list[ConversationRow]:
        """Pinned ones first, then by their last run, newest first; or those with a tag."""
        where, values = Only(tag=tag).condition
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

    def search(self, words: str, limit: int = 50, *, only: Only = EVERY) -> list[Hit]:
        """Runs whose prompt or answers hold all the words, best first; the last word may be unfinished.

        Whatever is typed is looked for as text. A run is found once it is over. After them, the newest run of
        each other conversation whose title holds the words.
        """
        match, scanned = search.query(words), search.scanned(words)
        if match is not None:
            hits = self._indexed(match, scanned, only, limit)
        elif scanned:
            hits = self._looked_through(scanned, only, limit)
        else:
            return []
        known = {hit.run.conversation for hit in hits}
        titled = self._titled(words, only, limit) if len(hits) < limit else []
        hits += [Hit(row, ((row.title, False),)) for row in titled if row.conversation not in known]
        return hits[:limit]

    def _indexed(self, match: str, scanned: Sequence[str], only: Only, limit: int) -> list[Hit]:
        where, values = _holding(scanned, only)
        sql = f"{FOUND} AND {where} ORDER BY rank LIMIT ?"
        with self._reading():
            rows = self._db.execute(sql, (search.START, search.STOP, match, *values, limit)).fetchall()
        return [Hit(run_row(row[1:]), search.marked(row[0])) for row in rows]

    def _looked_through(self, words: Sequence[str], only: Only, limit: int) -> list[Hit]:
        """Newest first."""
        where, values = _holding(words, only)
        rows = self._rows(
            f"{RUNS} WHERE {where} ORDER BY started DESC, turns.id DESC LIMIT ?", (*values, limit)
        )
        return [Hit(row, self._place(row, words[0])) for row in rows]

    def _place(self, row: RunRow, word: str) -> tuple[tuple[str, bool], ...]:
        sql = "SELECT text FROM lanes WHERE turn = (SELECT id FROM turns WHERE run = ?) ORDER BY position"
        with self._reading():
            answers = [text or "" for (text,) in self._db.execute(sql, (row.run,))]
        places = (search.around(text, word) for text in (row.prompt, *answers))
        return next((place for place in places if place is not None), ())

    def _titled(self, words: str, only: Only, limit: int) -> list[RunRow]:
        patterns = search.patterns(words)
        where = " AND ".join(["title LIKE ? ESCAPE '\\'"] * len(patterns))
        newest = "turns.id = (SELECT max(id) FROM turns AS other WHERE other.conversation = conversations.id)"
        order = "ORDER BY started DESC LIMIT ?"
        meant, values = only.condition
        sql = f"{RUNS} WHERE {where} AND {newest} AND {meant} {order}"
        return self._rows(sql, (*patterns, *values, limit))

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

    def conversation_of(self, name: str) -> str:
        """The id of a conversation, by its own id or by a run's name."""
        with self._reading():
            if self._db.execute("SELECT 1 FROM conversations WHERE id = ?", (name,)).fetchone():
                return name
        return self.run(name).conversation

    def _rows(self, sql: str, values: Sequence[str | float]) -> list[RunRow]:
        with self._reading():
            return [run_row(row) for row in self._db.execute(sql, values)]

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                raise HistoryError(told(self.path, error)) from error


def _holding(words: Sequence[str], only: Only) -> tuple[str, tuple[str | float, ...]]:
    """A condition on turns, and its values: each word stands in the prompt or in an answer."""
    answer = "EXISTS (SELECT 1 FROM lanes WHERE turn = turns.id AND text LIKE ? ESCAPE '\\')"
    where, values = only.condition
    held = f"(turns.prompt LIKE ? ESCAPE '\\' OR {answer})"
    words_twice = [value for word in words for value in [search.pattern(word)] * 2]
    return " AND ".join([where, *[held] * len(words)]), (*values, *words_twice)
