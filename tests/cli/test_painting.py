"""The lines on stderr that are drawn while something runs."""

from __future__ import annotations

import asyncio
import threading

import pytest

from osstui.cli import painting
from osstui.cli.painting import Painting


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to a terminal."""
    written: list[str] = []
    monkeypatch.setattr(painting, "_write", written.append)
    monkeypatch.setattr(painting.sys.stderr, "isatty", lambda: True, raising=False)
    return written


async def test_a_terminal_that_takes_nothing_holds_up_no_work(
    terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, flows = threading.Event(), threading.Event()

    def write(text: str) -> None:
        stopped.set()
        assert flows.wait(20)
        terminal.append(text)

    monkeypatch.setattr(painting, "_write", write)
    turns = 0
    async with asyncio.timeout(20), Painting(lambda width, height: ["at work"]):
        while not stopped.is_set():
            await asyncio.sleep(0)
        while turns < 1000:
            await asyncio.sleep(0)
            turns += 1
        flows.set()
    assert terminal[0].endswith("at work")


async def test_what_was_drawn_is_gone_afterwards(terminal: list[str]) -> None:
    async with Painting(lambda width, height: ["one", "two", "three"]):
        while not terminal:
            await asyncio.sleep(0)
    assert terminal[0] == "\r\x1b[Jone\ntwo\nthree"
    assert terminal[-1] == "\r\x1b[2A\x1b[J"


async def test_nothing_is_drawn_where_it_is_not_wanted(terminal: list[str]) -> None:
    async with Painting(lambda width, height: ["at work"], wanted=False):
        await asyncio.sleep(0)
    assert terminal == []
