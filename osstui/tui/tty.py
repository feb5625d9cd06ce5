"""What a terminal sends that Textual reads otherwise: some keys, what is pasted, signals that end the app."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterable

from textual import events
from textual._xterm_parser import XTermParser
from textual.message import Message

PASTE_BEGINS, PASTE_ENDS = "\x1b[200~", "\x1b[201~"

KEYS = {
    "\x1b\r": "alt+enter",
    "\x1b[27;2;13~": "shift+enter",
    "\x1b[27;3;13~": "alt+enter",
    "\x1b[27;5;13~": "ctrl+enter",
    **{f"\x1b{digit}": f"alt+{digit}" for digit in "123456789"},
}
"""Alt is an Esc before the key in most terminals; Textual makes Enter of Alt+Enter and of Alt+1 the character
that a Mac's Option key would give (¡ ™ £ …). The longer ones are xterm's modifyOtherKeys."""


class TerminalParser(XTermParser):
    """Textual's parser takes an escape sequence in a pasted text for keys that were pressed, and it takes
    some keys for others. Here a paste is a text, whatever is in it."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasted: list[str] | None = None
        """What has come of a paste that is under way."""
        self._held = ""
        """What may be the beginning of one of the two marks."""

    def feed(self, data: str) -> Iterable[Message]:
        if not data:
            yield from super().feed(data)
            return
        rest, self._held = self._held + data, ""
        while rest:
            if self._pasted is None:
                before, found, rest = rest.partition(PASTE_BEGINS)
                if found:
                    self._pasted = []
                elif len(part := _begun(before, PASTE_BEGINS)) > 1:  # Esc alone is a key
                    before, self._held = before.removesuffix(part), part
                if before:
                    yield from super().feed(before)
            else:
                before, found, rest = rest.partition(PASTE_ENDS)
                if not found and (part := _begun(before, PASTE_ENDS)):
                    before, self._held = before.removesuffix(part), part
                self._pasted.append(before)
                if found:
                    text = "".join(self._pasted).replace("\0", "")
                    self._pasted = None
                    yield events.Paste(text)

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if (key := KEYS.get(sequence)) is not None:
            yield events.Key(key, None)
        else:
            yield from super()._sequence_to_key_events(sequence, alt)


def _begun(text: str, mark: str) -> str:
    """The end of the text that the mark begins with, as long as it may be."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return mark[:length]
    return ""


def leave_on_signals(leave: Callable[[], None]) -> None:
    """`kill` and a closed window let the app leave by itself, so that the terminal gets its modes back.

    Call this on the app's loop. Where signals can't be watched, they end the process at once, as ever.
    """
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        for name in ("SIGTERM", "SIGHUP"):
            if (number := getattr(signal, name, None)) is not None:
                loop.add_signal_handler(number, leave)
