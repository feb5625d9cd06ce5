"""The history: every conversation, found as its words are typed, to look into, open, name and delete."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from osstui.safe_text import visible_line
from osstui.store.schema import HistoryError
from osstui.tui.commands import bindings
from osstui.tui.past_rows import PAGE, Row, as_it_stands, holding, line_of, listed, preview, run_of
from osstui.tui.say import say_what_broke
from osstui.tui.screens.ask import ChoiceScreen, LineScreen, YesScreen
from osstui.tui.widgets.key_line import KeyLine

if TYPE_CHECKING:
    from osstui.store.history import History

T = TypeVar("T")
Choice = tuple[Literal["open", "play"], str]
"""Open the conversation of that id, play the run of that id."""
NARROW = 90
"""Cells; below it there is no room for a preview."""
NEAR_END = 10
"""Conversations left below the view when the next page is fetched."""
GLANCE = 0.05
"""Seconds that words stand before they are looked for, or a conversation is highlighted before it is looked
into: fast typing and a held key pass by what lies between."""


KEYS = (*bindings("history"), Binding("escape", "screen.leave", "Back"))


class Words(Input):
    """The search box takes all keys of the screen, so that what is typed ahead keeps its order."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *KEYS,
        Binding("down", "screen.move('cursor_down')", "Older", show=False),
        Binding("up", "screen.move('cursor_up')", "Newer", show=False),
        Binding("pagedown", "screen.move('page_down')", "Further down", show=False),
        Binding("pageup", "screen.move('page_up')", "Further up", show=False),
    ]


class HistoryScreen(ModalScreen[Choice | None]):
    """Gives back what to open or play; None when it was left. SQLite is asked in threads."""

    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "Words"
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS]
    words = getters.query_one(Words)
    found = getters.query_one(OptionList)
    preview = getters.query_one("#preview", Static)
    line = getters.query_one("#line", Static)
    on_worker_state_changed = say_what_broke

    def __init__(self, history: History) -> None:
        super().__init__()
        self._history = history
        self._rows: dict[str, Row] = {}
        self._listed: str | None = None
        """What was typed when the list was made."""
        self._more = False
        """The list goes on below what has been fetched."""
        self._open_when_found = False

    def compose(self) -> ComposeResult:
        yield Words(placeholder="Words of prompts, answers and titles, or #tag")
        with Horizontal():
            yield OptionList()
            with VerticalScroll(can_focus=True):
                yield Static(id="preview", markup=False)
        yield Static(id="line", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        self.found.can_focus = False
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
    async def _look(self, typed: str, said: str = "") -> None:
        """Everything, or what holds the words. A newer look takes the place of this one; one for the same
        words keeps what was fetched and the place in it."""
        again = typed == self._listed
        at, fetched = self.found.highlighted or 0, max(PAGE, len(self._rows)) if again else PAGE
        chosen = self._row if again else None
        self._more = False
        if typed.strip():
            await asyncio.sleep(GLANCE)
            answer = await self._asked(lambda history: holding(history, typed))
        else:
            answer = await self._asked(lambda history: (listed(history, limit=fetched), True))
        if answer is None:
            return
        rows, all_there = answer
        self._rows.clear()
        self.found.clear_options()
        self._listed = typed
        self._add(rows)
        self._more = not typed.strip() and len(rows) == fetched
        self._highlight(chosen.id if chosen and chosen.id in self._rows else None, at if again else 0)
        self._say(said or _count(typed, len(rows), all_there))
        if self._open_when_found:
            self.action_open()

    def _highlight(self, id: str | None, at: int) -> None:
        if not self._rows:
            self.preview.update("")
            return
        at = self.found.get_option_index(id) if id is not None else min(at, len(self._rows) - 1)
        self.found.highlighted = at
        self.found.scroll_to_highlight()

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

    @work(exclusive=True, group="list", exit_on_error=False)
    async def _next_page(self, offset: int) -> None:
        rows = await self._asked(lambda history: listed(history, offset))
        if rows:
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
        if (row := self._rows.get(event.option_id or "")) is not None:
            self._look_into(row)
        if event.option_index >= len(self._rows) - NEAR_END:
            self._fetch_more()

    @work(exclusive=True, group="preview", exit_on_error=False)
    async def _look_into(self, row: Row) -> None:
        await asyncio.sleep(GLANCE)
        text = await self._asked(lambda history: preview(history, row))
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

    def action_open(self) -> None:
        """Waits for the list that belongs to the words: who types fast means what they find."""
        self._open_when_found = self._listed != self.words.value
        if not self._open_when_found and (row := self._row) is not None:
            self.dismiss(("open", row.id))

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_play(self) -> None:
        """The run that holds the words, else the newest one."""
        if (row := self._row) is None:
            return
        run = await self._asked(lambda history: run_of(history, row))
        if run is not None:
            self.dismiss(("play", run))

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and event.widget is self.found:
            self.action_open()

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
        old = visible_line(row.title)
        title = await self.app.push_screen_wait(LineScreen("Title", old))
        if title is not None and (name := title.strip()) and name != old:
            await self._changed(lambda history: history.rename(row.id, name))

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

        await self._changed(change)

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_pin(self) -> None:
        if (row := self._row) is not None:
            await self._changed(lambda history: history.pin(row.id, not row.pinned))

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_delete(self) -> None:
        if (chosen := self._row) is None:
            return
        row = await self._asked(lambda history: as_it_stands(history, chosen))
        if row is None:
            return
        turns = f" with its {row.turns} turns" if row.turns and row.turns > 1 else ""
        question = f"Delete “{visible_line(row.title, 60)}”{turns} for good?"
        if await self.app.push_screen_wait(YesScreen(question)):
            said = f"Deleted: {visible_line(row.title, 60)}"
            await self._changed(lambda history: history.delete_conversation(chosen.id), said)

    async def _changed(self, change: Callable[[History], object], said: str = "") -> None:
        """Makes the change and shows the list as it stands then."""
        if await self._asked(lambda history: (change(history), True)):
            self._look(self.words.value, said)

    @work(exclusive=True, group="change", exit_on_error=False)
    async def action_export(self) -> None:
        if (row := self._row) is None:
            return
        from osstui.tui.exporting import conversation_file, formats, told

        name = await self.app.push_screen_wait(ChoiceScreen("Export the whole conversation as", formats()))
        if name is None:
            return
        try:
            file = await asyncio.to_thread(conversation_file, self._history, row.id, name, Path.cwd())
            self._say(told(file))
        except (HistoryError, OSError, ValueError) as error:
            self._say(f"cannot export: {error}", "$error")

    def _say(self, text: str, color: str = "$secondary") -> None:
        self.line.update(Content.styled(visible_line(text, 400), color))


def _count(typed: str, rows: int, all_there: bool) -> str:
    if not typed.strip():
        return "" if rows else "Nothing is kept yet: every prompt that you send comes here"
    if not rows:
        return "Nothing holds these words"
    return f"{rows} found" if all_there else f"The best {rows} found: more words find fewer"
