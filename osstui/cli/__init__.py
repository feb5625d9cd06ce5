"""The command line: one small module a command, each imported only when it is asked for."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def open_standard_streams() -> None:
    """Those that the shell closed (`<&-`, `>&-`) lead nowhere; else sockets take their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free, so this one
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            stream = os.fdopen(number, mode, encoding="utf-8", errors="replace", closefd=False)
            setattr(sys, name, stream)


def main() -> NoReturn:
    """`osstui …`; ends the process with the command's exit code."""
    open_standard_streams()
    try:
        sys.exit(_run())
    except KeyboardInterrupt:  # while modules are still being loaded: no command has begun
        sys.exit(130)


def _run() -> int:
    from osstui.cli.launch import in_a_terminal, launch

    if not sys.argv[1:] and in_a_terminal():
        launch()
        return 0
    from osstui.cli.group import run

    return run(sys.argv[1:])
