"""Ctrl-C and its kin: what was asked is cancelled, and what had arrived is still printed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator


class Stop:
    """Remembers that somebody pressed Ctrl-C, also before there is anything to cancel."""

    def __init__(self, cancel: Callable[[], object]) -> None:
        self.wanted = False
        self._cancel = cancel

    def now(self) -> None:
        self.wanted = True
        self._cancel()

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """SIGINT, SIGTERM and SIGHUP stop the lanes instead of the process, while this lasts.

        One that is ignored stays so: `nohup` means it.
        """
        loop = asyncio.get_running_loop()
        names = ("SIGINT", "SIGTERM", "SIGHUP")
        known = [getattr(signal, name) for name in names if hasattr(signal, name)]
        numbers = [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]
        try:
            for number in numbers:
                loop.add_signal_handler(number, self.now)
        except (NotImplementedError, RuntimeError):  # Windows, or not the main thread: no handlers there
            yield
            return
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)
