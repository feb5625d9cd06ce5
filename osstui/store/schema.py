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
        db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        version = _known(db, path)
        _prepare(db, new=not version)
        _migrate(db, path)
    except sqlite3.Error as error:
        db.close()
        raise HistoryError(told(path, error)) from error
    except HistoryError:
        db.close()
        raise
    return db


def connect_to_look(path: Path) -> sqlite3.Connection:
    """The same; a history on a disk that is full, or takes no writing, can at least be read."""
    try:
        return connect(path)
    except HistoryError as error:
        if _code(error.__cause__) not in _UNWRITABLE:
            raise
        for way in ("mode=ro", "immutable=1"):  # the second one where WAL's shared memory can't be made
            if (db := _read_only(path, way)) is not None:
                return db
        raise


def _read_only(path: Path, way: str) -> sqlite3.Connection | None:
    db = None
    try:
        uri = f"{path.absolute().as_uri()}?{way}"
        db = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        if _known(db, path) == len(_scripts()):
            return db
    except (sqlite3.Error, HistoryError):
        pass
    if db is not None:
        db.close()
    return None


def told(path: Path, error: Exception) -> str:
    """Why the file can't be used, on one line."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    line = f"cannot use the history {path}: {reason}"
    if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
        line += f"; move the file away, or name another one with {VARIABLE}"
    return visible_line(line)


def stands(path: Path, facts: os.stat_result) -> bool:
    """Whether the file is still the one that was opened: SQLite goes on with a file that was deleted or moved
    away, and that nobody else finds any more. Raises OSError."""
    try:
        return os.path.samestat(facts, os.stat(path))
    except FileNotFoundError:
        return False


def is_busy(error: BaseException | None) -> bool:
    """Another program holds the file: worth another try."""
    return _code(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _code(error: BaseException | None) -> int | None:
    """SQLite's primary code of what it raised."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL)


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


def _known(db: sqlite3.Connection, path: Path) -> int:
    """The schema's version, 0 for a new file. Writes nothing, so that what is no history of ours, or one of a
    newer osstui, stays as it is to the byte. Raises HistoryError."""
    version, tables = db.execute(_VERSION).fetchone()
    assert isinstance(version, int)
    if version > (known := len(_scripts())):
        raise HistoryError(
            f"the history {path} was written by a newer osstui (its schema is {version}, this osstui "
            f"knows {known}): upgrade osstui, or name another file with {VARIABLE}"
        )
    if tables and not version:
        raise HistoryError(f"{path} is another program's database; name another file with {VARIABLE}")
    return version


def _prepare(db: sqlite3.Connection, *, new: bool) -> None:
    """Writes to a new file alone: a history can be read while another program holds it."""
    db.execute("PRAGMA foreign_keys = ON")
    if new:
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
    scripts = _scripts()
    if _known(db, path) == len(scripts):
        return
    with transaction(db):
        for script in scripts[_known(db, path) :]:
            for statement in _statements(script.read_text(encoding="utf-8")):
                db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(scripts)}")


def _scripts() -> list[Path]:
    return sorted(_MIGRATIONS.glob("*.sql"))


def _statements(script: str) -> Iterator[str]:
    """Statement by statement, since `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


_VERSION = "SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version"
"""Both as they stood at one moment."""
