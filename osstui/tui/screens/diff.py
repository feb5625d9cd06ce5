"""One answer against another, word by word."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

from textual import events, getters, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from osstui.safe_text import visible_line
from osstui.tui.diff.layout import plain, side_by_side, unified
from osstui.tui.diff.words import Comparison, compare
from osstui.tui.say import say, say_what_broke
from osstui.tui.widgets.anchored import AnchoredStatic

NARROW = 90
"""Cells; below it one column reads better than two."""
AGAIN = 1.0
"""Seconds between two comparisons of answers that still grow."""
FRAME = 7
"""Cells that border, padding, scrollbar and the gap between the columns take."""


class Side(NamedTuple):
    name: str
    text: Callable[[], str]
    """The answer as far as it has come."""
    live: Callable[[], bool]


class DiffScreen(ModalScreen[None]):
    """`one` on the left, one of the `others` on the right."""

    CSS_PATH = "diff.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,w,q", "dismiss(None)", "Close"),
        Binding("n,right,space", "other(1)", "Next answer"),
        Binding("N,left", "other(-1)", "Answer before"),
        Binding("u", "columns", "One column or two"),
        Binding("c,y", "copy", "Copy"),
    ]
    heading = getters.query_one("#heading", Static)
    figures = getters.query_one("#figures", Static)
    left = getters.query_one("#left", Static)
    right = getters.query_one("#right", Static)
    box = getters.query_one(VerticalScroll)
    on_worker_state_changed = say_what_broke

    def __init__(self, one: Side, others: Sequence[Side]) -> None:
        super().__init__()
        self._one, self._others, self._at = one, others, 0
        self._texts: tuple[str, str] | None = None
        self._found: Comparison | None = None
        self._two_columns: bool | None = None
        """None: as the width wants it."""

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(id="heading", markup=False)
            with VerticalScroll(), Horizontal():
                yield AnchoredStatic(id="left", markup=False)
                yield AnchoredStatic(id="right", markup=False)
            yield Static(id="figures", markup=False)

    def on_mount(self) -> None:
        frame = self.query_one(Vertical)
        frame.border_title = Content("Word by word")
        frame.border_subtitle = Content("n the next answer · u one column or two · c copies · Esc closes")
        self.box.focus()
        self.set_interval(AGAIN, self._look_again)

    def on_resize(self, event: events.Resize) -> None:
        self._draw()

    @property
    def _other(self) -> Side:
        return self._others[self._at]

    @property
    def _side_by_side(self) -> bool:
        return self.app.size.width >= NARROW if self._two_columns is None else self._two_columns

    def _look_again(self) -> None:
        """Answers may still grow, here or after another try. A comparison at work is let finish."""
        if any(worker.group == "diff" and not worker.is_finished for worker in self.workers):
            return
        if self._texts != (self._one.text(), self._other.text()):
            self._draw()
        elif self._found is not None:
            self._tell(self._found)

    @work(exclusive=True, group="diff", exit_on_error=False)
    async def _draw(self) -> None:
        """Compares and lays out in a thread, then shows it."""
        one, other, columns = self._one, self._other, self._side_by_side
        texts = one.text(), other.text()
        room = self.app.size.width - FRAME
        width = max(8, room // 2 if columns else room)
        known = self._found if texts == self._texts else None

        def work() -> tuple[Comparison, tuple[Content, Content]]:
            found = known or compare(*texts)
            lines = side_by_side(found, width) if columns else (unified(found, width), [])
            return found, (Content("\n").join(lines[0]), Content("\n").join(lines[1]))

        found, (left, right) = await asyncio.to_thread(work)
        self._texts, self._found = texts, found
        self.set_class(not columns, "-unified")
        names = (visible_line(one.name, 60), visible_line(other.name, 60))
        if columns:
            heading = Content.assemble(
                Content.styled(names[0], "bold $error").truncate(width, ellipsis=True).pad_right(1), "  "
            )
            heading = heading.pad_right(width + 2 - heading.cell_length)
            self.heading.update(heading + Content.styled(names[1], "bold $success"))
        else:
            self.heading.update(
                Content.assemble(
                    (f"[-{names[0]}-]", "bold $error"), " ", (f"{{+{names[1]}+}}", "bold $success")
                )
            )
        self.left.update(left)
        self.right.update(right)
        self._tell(found)

    def _tell(self, found: Comparison) -> None:
        """The line of figures."""
        share = "–" if found.similarity is None else f"{found.similarity:.0%}"
        growing = [side.name for side in (self._one, self._other) if side.live()]
        parts = [
            f"{share} alike",
            f"{found.same:,} words the same",
            f"{found.only_left:,} only in {self._one.name}",
            f"{found.only_right:,} only in {self._other.name}",
            *([f"{' and '.join(growing)} still answering"] if growing else []),
            *([f"{self._at + 1} of {len(self._others)}"] if len(self._others) > 1 else []),
        ]
        self.figures.update(Content.styled(visible_line(" · ".join(parts)), "$secondary"))

    def action_other(self, step: int) -> None:
        self._at = (self._at + step) % len(self._others)
        self.box.scroll_home(animate=False)
        self._draw()

    def action_columns(self) -> None:
        self._two_columns = not self._side_by_side
        self._draw()

    def action_copy(self) -> None:
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(selected)
            say(self.app, f"Copied what is selected: {len(selected):,} characters")
        elif self._found is not None:
            text = plain(self._found)
            self.app.copy_to_clipboard(text)
            say(
                self.app, f"Copied both as one text, [-only left-] {{+only right+}}: {len(text):,} characters"
            )
