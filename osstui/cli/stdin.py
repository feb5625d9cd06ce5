"""The prompt from stdin: all of it for `-`, and what is piped in beside a prompt."""

from __future__ import annotations

import os
import select
import stat
import sys

from osstui.cli.group import narrate, wrong

PATIENCE_S = 1.0
"""How long a pipe beside a prompt may stay silent: a job runner may hold one open for ever."""


def whole_prompt(prompt: str | None, *, files: bool = False) -> str:
    """The prompt to send: the argument, stdin, or both with an empty line between.

    An empty one ends the command, unless files stand for it."""
    if prompt is None and files and sys.stdin.isatty():
        return ""
    if prompt is None and sys.stdin.isatty():
        wrong("there is no prompt: osstui ask PROMPT, or osstui ask - and type it")
    if prompt is None or prompt == "-":
        text = _all_of_stdin()
    else:
        piped = _piped()
        text = f"{prompt}\n\n{piped}" if piped.strip() else prompt
    if not text.strip() and not files:
        wrong("the prompt is empty")
    return text


def piped_text() -> str:
    """What is piped into the app; from then on stdin is the terminal, whose keys the app reads.

    Ends the command where there is no terminal."""
    try:
        keys = os.open("/dev/tty", os.O_RDWR) if sys.stderr.isatty() else None
    except OSError:
        keys = None
    if keys is None:
        wrong("the app needs a terminal; without one, use osstui ask PROMPT")
    text = _piped()
    os.dup2(keys, sys.stdin.fileno())
    os.close(keys)
    return text


def _piped() -> str:
    """What a pipe or a file on stdin holds; nothing for a terminal, a device or a pipe that stays silent."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return ""
    if stat.S_ISREG(mode):
        return _all_of_stdin()
    if sys.platform == "win32" or not stat.S_ISFIFO(mode):
        return ""
    if not select.select([sys.stdin], [], [], PATIENCE_S)[0]:
        narrate("stdin is a pipe but stays silent; asking without it")
        return ""
    return _all_of_stdin()


def _all_of_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        return wrong(f"stdin is not UTF-8 text: byte {error.start + 1} can't be read")
