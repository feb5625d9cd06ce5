"""Which writers of a history still live: each holds a lock that the system drops when the program dies."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4


class Alive:
    """A sign of life beside the history, until `close` or until the process ends, however it ends."""

    def __init__(self, history: Path) -> None:
        """Raises OSError when the folder can't be written."""
        folder = _folder(history)
        folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            self.owner = uuid4().hex
            self._path = folder / self.owner
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            if _lock(self._file) and self._stands():
                return
            # Another program's `sweep` came between making the file and locking it.
            os.close(self._file)

    def close(self) -> None:
        with suppress(OSError):
            self._path.unlink()
        os.close(self._file)

    def _stands(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._file), os.stat(self._path))
        except FileNotFoundError:
            return False


def lives(history: Path, owner: str) -> bool:
    """Whether the writer of this name still runs, in this process or another."""
    return not _take(_folder(history) / owner, remove=False)


def sweep(history: Path) -> None:
    """Removes the signs that dead programs left."""
    with suppress(OSError):
        for path in list(_folder(history).iterdir()):
            _take(path, remove=True)


def _take(path: Path, *, remove: bool) -> bool:
    """True when nobody holds the lock."""
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return not path.exists()
    try:
        free = _lock(file)
        if free and remove:
            with suppress(OSError):
                path.unlink()
        return free
    finally:
        os.close(file)


def _folder(history: Path) -> Path:
    return history.with_name(history.name + "-alive")


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> bool:
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: int) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
