"""Textual's driver for Unix terminals, with what it takes amiss put right. Not to be imported on Windows."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import signal
import sys
from collections.abc import Callable

from textual import events
from textual.drivers import linux_driver
from textual.geometry import Size

from osstui.tui.tty import TerminalParser

assert sys.platform != "win32"


def _lenient(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
    return lambda: codecs.getincrementaldecoder(encoding)("replace")


linux_driver.XTermParser = TerminalParser  # type: ignore[attr-defined]
linux_driver.getincrementaldecoder = _lenient  # type: ignore[assignment,attr-defined]
"""Its thread that reads the keys shall outlive a byte that is no UTF-8."""


class TerminalDriver(linux_driver.LinuxDriver):
    """Follows the terminal's size to the last, and takes the terminal again only after it was suspended."""

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):  # not the main thread
            asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self._tell_size)

    def _tell_size(self) -> None:
        """On the loop, one after the other. Textual reads the size in the signal's own handler, where the
        next signal may interrupt it: of two quick resizes the older one could have the last word."""
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self._app.post_message(events.Resize(size, size))

    def _sigcont_application(self, *_: object) -> None:
        """A terminal that goes away sends SIGCONT too: taking it again then, with one more thread that reads
        its keys, would keep the process for ever."""
        if self._must_signal_resume:
            self.resume_application_mode()
