"""The turns of a conversation, to edit one or to go on from it, and the branches that were left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from osstui.safe_text import visible_line
from osstui.tui.screens.dialog import Dialog, dressed

if TYPE_CHECKING:
    from osstui.conversation.turn import Turn

Choice = tuple[Literal["edit", "fork", "branch"], int]
"""Edit the prompt of that turn, go on behind that turn, take that branch."""


class TurnsScreen(Dialog[Choice | None]):
    CSS_PATH = dressed("turns.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f4", "dismiss(None)", "Leave"),
        Binding("f", "fork", "Go on from here"),
    ]

    def __init__(self, turns: Sequence[Turn], branches: Sequence[Sequence[Turn]]) -> None:
        super().__init__()
        self._turns, self._branches = turns, branches

    def compose(self) -> ComposeResult:
        yield OptionList(*self._rows(), markup=False)

    def _rows(self) -> Iterator[Option]:
        for at, turn in enumerate(self._turns):
            yield Option(Content(f"{at + 1:>3}  {visible_line(turn.prompt, 90)}"))
        for branch in self._branches:
            count = f"{len(branch)} turn{'s' * (len(branch) != 1)}"
            last = visible_line(branch[-1].prompt, 60)
            yield Option(Content.styled(f"  ↩  left behind: {count}, the last “{last}”", "$secondary"))

    def on_mount(self) -> None:
        box = self.query_one(OptionList)
        box.border_title = Content("Turns")
        box.border_subtitle = Content("Enter edits the prompt · f goes on from that turn · Esc closes")
        box.highlighted = max(0, len(self._turns) - 1)

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        self._choose("edit", event.option_index)

    def action_fork(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None:
            self._choose("fork", at)

    def _choose(self, what: Literal["edit", "fork"], at: int) -> None:
        count = len(self._turns)
        self.dismiss((what, at) if at < count else ("branch", at - count))
