"""The prompt box: several lines, older prompts, and pastes of any size."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widgets import TextArea

from osstui.conversation.pastes import Pastes
from osstui.safe_text import encodable, visible_line
from osstui.tui.commands import bindings
from osstui.tui.widgets.anchored import anchored
from osstui.tui.widgets.in_order import passed_on


class PromptBox(TextArea):
    """Enter posts `Submitted` and leaves the draft alone: who takes it calls `taken`."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("prompt")]

    @dataclass
    class Submitted(Message):
        text: str
        """What is to be sent, pasted texts included."""
        typed: str = ""
        """The same without them: only what was typed can attach files."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id,
            compact=True,
            highlight_cursor_line=False,
            placeholder="Ask every lane at once…",
        )
        self.cursor_blink = False
        self._asked: list[str] = []
        self._at = 0
        self._edits: dict[int, str] = {}
        """What the box held at each place of the walk, so that no draft is lost on the way."""
        self._sent = ""
        self._pastes = Pastes()
        self._choices: list[str] = []
        """What Tab goes through, the one that stands there first."""
        self._choice_start = 0
        self._completed: tuple[str, tuple[int, int]] | None = None
        """Text and cursor after the last completion."""

    @property
    def full_text(self) -> str:
        """The draft with every folded paste put back."""
        return self._pastes.whole(self.text)

    def taken(self) -> None:
        """The draft was sent: it becomes the newest of the older prompts. What was typed since then stays."""
        sent, rest = self._sent, self.text.removeprefix(self._sent)
        if sent and (not self._asked or self._asked[-1] != sent):
            self._asked.append(sent)
        self._edits.clear()
        self._at = len(self._asked)
        self.text = rest
        self.move_cursor(self.document.end)

    def show_forecast(self, text: str | None) -> None:
        """What sending the draft comes to."""
        self.border_subtitle = Content(text) if text else None

    def begin_with(self, *parts: str) -> None:
        """A draft to go on from, with an empty line between its parts."""
        self.text = "\n\n".join(map(self._pastes.folded, parts))
        self.move_cursor(self.document.end)

    def edit_again(self, prompt: str) -> None:
        """A prompt that was sent is the draft; what stood here joins the older prompts."""
        if self.text.strip() and self.text != prompt:
            self._asked.append(self.text)
        self._edits.clear()
        self._at = len(self._asked)
        self.begin_with(prompt)
        self.screen.set_focus(self)

    def remember(self, prompts: Iterable[str]) -> None:
        """Prompts of other sittings, oldest first: they come before those of this one."""
        before = [*prompts]
        self._asked[:0] = before
        self._at += len(before)
        self._edits = {at + len(before): text for at, text in self._edits.items()}

    def give_back(self) -> None:
        """The prompt could not be sent after all: it is the draft again, unless something new was typed."""
        if not self.text and self._asked:
            self.text = self._asked[-1]
            self.move_cursor(self.document.end)

    def show_parameters(self, parameters: list[str]) -> None:
        """In which parameters all lanes differ from the default."""
        self.border_title = Content(" · ".join(parameters)) if parameters else None

    async def _on_key(self, event: events.Key) -> None:
        """Runs the box's own commands where the key arrives. A priority binding would overtake the letters
        before it, and one found after bubbling would be overtaken by those behind it: typed in a burst,
        Enter would send too little or too much."""
        if passed_on(self, event):
            return
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.id and binding.id.startswith("prompt."):
                event.stop()
                event.prevent_default()
                await self.run_action(binding.action)

    def render_lines(self, crop: Region) -> list[Strip]:
        return [anchored(strip) for strip in super().render_lines(crop)]

    def action_send(self) -> None:
        if self.text.strip():
            self._sent = self.text
            self.post_message(self.Submitted(encodable(self.full_text), self.text))

    def action_complete(self) -> None:
        """Completes the `@path` before the cursor, again the next that fits; else goes on to the panes."""
        row, column = self.cursor_location
        if self._choices and (self.text, (row, column)) == self._completed:
            self._choices.append(self._choices.pop(0))
            start = self._choice_start
        else:
            from osstui.attachments import completed

            found = completed(self.document[row], column, Path.cwd())
            if found is None:
                self.screen.focus_next()
                return
            start, self._choices = found
            self._choice_start = start
        if not self._choices:
            self.border_subtitle = Content.styled("no file begins so", "$warning")
            return
        result = self.replace(self._choices[0], (row, start), (row, column))
        self.move_cursor(result.end_location)
        self._completed = (self.text, self.cursor_location)
        shown = "  ".join(visible_line(choice[1:], 30) for choice in self._choices[:5])
        more = f"  and {len(self._choices) - 5} more" if len(self._choices) > 5 else ""
        self.border_subtitle = Content(shown + more) if len(self._choices) > 1 else None
        if len(self._choices) == 1:
            self._choices = []

    def action_newline(self) -> None:
        self._put("\n")

    def action_older(self) -> None:
        if not (self._on_edge_row(first=True) and self._walk(-1)):
            self.action_cursor_up()

    def action_newer(self) -> None:
        if not (self._on_edge_row(first=False) and self._walk(+1)):
            self.action_cursor_down()

    def _on_edge_row(self, *, first: bool) -> bool:
        """Whether the cursor stands in the first or last row as wrapped on screen."""
        row = self.wrapped_document.location_to_offset(self.cursor_location).y
        return row == (0 if first else self.wrapped_document.height - 1)

    def _walk(self, step: int) -> bool:
        """False at the ends of the walk."""
        at = self._at + step
        if not 0 <= at <= len(self._asked):
            return False
        self._edits[self._at] = self.text
        self._at = at
        self.text = self._edits.get(at, self._pastes.folded(self._asked[at]) if at < len(self._asked) else "")
        self.move_cursor(self.document.end if step > 0 else (0, len(self.document[0])))
        return True

    async def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self._put(self._pastes.folded(event.text.replace("\r\n", "\n").replace("\r", "\n")))
        self.screen.set_focus(self)

    def _put(self, text: str) -> None:
        """In the place of the selection, with the cursor behind it."""
        result = self.replace(text, *self.selection, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
