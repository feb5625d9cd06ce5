"""The keys, as the table of commands has them."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from osstui.tui.commands import COMMANDS, SCOPES, Scope
from osstui.tui.screens.page import PageScreen

KEYS = 18
"""Cells of the first column."""


class HelpScreen(PageScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "dismiss(None)", "Close", show=False)
    ]

    def __init__(self) -> None:
        super().__init__("Keys")

    def text(self) -> Content:
        room = self.page.size.width - KEYS
        return Content("\n").join(_lines(max(12, room)))


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
