"""A page to read over another screen: numbers, keys, evidence, a ranking."""

from __future__ import annotations

from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from osstui.safe_text import visible_line
from osstui.tui.screens.dialog import Dialog, dressed


class PageScreen(Dialog[None]):
    """Text in a box that scrolls, drawn anew when its width changes."""

    CSS_PATH = dressed("page.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss(None)", "Close")]
    box = getters.query_one(VerticalScroll)
    page = getters.query_one(Static)

    def __init__(self, heading: str, keys: str = "") -> None:
        """`keys`: what can be done beside closing it, for the border."""
        super().__init__()
        self._heading, self._keys = heading, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False)

    def on_mount(self) -> None:
        self.box.border_title = Content(visible_line(self._heading, 100))
        self.box.border_subtitle = Content(f"{self._keys} · Esc closes" if self._keys else "Esc closes")

    def on_resize(self) -> None:
        # what is written before the first layout keeps the height of an empty page
        self.call_after_refresh(self.draw)

    def draw(self) -> None:
        self.page.update(self.text())

    def text(self) -> Content:
        """What the page says now, in lines as wide as it is."""
        raise NotImplementedError
