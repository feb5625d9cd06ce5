"""Writing to stdout: data that is safe to look at, and a reader who may leave at any time."""

from __future__ import annotations

import json
import os
import re
import sys
from queue import SimpleQueue
from threading import Thread
from typing import Self

import click

from osstui.cli.group import wrong
from osstui.safe_text import visible

_SUSPECT = re.compile(r"[^\x20-\x7e\n]")


class Stdout:
    """stdout as UTF-8. When the reader has gone (`| head`), `closed` turns true and the rest goes nowhere."""

    def __init__(self) -> None:
        self.closed = False
        self.is_terminal = sys.stdout.isatty()

    def write(self, text: str) -> None:
        """Writes at once. Ends the command when that can't be done, as on a full disk."""
        if self.closed:
            return
        try:
            left = memoryview(text.encode("utf-8", "replace"))
            while left:  # no buffer of Python's: its lock would be held at exit where nobody reads any more
                left = left[os.write(sys.stdout.fileno(), left) :]
        except BrokenPipeError:
            self._close()
        except OSError as error:
            self._close()
            wrong(f"cannot write to stdout: {error.strerror or error}")

    def _close(self) -> None:
        self.closed = True
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class Behind:
    """Lines for stdout that a thread writes, each at once: a reader who takes their time must neither delay a
    stamp nor let a lane run into a timeout. Leaving the context waits for the last line to be read."""

    def __init__(self, out: Stdout) -> None:
        self._out = out
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._trouble: click.ClickException | None = None
        self._thread = Thread(target=self._work, name="stdout", daemon=True)

    def write(self, line: str) -> None:
        self._lines.put(line)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.put(None)
        self._thread.join()
        if self._trouble is not None:
            raise self._trouble

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                self._out.write(line)
            except click.ClickException as error:
                self._trouble = error


def json_document(data: object) -> str:
    """Indented JSON, newline included, safe on a terminal."""
    return safe_json(json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2)) + "\n"


def safe_json(text: str) -> str:
    """The same JSON with every character that a terminal might act on written as `\\uXXXX`."""
    return text if text.isascii() and "\x7f" not in text else _SUSPECT.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    char = match.group()
    if visible(char) == char:
        return char
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
