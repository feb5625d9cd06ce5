"""The command line: one small module a command, each imported only when it is asked for."""

from __future__ import annotations

import sys
from typing import NoReturn


def main() -> NoReturn:
    """`osstui …`; ends the process with the command's exit code."""
    from osstui.cli.launch import in_a_terminal, launch

    if not sys.argv[1:] and in_a_terminal():
        launch()
        sys.exit()
    from osstui.cli.group import run

    sys.exit(run(sys.argv[1:]))
