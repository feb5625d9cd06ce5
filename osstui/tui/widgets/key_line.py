"""The line of keys at the foot of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    def __init__(self, order: Sequence[str] = ()) -> None:
        """`order`: actions that come first, in this order. Without it a key of the focused widget's own that
        the screen gives another meaning stands where the widget has it."""
        super().__init__(show_command_palette=False, compact=True)
        self._order = [*order]

    def compose(self) -> ComposeResult:
        keys = sorted(super().compose(), key=self._place)
        self._fit(keys)
        yield from keys

    def _place(self, key: object) -> int:
        action = key.action if isinstance(key, FooterKey) else ""
        return self._order.index(action) if action in self._order else len(self._order)

    def on_resize(self) -> None:
        self._fit(self.children)

    def _fit(self, keys: Iterable[object]) -> None:
        room = self.app.size.width - EDGES + 1
        shown = [key for key in keys if isinstance(key, FooterKey)]
        for key in sorted(shown, key=lambda key: key.action not in self.STAY):
            room -= cell_len(key.key_display) + cell_len(key.description) + 2
            key.display = room >= 0
