"""A history of the first schema is brought up to date, and keeps what it holds."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest

from osstui.events import encode
from osstui.measure.document import document
from osstui.store.history import History
from osstui.store.schema import HistoryError, connect
from tests.store.made import folded, whole_run

FIRST = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, title TEXT NOT NULL, created REAL NOT NULL,
    updated REAL NOT NULL, pinned INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX conversations_by_update ON conversations (updated DESC);
CREATE TABLE tags (conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    tag TEXT NOT NULL, PRIMARY KEY (conversation, tag)) WITHOUT ROWID;
CREATE INDEX tags_by_name ON tags (tag);
CREATE TABLE turns (id INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, prompt TEXT NOT NULL, system TEXT, started REAL NOT NULL,
    started_at TEXT NOT NULL, osstui TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'died')), owner TEXT);
CREATE INDEX turns_by_start ON turns (started DESC, id DESC);
CREATE INDEX turns_by_conversation ON turns (conversation, position);
CREATE INDEX turns_running ON turns (state) WHERE state <> 'done';
CREATE TABLE lanes (turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    position INTEGER NOT NULL, lane TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
    model_id TEXT NOT NULL, params TEXT, status TEXT, finish_reason TEXT, text TEXT, reasoning TEXT,
    tool TEXT, cost_usd REAL, document TEXT, PRIMARY KEY (turn, position)) WITHOUT ROWID;
CREATE TABLE events (turn INTEGER NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL, block BLOB NOT NULL, PRIMARY KEY (turn, seq)) WITHOUT ROWID;
CREATE VIEW searchable AS SELECT id, prompt,
    (SELECT group_concat(text, char(10)) FROM
        (SELECT text FROM lanes WHERE turn = turns.id ORDER BY position)) AS answers
    FROM turns WHERE state <> 'running';
CREATE VIRTUAL TABLE found USING fts5 (prompt, answers, content = 'searchable', content_rowid = 'id',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');
INSERT INTO found (found, rank) VALUES ('rank', 'bm25(4.0, 1.0)');
CREATE TRIGGER turns_over AFTER UPDATE OF state ON turns
WHEN old.state = 'running' AND new.state <> 'running'
BEGIN
    INSERT INTO found (rowid, prompt, answers) SELECT id, prompt, answers FROM searchable WHERE id = new.id;
END;
CREATE TRIGGER turns_deleted BEFORE DELETE ON turns WHEN old.state <> 'running'
BEGIN
    INSERT INTO found (found, rowid, prompt, answers)
    SELECT 'delete', id, prompt, answers FROM searchable WHERE id = old.id;
END;
INSERT INTO conversations VALUES ('run1', 'why?', 1.0, 1.0, 1);
INSERT INTO tags VALUES ('run1', 'kept');
INSERT INTO turns VALUES (1, 'run1', 'run1', 0, 'why?', NULL, 1.0, '2026-11-21T03:00:00.123Z', '0.1.0',
    'running', NULL);
INSERT INTO lanes (turn, position, lane, provider, model, model_id, text) VALUES
    (1, 0, 'groq', 'groq', 'm', 'm', 'an old answer'), (1, 1, 'together', 'together', 'm', 'm', '');
UPDATE turns SET state = 'done';
PRAGMA user_version = 1;
"""


@pytest.fixture
def first(tmp_path: Path) -> Path:
    path = tmp_path / "history.db"
    db = sqlite3.connect(path)
    db.executescript(FIRST)
    block = zlib.compress(b"".join(map(encode, whole_run())))
    with db:
        db.execute("INSERT INTO events VALUES (1, 0, ?)", (block,))
    db.close()
    return path


def shape(db: sqlite3.Connection) -> set[tuple[str, str]]:
    rows = db.execute("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'").fetchall()
    return {tuple(row) for row in rows}


def test_a_first_history_opens_with_all_that_it_holds(first: Path) -> None:
    with History(first) as history:
        assert history.document("run1") == document(folded(whole_run()))
        assert [hit.run.run for hit in history.search("old answer")] == ["run1"]
        assert history.conversation("run1").row.tags == ("kept",)
        history.delete("run1")
        assert history.search("old") == []


def test_a_migrated_history_has_the_shape_of_a_new_one(first: Path, path: Path) -> None:
    old, new = connect(first), connect(path)
    try:
        assert shape(old) == shape(new)
        assert ("table", "votes") in shape(old)
        for db in (old, new):
            (version,) = db.execute("PRAGMA user_version").fetchone()
            assert version == 3
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        old.close()
        new.close()


def test_a_migration_that_fails_leaves_the_file_as_it_was(first: Path) -> None:
    db = sqlite3.connect(first)
    db.execute("CREATE TABLE votes (in_the_way)")
    db.close()
    with pytest.raises(HistoryError, match="table votes already exists"):
        connect(first)
    db = sqlite3.connect(first)
    assert db.execute("PRAGMA user_version").fetchone() == (1,)
    db.close()


def test_a_history_of_a_newer_osstui_is_left_alone(path: Path) -> None:
    connect(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(HistoryError, match=r"newer osstui \(its schema is 99, .* knows 3\): upgrade"):
        connect(path)


def test_a_history_of_a_newer_osstui_and_another_program_s_database_stay_as_they_are_to_the_byte(
    first: Path, path: Path, tmp_path: Path
) -> None:
    newer = sqlite3.connect(first)
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    other = sqlite3.connect(tmp_path / "bookmarks.db")
    other.execute("CREATE TABLE bookmarks (page)")
    other.close()
    for file, why in ((first, "newer osstui"), (tmp_path / "bookmarks.db", "another program's database")):
        before = file.read_bytes()
        with pytest.raises(HistoryError, match=why):
            connect(file)
        assert file.read_bytes() == before


def test_opening_a_history_writes_nothing(path: Path) -> None:
    connect(path).close()
    before = path.read_bytes()
    connect(path).close()
    assert path.read_bytes() == before
