"""osstui in a terminal of its own (a pty): what is typed, what the screen shows, every byte written."""

from __future__ import annotations

import contextlib
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from fcntl import ioctl
from pathlib import Path
from types import TracebackType

import pyte

REPOSITORY = Path(__file__).parents[2]
PATIENCE = 20.0
"""Seconds that a condition is waited for: generous, for a machine that is busy with something else."""

ENTER, ESC, TAB = "\r", "\x1b", "\t"
END, PAGE_UP = "\x1b[F", "\x1b[5~"
CTRL_RIGHT, CTRL_LEFT, CTRL_DOWN = "\x1b[1;5C", "\x1b[1;5D", "\x1b[1;5B"


def ctrl(letter: str) -> str:
    return chr(ord(letter.upper()) - 64)


class Screen(pyte.Screen):  # type: ignore[misc]
    """A screen whose rows are told cell by cell: pyte's own `display` fails on some wide characters."""

    @property
    def rows(self) -> list[str]:
        cells = range(self.columns)
        return [
            "".join(row[x].data for x in cells).rstrip()
            for row in map(self.buffer.__getitem__, range(self.lines))
        ]

    @property
    def text(self) -> str:
        return "\n".join(self.rows)


class Terminal:
    """Runs `python -m osstui …` as somebody would who typed it. A context manager; at its end no process of
    the program is left, and no stack trace was ever written."""

    def __init__(
        self,
        *arguments: str,
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        program: Sequence[str] = ("-m", "osstui"),
        piped: str | None = None,
    ) -> None:
        self.raw = bytearray()
        """Every byte that the program wrote."""
        self.screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._fed = 0
        self._arrived = threading.Condition()
        self._over = False
        self._master, slave = pty.openpty()
        self._set_size(columns, rows)
        self.modes_before = termios.tcgetattr(self._master)
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdin=slave if piped is None else subprocess.PIPE, stdout=slave, stderr=slave,
            env=dict(environment), cwd=REPOSITORY, start_new_session=True,
            preexec_fn=lambda: ioctl(2, termios.TIOCSCTTY, 0),
        )  # fmt: skip
        if piped is not None and self.process.stdin is not None:
            self.process.stdin.write(piped.encode())
            self.process.stdin.close()
        self._slave = slave  # kept open: else what was written last is lost when the program ends
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._master, 1 << 16):
                with self._arrived:
                    self.raw += data
                    self._arrived.notify_all()

    # what a user does

    def type(self, *keys: str) -> None:
        self.send("".join(keys).encode())

    def send(self, data: bytes) -> None:
        os.write(self._master, data)

    def ask(self, prompt: str) -> None:
        """Types a prompt that fits in one line, sees that it stands in the box, and sends it."""
        self.type(prompt)
        self.until_shown(prompt[-20:])
        self.type(ENTER)

    def go_to_pane(self, number: int) -> None:
        """From the prompt box. Alt is an Esc before the key, if nothing else follows at once."""
        self.type(ESC, str(number))
        self.until_shown("z Zoom")

    def paste(self, text: str) -> None:
        self.type("\x1b[200~", text, "\x1b[201~")

    def resize(self, columns: int, rows: int) -> None:
        """As a terminal does it: the new size, then SIGWINCH from the kernel."""
        with self._arrived:
            self._feed()
            self.screen.resize(rows, columns)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # what a user sees

    @property
    def text(self) -> str:
        with self._arrived:
            self._feed()
            return self.screen.text

    @property
    def modes(self) -> list[object]:
        """The terminal's line discipline: echo, line buffering and so on."""
        return termios.tcgetattr(self._master)

    def _feed(self) -> None:
        self._stream.feed(bytes(self.raw[self._fed :]))
        self._fed = len(self.raw)

    def until(self, condition: Callable[[str], object], what: str, seconds: float = PATIENCE) -> str:
        """Waits until the condition holds for the screen's text, and gives that text."""
        give_up = time.monotonic() + seconds
        with self._arrived:
            while True:
                fed = self._fed
                self._feed()
                text = self.screen.text
                if condition(text):
                    return text
                left = give_up - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and fed == self._fed):
                    ended = f" (the program ended: {self.process.returncode})" if left > 0 else ""
                    raise AssertionError(f"never seen: {what}{ended}\n{text}")
                self._arrived.wait(min(left, 0.5))

    def until_shown(self, *parts: str, seconds: float = PATIENCE) -> str:
        return self.until(
            lambda text: all(part in text for part in parts), " and ".join(map(repr, parts)), seconds
        )

    def until_gone(self, part: str) -> str:
        return self.until(lambda text: part not in text, f"the screen without {part!r}")

    def until_ended(self, seconds: float) -> int:
        """The exit code."""
        code = self.process.wait(seconds)
        os.close(self._slave)
        self._slave = -1
        self._reader.join(PATIENCE)
        return code

    # the end

    def hang_up(self) -> None:
        """The window is closed: the terminal is gone, and the kernel says so with SIGHUP."""
        for fd in (self._slave, self._master):
            os.close(fd)
        self._slave = self._master = -1

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        if self._slave >= 0:
            self.until_ended(PATIENCE)
        if self._master >= 0:
            os.close(self._master)
        if kind is None:
            assert b"Traceback" not in self.raw, bytes(self.raw[self.raw.find(b"Traceback") :][:4000])
