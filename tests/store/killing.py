"""A program that writes a history until it is killed, and how much of it was lost.

Run as `python -m tests.store.killing HISTORY PIECES` it streams without end and tells on stdout, for every
event handed to the writer, its number and the moment. The parent kills it and compares.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from osstui.events import Delta, Ended, Started
from osstui.store.history import History
from osstui.store.writer import HistoryWriter
from tests.store.made import lane

PIECES = 300
"""Of a run: an ending comes now and then, so that a kill may meet one."""
ENDLESS = 10**9


def main(path: Path, pieces: int) -> None:
    def fail(message: str) -> None:
        os.write(2, message.encode())
        os._exit(1)

    with HistoryWriter(path, fail) as writer:
        for number, event in enumerate(stream(str(os.getpid()), pieces)):
            writer.put(event)
            os.write(1, b"%d %d\n" % (number, time.monotonic_ns()))
            time.sleep(0.0005)


def stream(prefix: str, pieces: int) -> Iterator[Started | Delta | Ended]:
    for number in count():
        run = f"{prefix}-{number:06}"
        yield Started(run, 1, "0", f"2026-11-21T03:00:00.{number % 1000:03}Z", "go", (lane("a"), lane("b")))
        for at in range(pieces):
            yield Delta(run, "ab"[at % 2], at * 1_000_000, "text", f"{at} ", 1)
        yield Ended(run, "a", pieces * 1_000_000, "stop")
        yield Ended(run, "b", pieces * 1_000_000, "stop")


def start(path: Path, pieces: int = ENDLESS, out: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.store.killing", str(path), str(pieces)]
    return subprocess.Popen(command, stdout=out)


def left_by_a_kill(path: Path, history: History) -> str:
    """The id of a run whose program was killed in the middle of both lanes' answers."""
    child, run = streaming(path, history)
    child.kill()
    child.wait()
    return run


def streaming(path: Path, history: History) -> tuple[subprocess.Popen[bytes], str]:
    """A living program, and the id of its run, of which both lanes' answers have begun to be written."""
    child = start(path, out=subprocess.DEVNULL)
    run = f"{child.pid}-000000"
    while not (history.has(run) and all(lane.text for lane in history.open(run).lanes.values())):
        assert child.poll() is None
        time.sleep(0.02)
    return child, run


def kill_after(path: Path, seconds: float, pieces: int = PIECES) -> float:
    """Starts the program, kills it `seconds` after its first event, and returns the age in seconds of the
    oldest event that is not in the history. Raises AssertionError when the file is not sound."""
    child = start(path, pieces)
    assert child.stdout is not None
    first = child.stdout.readline()
    time.sleep(seconds)
    killed_at = time.monotonic_ns()
    child.kill()
    put = [tuple(map(int, line.split())) for line in [first, *child.stdout] if line.endswith(b"\n")]
    child.wait()
    child.stdout.close()
    check(path)
    with History(path) as history:
        prefix = f"{child.pid}-"
        kept = sum(len(history.lines(row.run)) for row in history.runs() if row.run.startswith(prefix))
    lost = [moment for number, moment in put if number >= kept and moment <= killed_at]
    return (killed_at - lost[0]) / 1e9 if lost else 0.0


def check(path: Path) -> None:
    """The file is whole, and so is its index."""
    History(path).close()
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        db.execute("INSERT INTO found (found, rank) VALUES ('integrity-check', 1)")
    finally:
        db.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
