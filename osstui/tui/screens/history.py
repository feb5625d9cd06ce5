"""The history: every conversation, found as its words are typed, to look into, open, name and delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Footer, Input, OptionList, Static
from textual.widgets.option_list import Option

from osstui.safe_text import visible_line
from osstui.store.schema import HistoryError
from osstui.tui.commands import bindings
from osstui.tui.past_rows import PAGE, Row, again, line_of, listed, preview, with_words
from osstui.tui.screens.ask import ChoiceScreen, LineScreen, YesScreen

if TYPE_CHECKING:
    from osstui.store.history import History

T = TypeVar("T")
NARROW = 90
"""Cells; below it there is no room for a preview."""
NEAR_END = 10
"""Conversations left below the view when the next page is fetched."""


class HistoryScreen(ModalScreen[str | None]):
    """Gives back the id of the conversation to open; None when it was left. SQLite is asked in threads."""

    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("history"),
        Binding("escape", "leave", "Back", show=False),
        Binding("down", "move('cursor_down')", "Older", show=False),
        Binding("up", "move('cursor_up')", "Newer", show=False),
        Binding("pagedown", "move('page_down')", "Further down", show=False),
        Binding("pageup", "move('page_up')", "Further up", show=False),
    ]
    words = getters.query_one(Input)
    found = getters.query_one(OptionList)
    preview = getters.query_one("#preview", Static)
    line = getters.query_one("#line", Static)

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._rows: dict[str, Row] = {}
        self._more = False
        """The list goes on below what has been fetched."""

    def compose(self) -> ComposeResult:
        yield Input(placeholder="Search prompts, answers and titles…")
        with Horizontal():
            yield OptionList()
            with VerticalScroll(can_focus=True):
                yield Static(id="preview", markup=False)
        yield Static(id="line", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.found.border_title = Content("History")
        self._look("")
        self.watch(self.found, "scroll_y", self._scrolled, init=False)

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < NARROW, "-narrow")

    # the list

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._look(event.value)

    @work(exclusive=True, group="list", exit_on_error=False)
    async def _look(self, words: str) -> None:
        """Everything, or what holds the words. A newer look takes the place of this one."""
        search = bool(words.strip())
        if search:
            rows = await self._asked(lambda history: with_words(history, words))
        else:
            rows = await self._asked(listed)
        if rows is None:
            return
        self._rows.clear()
        self.found.clear_options()
        self._more = not search and len(rows) == PAGE
        self._add(rows)
        self.found.highlighted = 0 if rows else None
        if not rows:
            self.preview.update("")
            self._say("Nothing holds these words" if search else "Nothing is kept yet")
        else:
            self._say(f"{len(rows)} found" if search else "")

    def _add(self, rows: list[Row]) -> None:
        new = {row.id: row for row in rows if row.id not in self._rows}
        self._rows |= new
        self.found.add_options(Option(line_of(row), id=row.id) for row in new.values())

    def _scrolled(self) -> None:
        if self.found.max_scroll_y - self.found.scroll_y < 2 * NEAR_END:
            self._fetch_more()

    def _fetch_more(self) -> None:
        if self._more:
            self._more = False
            self._next_page(len(self._rows))

    @work(group="more", exit_on_error=False)
    async def _next_page(self, offset: int) -> None:
        rows = await self._asked(lambda history: listed(history, offset))
        if rows and not self.words.value.strip():
            self._add(rows)
            self._more = len(rows) == PAGE

    async def _asked(self, question: Callable[[History], T]) -> T | None:
        """The history's answer, from a thread; None when it can't be had, and why is said."""
        try:
            return await asyncio.to_thread(question, self._history)
        except HistoryError as error:
            self._say(str(error), "$error")
            return None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if event.option_id is not None:
            self._preview(event.option_id)
        if event.option_index >= len(self._rows) - NEAR_END:
            self._fetch_more()

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _preview(self, id: str) -> None:
        text = await self._asked(lambda history: preview(history, id))
        if text is not None:
            self.preview.update(text)
            self.query_one(VerticalScroll).scroll_home(animate=False)

    def action_move(self, how: str) -> None:
        getattr(self.found, f"action_{how}")()

    # what is done with one

    @property
    def _row(self) -> Row | None:
        at = self.found.highlighted
        id = self.found.get_option_at_index(at).id if at is not None else None
        return self._rows.get(id) if id is not None else None

    @on(Input.Submitted)
    def action_open(self) -> None:
        if (row := self._row) is not None:
            self.dismiss(row.id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    def action_leave(self) -> None:
        if self.words.value:
            self.words.value = ""
            self.words.focus()
        else:
            self.dismiss(None)

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_rename(self) -> None:
        if (row := self._row) is None:
            return
        title = await self.app.push_screen_wait(LineScreen("Title", row.title))
        if title is not None and (name := title.strip()):
            await self._changed(row, lambda history: history.rename(row.id, name))

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_tag(self) -> None:
        """One line holds all tags, with commas between them."""
        if (row := self._row) is None:
            return
        line = await self.app.push_screen_wait(LineScreen("Tags, with commas between", ", ".join(row.tags)))
        if line is None:
            return
        wanted = {tag.strip() for tag in line.split(",") if tag.strip()}

        def change(history: History) -> None:
            for tag in wanted - {*row.tags}:
                history.tag(row.id, tag)
            for tag in {*row.tags} - wanted:
                history.untag(row.id, tag)

        await self._changed(row, change)

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_pin(self) -> None:
        if (row := self._row) is not None:
            await self._changed(row, lambda history: history.pin(row.id, not row.pinned))

    async def _changed(self, row: Row, change: Callable[[History], object]) -> None:
        """Makes the change and draws the row as it stands then."""

        def both(history: History) -> Row:
            change(history)
            return again(history, row)

        now = await self._asked(both)
        if now is not None and row.id in self._rows:
            self._rows[row.id] = now
            self.found.replace_option_prompt(row.id, line_of(now))

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_delete(self) -> None:
        if (row := self._row) is None:
            return
        turns = f" with its {row.turns} turns" if row.turns and row.turns > 1 else ""
        question = f"Delete “{visible_line(row.title, 60)}”{turns} for good?"
        if not await self.app.push_screen_wait(YesScreen(question)):
            return

        def delete(history: History) -> bool:
            history.delete_conversation(row.id)
            return True

        if await self._asked(delete) and row.id in self._rows:
            at = self.found.highlighted or 0
            del self._rows[row.id]
            self.found.remove_option(row.id)
            left = self.found.option_count
            self.found.highlighted = min(at, left - 1) if left else None
            if not left:
                self.preview.update("")
            self._say(f"Deleted: {row.title}")

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_export(self) -> None:
        if (row := self._row) is None:
            return
        from osstui.tui.exporting import conversation_files, formats, told

        name = await self.app.push_screen_wait(ChoiceScreen("Export as", formats()))
        if name is None:
            return
        try:
            paths = await asyncio.to_thread(conversation_files, self._history, row.id, name, Path.cwd())
            self._say(told(paths))
        except (HistoryError, OSError, ValueError) as error:
            self._say(f"cannot export: {error}", "$error")

    def _say(self, text: str, color: str = "$secondary") -> None:
        self.line.update(Content.styled(visible_line(text, 400), color))
