"""The keys, as the table of commands has them."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from osstui.tui.commands import COMMANDS, SCOPES, Scope

KEYS = 18
"""Cells of the first column."""


class HelpScreen(ModalScreen[None]):
    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "app.pop_screen", "Close")
    ]
    box = getters.query_one(VerticalScroll)
    page = getters.query_one(Static)

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(markup=False)

    def on_mount(self) -> None:
        self.box.border_title = Content("Keys")
        self.box.border_subtitle = Content("Esc closes")

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        room = self.page.size.width - KEYS
        self.page.update(Content("\n").join(_lines(max(12, room))))


def _lines(room: int) -> Iterator[Content]:
    for scope, heading in SCOPES.items():
        yield Content.styled(heading, "bold $primary")
        yield from _scope(scope, room)
        yield Content("")
    yield Content.styled(
        "Numbers: ≈ is counted or estimated, not yet reported; – is not known, i says why.", "$secondary"
    )


def _scope(scope: Scope, room: int) -> Iterator[Content]:
    """Keys, and beside them what they do, in lines of `room` cells."""
    for command in COMMANDS:
        if command.scope == scope and command.listed:
            first, *others = wrap(command.help, room)
            yield Content.assemble((command.keys_for_people.ljust(KEYS), "bold"), first)
            yield from (Content(" " * KEYS + line) for line in others)
