"""Event lines on disk as they come, and back again: what `--record` writes and `replay` reads."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock, Thread

import msgspec

from osstui.events import FORMAT, AnyEvent, Ended, Failed, LaneEvent, Started, decode, encode
from osstui.store.mailbox import MOST_BYTES, Mailbox, size_of

Say = Callable[[str], None]
_LONGEST = 2**62
"""ns: a century and a half."""


class JournalError(Exception):
    """The file can't be opened for writing; the message is one line that names it and the reason."""


class Journal:
    """Appends events to a file, readable by its owner alone.

    `append` only hands the event over: a thread writes, at once when a run starts or a lane ends, else after
    `interval` seconds. When the disk refuses, or hangs while `most_bytes` wait for it, `on_error` is called
    once, from that thread, with one line for people; the program goes on without a journal. Usable as a
    context manager.
    """

    def __init__(
        self, path: Path, on_error: Say, *, interval: float = 0.5, most_bytes: int = MOST_BYTES
    ) -> None:
        """Opens the file, making it when it isn't there. Raises JournalError."""
        self._path = path
        self._on_error = on_error
        self._box = Mailbox[AnyEvent](interval)
        self._room = most_bytes
        self._lock = Lock()
        try:
            self._file = _open(path)
        except OSError as error:
            raise JournalError(f"cannot write {path}: {error.strerror or error}") from error
        self._thread = Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def append(self, event: AnyEvent) -> None:
        """Takes an event; after `close`, or once recording has stopped, it is ignored."""
        with self._lock:
            self._room -= size_of(event)
            full = self._room < 0
        if full:
            self._box.close()
        else:
            self._box.put(event, hurry=isinstance(event, Started | Ended | Failed))

    def close(self) -> None:
        """Writes what is left and closes the file. May be called twice."""
        self._box.close()
        self._thread.join()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        more = True
        try:
            while more:
                events, more = self._box.take()
                rest = memoryview(b"".join(map(encode, events)))
                while rest:
                    rest = rest[os.write(self._file, rest) :]
                with self._lock:
                    if self._room < 0:
                        raise OSError("the disk can't keep up")
                    self._room += sum(map(size_of, events))
        except OSError as error:
            self._box.close()
            self._on_error(f"cannot write {self._path}: {error.strerror or error}; recording has stopped")
        finally:
            os.close(self._file)


def _open(path: Path) -> int:
    """Appends; begins on a new line when an earlier writer died in the middle of one."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(file).st_size
        if size:
            os.lseek(file, size - 1, os.SEEK_SET)
            if os.read(file, 1) != b"\n":
                os.write(file, b"\n")
    except OSError:
        os.close(file)
        raise
    return file


def read_events(lines: Iterable[bytes | str], on_problem: Say | None = None) -> Iterator[AnyEvent]:
    """The events of a file's lines, in order.

    A line that can't be read, such as the last one of a program that died, is skipped and told to
    `on_problem` with its number.
    """
    say = on_problem or _ignore
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            event = decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            say(f"line {number} is no event and was skipped: {error}")
            continue
        if isinstance(event, LaneEvent) and abs(event.t) > _LONGEST:
            say(f"line {number} has a stamp that cannot be and was skipped")
            continue
        if isinstance(event, Started) and event.v > FORMAT:
            say(f"line {number}: run {event.run} was written by a newer osstui ({event.osstui})")
        yield event


class Problems:
    """Collects what `read_events` says of a file, of which there may be a line for each of its lines."""

    MOST = 5

    def __init__(self, say: Say) -> None:
        self._say = say
        self._first: list[str] = []
        self._count = 0

    def __call__(self, problem: str) -> None:
        self._count += 1
        if self._count <= self.MOST:
            self._first.append(problem)

    def tell(self) -> None:
        """The first ones, and how many more there are."""
        for problem in self._first:
            self._say(problem)
        if (more := self._count - len(self._first)) > 0:
            self._say(f"{more:,} more lines like these")


def _ignore(_: str) -> None:
    pass
