"""What a terminal does that Textual reads otherwise: Alt with a digit, and signals that end the app."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from typing import Any

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual.app import App


def read_alt_digits() -> None:
    """Alt+1 arrives as Esc and a digit in most terminals. Textual makes it the character that a Mac's Option
    key would give (¡ ™ £ …), which would land in the prompt; without that entry it is the key `alt+1`."""
    for digit in "123456789":
        ANSI_SEQUENCES_KEYS.pop(f"\x1b{digit}", None)  # type: ignore[attr-defined]


def leave_on_signals(app: App[Any]) -> None:
    """`kill` and a closed window end the app as Ctrl+Q does, so that the terminal gets its modes back.

    Call it on the app's loop. Where signals can't be watched, they end the process at once, as ever.
    """
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        for name in ("SIGTERM", "SIGHUP"):
            if (number := getattr(signal, name, None)) is not None:
                loop.add_signal_handler(number, app.exit)
