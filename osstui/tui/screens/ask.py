"""Small questions over another screen: a line of text, yes or no, one of several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from osstui.safe_text import visible_line
from osstui.tui.screens.dialog import Dialog, dressed


class LineScreen(Dialog[str | None]):
    """Gives back the line as it was edited; None when it was left."""

    CSS_PATH = dressed("ask.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave")]

    def __init__(self, title: str, value: str) -> None:
        super().__init__()
        self._heading, self._value = title, value

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(visible_line(self._heading))
            box.border_subtitle = Content("Enter keeps it · Esc cancels")
            yield Input(visible_line(self._value), select_on_focus=False)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class YesScreen(Dialog[bool]):
    """Only `y` is a yes."""

    CSS_PATH = dressed("ask.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape,enter", "dismiss(False)", "No"),
    ]

    def __init__(self, question: str, longest: int = 400) -> None:
        super().__init__()
        self._question, self._longest = question, longest

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_subtitle = Content("y yes · Esc no")
            yield Static(Content(visible_line(self._question, self._longest)), markup=False)


class ChoiceScreen(Dialog[str | None]):
    """Gives back the key of what was chosen."""

    CSS_PATH = dressed("ask.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "Leave")]

    def __init__(self, title: str, choices: Mapping[str, str]) -> None:
        super().__init__()
        self._heading, self._choices = title, choices

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = Content(visible_line(self._heading))
            box.border_subtitle = Content("Enter chooses · Esc cancels")
            yield OptionList(
                *(
                    Option(Content.assemble((f"{key:6}", "bold"), words), id=key)
                    for key, words in self._choices.items()
                )
            )

    @on(OptionList.OptionSelected)
    def _take(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)
