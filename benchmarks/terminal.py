"""A program in a real terminal (a pty), every read stamped: what was visible when can be told later."""

from __future__ import annotations

import contextlib
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from fcntl import ioctl
from pathlib import Path

import pyte

ALTERNATE_SCREEN = b"\x1b[?1049h"
TICKS = os.sysconf("SC_CLK_TCK")


class Terminal:
    """Runs a command and keeps what it writes, with CLOCK_MONOTONIC stamps in ns."""

    def __init__(self, command: list[str], columns: int = 120, rows: int = 40, typed: str = "") -> None:
        self.columns, self.rows = columns, rows
        self.reads: list[tuple[int, bytes]] = []
        self.master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.home = tempfile.TemporaryDirectory(prefix="osstui-home-")
        """For the history and the draft: no run finds what another has left."""
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        environment |= {f"XDG_{name}_HOME": self.home.name for name in ("DATA", "CONFIG", "STATE")}
        self.started = time.monotonic_ns()
        self.closed: int | None = None
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self._typed = typed
        """What is typed as soon as the program has taken the screen for its own."""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self.master, 1 << 20):
                self.reads.append((time.monotonic_ns(), data))
                if self._typed and ALTERNATE_SCREEN in data:
                    self.type(self._typed)

    def type(self, text: str) -> int:
        """Types `text`; returns when."""
        stamp = time.monotonic_ns()
        os.write(self.master, text.encode())
        return stamp

    def close(self) -> None:
        """What the program writes while it ends is no longer looked at."""
        self.closed = time.monotonic_ns()
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(3)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        self.home.cleanup()

    def screens(self) -> Iterator[tuple[int, list[str]]]:
        """After each read, what a terminal shows: the stamp and the rows."""
        screen = pyte.Screen(self.columns, self.rows)
        stream = pyte.ByteStream(screen)
        rows = [screen.buffer[y] for y in range(self.rows)]
        for stamp, data in list(self.reads):
            if self.closed is not None and stamp > self.closed:
                return
            if ALTERNATE_SCREEN in data:
                screen.erase_in_display(2)  # pyte has one screen alone
            stream.feed(data)
            yield stamp, ["".join(row[x].data for x in range(self.columns)) for row in rows]

    def opened(self) -> int:
        """When the program took the screen for its own, ns."""
        return next(stamp for stamp, data in self.reads if ALTERNATE_SCREEN in data)

    def first(self, seen: Callable[[list[str]], bool], after: int = 0) -> int | None:
        """When `seen(rows)` first held at or after `after`, ns."""
        return next((stamp for stamp, rows in self.screens() if stamp >= after and seen(rows)), None)

    def settled(self, content: Callable[[list[str]], list[str]]) -> int:
        """When `content(rows)` had its last change, ns."""
        last, changed = [], 0
        for stamp, rows in self.screens():
            shown = content(rows)
            if shown != last:
                last, changed = shown, stamp
        return changed

    def processes(self) -> list[int]:
        """The program and its children, the simulator left out."""
        pids, found = [self.process.pid], []
        while pids:
            pid = pids.pop()
            with contextlib.suppress(OSError):
                if b"osstui.simulator" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
                for task in Path(f"/proc/{pid}/task").iterdir():
                    pids += map(int, (task / "children").read_text().split())
        return found

    def cpu_seconds(self) -> float:
        """User and system time of the program and its children so far."""
        total = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def memory_mb(self) -> float:
        """Resident memory of the program and its children, MB."""
        total = 0
        for pid in self.processes():
            status = Path(f"/proc/{pid}/status").read_text()
            total += int(status.split("VmRSS:")[1].split()[0])
        return total / 1024


def osstui(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "osstui", *arguments]
