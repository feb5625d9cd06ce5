from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.terminal.terminal import Terminal

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # ptys and /proc

Open = Callable[..., Terminal]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home: no settings, no history."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """What a first-time user's shell hands over: no key, nothing of whoever runs the tests."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
    }


@pytest.fixture
def osstui(environment: dict[str, str]) -> Iterator[Open]:
    """Opens the app in a terminal; all of them are closed behind the test."""
    with ExitStack() as stack:

        def start(
            *arguments: str, columns: int = 120, rows: int = 40, piped: str | None = None, **variables: str
        ) -> Terminal:
            terminal = Terminal(
                *arguments, environment=environment | variables, columns=columns, rows=rows, piped=piped
            )
            return stack.enter_context(terminal)

        yield start


@pytest.fixture
def demo(osstui: Open) -> Open:
    """The app with simulated hosts, ready to be asked."""

    def start(*lanes: str, columns: int = 120, rows: int = 40, arguments: tuple[str, ...] = ()) -> Terminal:
        chosen = [word for lane in lanes for word in ("-p", lane)]
        terminal = osstui("--demo", *chosen, *arguments, columns=columns, rows=rows)
        terminal.until_shown("DEMO", f"{len(lanes)} lane")
        return terminal

    return start
