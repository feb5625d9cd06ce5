"""Runs whose program died: found by the lock that went with it, closed with what had arrived."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from osstui.store.alive import lives, sweep
from osstui.store.journal import read_events
from osstui.store.recorder import RunRecorder, unpacked
from osstui.store.schema import transaction
from osstui.store.statements import Place

WHY = "osstui ended before this answer did"


def dead(db: sqlite3.Connection, path: Path) -> list[str]:
    """Ids of runs that nobody goes on writing, oldest first."""
    rows = db.execute("SELECT run, owner FROM turns WHERE state = 'running' ORDER BY id").fetchall()
    living = {owner: owner is not None and lives(path, owner) for owner in {owner for _, owner in rows}}
    return [run for run, owner in rows if not living[owner]]


def close_all(db: sqlite3.Connection, path: Path) -> list[str]:
    """Closes every one of them and returns their ids. Two programs may do this at once."""
    closed = [run for run in dead(db, path) if _close(db, run)]
    if closed:
        sweep(path)
    return closed


def _close(db: sqlite3.Connection, run: str) -> bool:
    with transaction(db):
        row = db.execute(_RUNNING, (run,)).fetchone()
        if row is None:
            return False
        turn, owner, conversation = row
        blocks = db.execute("SELECT block FROM events WHERE turn = ? ORDER BY seq", (turn,)).fetchall()
        db.execute("DELETE FROM events WHERE turn = ?", (turn,))
        recorder = RunRecorder.again(
            read_events(unpacked(block for (block,) in blocks)), Place(conversation), owner
        )
        if recorder is not None:
            recorder.close(WHY)
            for statement, values in recorder.flush():
                db.execute(statement, values)
    return recorder is not None


_RUNNING = "SELECT id, owner, conversation FROM turns WHERE run = ? AND state = 'running'"
