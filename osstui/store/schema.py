"""The history's file: where it stands, how it is opened, how an older one is brought up to date."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from osstui.safe_text import visible_line

VARIABLE = "OSSTUI_HISTORY"
OFF = frozenset({"off", "no", "false", "0", "none"})
BUSY_MS = 5000
"""How long a statement waits for another program's write."""

_MIGRATIONS = Path(__file__).parent / "migrations"


class HistoryError(Exception):
    """The history can't be used as asked; the message is one line that says why and what helps."""


def history_path(environment: Mapping[str, str] = os.environ) -> Path | None:
    """The file that OSSTUI_HISTORY names, else the one in the user's data folder; None when it says `off`."""
    wish = environment.get(VARIABLE, "").strip()
    if wish.lower() in OFF:
        return None
    if wish:
        return Path(wish).expanduser()
    from platformdirs import user_data_dir

    return Path(user_data_dir("osstui", appauthor=False)) / "history.db"


def connect(path: Path) -> sqlite3.Connection:
    """Opens the file, making it and its folder for their owner alone, and migrates it.

    The connection may be used from any thread and begins no transaction by itself. Raises HistoryError.
    """
    try:
        _make(path)
        db = sqlite3.connect(path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(told(path, error)) from error
    try:
        _prepare(db)
        _migrate(db, path)
    except sqlite3.Error as error:
        db.close()
        raise HistoryError(told(path, error)) from error
    except HistoryError:
        db.close()
        raise
    return db


def told(path: Path, error: Exception) -> str:
    """Why the file can't be used, on one line."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    line = f"cannot use the history {path}: {reason}"
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        line += f"; move the file away, or name another one with {VARIABLE}"
    return visible_line(line)


def is_busy(error: sqlite3.Error) -> bool:
    """Another program holds the file: worth another try."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All or nothing. Takes the write lock at once, so that what is read inside stays true."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        raise


def _make(path: Path) -> None:
    """Only a file that is new is opened here: closing one that SQLite has open would drop its locks."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _prepare(db: sqlite3.Connection) -> None:
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA auto_vacuum = INCREMENTAL")
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            db.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError as error:
            # SQLite does not wait by itself when two programs turn a new file to WAL at once.
            if not is_busy(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    db.execute("PRAGMA synchronous = NORMAL")
    db.execute("PRAGMA secure_delete = ON")


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    scripts = sorted(_MIGRATIONS.glob("*.sql"))
    if _version(db) == len(scripts):
        return
    with transaction(db):
        version = _version(db)
        if version > len(scripts):
            raise HistoryError(
                f"the history {path} was written by a newer osstui (its schema is {version}, this osstui "
                f"knows {len(scripts)}): upgrade osstui, or name another file with {VARIABLE}"
            )
        for script in scripts[version:]:
            for statement in _statements(script.read_text(encoding="utf-8")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(scripts)}")


def _version(db: sqlite3.Connection) -> int:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    assert isinstance(version, int)
    return version


def _statements(script: str) -> Iterator[str]:
    """Statement by statement, since `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
