"""The line of keys at the foot of a screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from osstui.tui.commands import COMMANDS

EDGES = 2
"""Cells that the line's padding takes."""


class KeyLine(Footer):
    """The keys of what is in focus, in the order of the help. Where they don't all fit, the last ones go, and
    the ways on stay."""

    STAY: ClassVar = frozenset({"app.help", "app.quit"})
    """Actions."""
    ORDER: ClassVar = {
        command.binding.action: -at for at, command in enumerate(reversed(COMMANDS)) if command.footer
    }

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        keys.sort(key=lambda key: self.ORDER.get(key.action, 1))
        for key in keys:
            key.key_display = _written(key.key_display)
        self._fit(keys)
        yield from keys

    def on_resize(self) -> None:
        self._fit(self.children)

    def _fit(self, keys: Iterable[object]) -> None:
        shown = [key for key in keys if isinstance(key, FooterKey)]
        lengths = {key: cell_len(key.key_display) + cell_len(key.description) + 1 for key in shown}
        room = self.app.size.width - EDGES
        roomy = sum(lengths.values()) + 2 * (len(shown) - 1) <= room
        gap = 2 if roomy else 1
        self.set_class(roomy, "-roomy")
        room += gap
        for key in sorted(shown, key=lambda key: key.action not in self.STAY):
            room -= lengths[key] + gap
            key.display = room >= 0


def _written(key: str) -> str:
    """`^L`, `F1`, `Esc`; a letter that is typed by itself stays as it is."""
    if key == "esc":
        return "Esc"
    return key.upper() if key[0] == "^" or (key[0] == "f" and key[1:].isdigit()) else key
