"""What the app makes of its terminal's signals."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from types import SimpleNamespace

import pytest

if sys.platform == "win32":
    pytest.skip("SIGWINCH is a Unix thing", allow_module_level=True)

from textual.drivers.linux_driver import LinuxDriver

from osstui.tui.driver import TerminalDriver

Pair = tuple[int, int]


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[Pair]:
    """What the terminal measured, the newest last."""
    measured = [(80, 24)]
    monkeypatch.setattr(LinuxDriver, "start_application_mode", lambda self: None)
    monkeypatch.setattr(LinuxDriver, "_get_terminal_size", lambda self: measured[-1])
    return measured


async def told_after(sizes: list[Pair], resizes: list[Pair], in_band: bool) -> list[str]:
    told: list[str] = []
    driver = object.__new__(TerminalDriver)
    driver._in_band_window_resize = in_band
    driver._app = SimpleNamespace(post_message=lambda event: told.append(f"{event.size}"))  # type: ignore[assignment]
    loop = asyncio.get_running_loop()
    driver.start_application_mode()
    try:
        for size in resizes:
            sizes.append(size)
            os.kill(os.getpid(), signal.SIGWINCH)
        done = loop.create_future()
        loop.add_signal_handler(signal.SIGUSR1, done.set_result, None)
        os.kill(os.getpid(), signal.SIGUSR1)
        await done
    finally:
        for number in (signal.SIGWINCH, signal.SIGUSR1):
            loop.remove_signal_handler(number)
    return told


async def test_of_quick_resizes_the_last_one_has_the_last_word(sizes: list[Pair]) -> None:
    told = await told_after(sizes, [(200, 50), (38, 12), (120, 40)], in_band=False)
    assert set(told) == {"Size(width=120, height=40)"}


async def test_a_terminal_that_tells_its_size_by_itself_is_not_asked(sizes: list[Pair]) -> None:
    assert await told_after(sizes, [(200, 50)], in_band=True) == []


def test_bytes_that_are_no_utf_8_do_not_end_the_reading_of_keys() -> None:
    from textual.drivers import linux_driver

    decode = linux_driver.getincrementaldecoder("utf-8")().decode
    assert decode(b"a\xffb") == "a\ufffdb"
