"""The line of keys at the foot of a screen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

EDGES = 2
"""Cells that the line's padding takes."""


class KeyLine(Footer):
    """The keys of what is in focus. Where they don't all fit, the last ones go, and the ways on stay."""

    STAY: ClassVar = frozenset({"app.help", "app.quit"})
    """Actions."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False, compact=True)

    def compose(self) -> ComposeResult:
        keys = [*super().compose()]
        self._fit(keys)
        yield from keys

    def on_resize(self) -> None:
        self._fit(self.children)

    def _fit(self, keys: Iterable[object]) -> None:
        room = self.app.size.width - EDGES + 1
        shown = [key for key in keys if isinstance(key, FooterKey)]
        for key in sorted(shown, key=lambda key: key.action not in self.STAY):
            room -= cell_len(key.key_display) + cell_len(key.description) + 2
            key.display = room >= 0
