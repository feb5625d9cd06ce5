"""The past in the app: what was cut is offered again, conversations are opened, runs are played back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from osstui.safe_text import visible_line
from osstui.tui.say import LONG, say
from osstui.tui.widgets.totals import TotalsLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osstui.catalog import Catalog
    from osstui.conversation.recall import Recalled
    from osstui.conversation.turn import Turn
    from osstui.events import AnyEvent
    from osstui.measure.run import RunState
    from osstui.store.history import History
    from osstui.store.rows import RunRow
    from osstui.tui.hosts import Hosts
    from osstui.tui.screens.compare import CompareScreen

REOPEN = "F7"


class PastRuns:
    """What the app does with the history, once something is asked of it."""

    def __init__(self, compare: CompareScreen, hosts: Hosts) -> None:
        self._compare, self._hosts = compare, hosts
        self._offered: list[RunRow] = []

    # what a program that died has left

    async def offer(self) -> None:
        """Looks for cut runs in a thread and tells of them in a quiet line."""
        from osstui.store.schema import HistoryError

        try:
            self._offered = await asyncio.to_thread(self._compare.keeper.left_behind)
        except HistoryError:  # the writer says what is wrong with the file when it first needs it
            return
        if not self._offered or self._compare.session.turns:
            return
        newest = visible_line(self._offered[0].prompt, 40)
        others = len({row.conversation for row in self._offered}) - 1
        more = f" · {others} more in the history" if others else ""
        text = f"osstui ended before the answers to “{newest}” did · {REOPEN} reopens them{more}"
        line = Static(Content.styled(text, "$warning"), id="offer", markup=False)
        await self._compare.mount(line, before=self._compare.query_one(TotalsLine))

    async def withdraw(self) -> None:
        """The user goes on without them: they stay in the history, and are offered no more."""
        offered, self._offered = self._offered, []
        if not offered:
            return
        await self._compare.query("#offer").remove()
        history = await self._history()
        if history is not None:
            await asyncio.to_thread(_dismiss, history, offered)

    @property
    def offers(self) -> bool:
        return bool(self._offered)

    async def reopen(self) -> None:
        if not self._offered:
            say(self._compare.app, "No answer was cut by an end of osstui")
        elif await self.open(self._offered[0].conversation):
            await self.withdraw()

    # opening

    async def browse(self) -> None:
        """Shows the history screen, and opens what is chosen there."""
        history = await self._history()
        if history is None:
            return
        from osstui.tui.screens.history import HistoryScreen

        if isinstance(self._compare.app.screen, HistoryScreen):
            return
        match await self._compare.app.push_screen_wait(HistoryScreen(history)):
            case ("open", id):
                await self.open(id)
            case ("play", run):
                await self._play_again(history, run)

    async def _play_again(self, history: History, run: str) -> None:
        from osstui.store.schema import HistoryError

        if self._compare.still_answering():
            return
        try:
            events = await asyncio.to_thread(lambda: list(history.events(run)))
        except HistoryError as error:
            say(self._compare.app, str(error), "error", timeout=LONG)
            return
        await self.play([events])

    async def play(self, runs: Sequence[Sequence[AnyEvent]], speed: float = 1.0) -> None:
        """Recorded runs into the panes, at their own pace or another."""
        from osstui.tui.playing import Recording

        try:
            recording = Recording(self._compare, runs, speed)
        except ValueError:
            say(self._compare.app, "This run was imported as a document: it has no events to replay", "error")
            return
        self._compare.prompt.focus()
        await recording.play()

    async def _history(self) -> History | None:
        from osstui.store.schema import HistoryError

        try:
            history = await asyncio.to_thread(self._compare.keeper.history)
        except HistoryError as error:
            say(self._compare.app, str(error), "error", timeout=LONG)
            return None
        if history is None:
            say(self._compare.app, "Nothing is kept: the history is switched off")
        return history

    async def open(self, id: str) -> bool:
        """A conversation into the panes, to go on with. False, and why is said, when that can't be."""
        app = self._compare.app
        if self._compare.still_answering() or (catalog := self._hosts.known_catalog()) is None:
            return False
        history = await self._history()
        if history is None:
            return False
        from osstui.store.schema import HistoryError

        try:
            rows, states, talk = await asyncio.to_thread(_read, history, id)
        except HistoryError as error:
            say(app, str(error), "error", timeout=LONG)
            return False
        return await self._show(catalog, rows, states, talk)

    async def _show(
        self, catalog: Catalog, rows: list[RunRow], states: list[RunState], talk: str | None
    ) -> bool:
        from osstui.conversation.recall import conversation_of, recalled

        app, session = self._compare.app, self._compare.session
        past = conversation_of(rows, states, talk)
        found = recalled(past.lanes, catalog)
        for problem in found.problems:
            say(app, f"{problem} · its answers stay in the history", "warning", timeout=LONG)
        if not found.lanes:
            return False
        session.profile, session.overrides = past.profile, {}
        for name, profile in past.profiles.items():
            session.parameters(name, profile)
        session.muted = past.muted & found.lanes.keys()
        await self._into_panes(found, past.turns)
        session.conversation = rows[-1].conversation
        session.dropped = past.dropped
        for problem in past.problems:
            say(app, problem, "warning", timeout=LONG)
        return True

    async def _into_panes(self, found: Recalled, turns: list[Turn]) -> None:
        """In the place of what the panes show."""
        compare, session = self._compare, self._compare.session
        if compare.recording is not None:
            compare.recording.leave()
        from osstui.tui.screens.conversation import redraw

        session.forget()
        for pane in compare.grid.panes:
            pane.clear()
        await compare.set_lanes(found.lanes, found.specs)
        session.turns = turns
        redraw(compare, compare.grid.panes)
        for pane in compare.grid.panes:
            if pane.state is not None and pane.state.info.simulated and not pane.target.simulated:
                pane.transcript.note("simulated so far: from here on the real host is asked", "warning")
        compare.prompt.focus()


def _dismiss(history: History, rows: list[RunRow]) -> None:
    for row in rows:
        history.dismiss(row.run)


def _read(history: History, id: str) -> tuple[list[RunRow], list[RunState], str | None]:
    """The conversation's runs in the order in which they were asked, and what was kept beside the last one.

    Raises HistoryError.
    """
    from osstui.store.statements import seconds

    rows = sorted(history.conversation(id).runs, key=lambda row: seconds(row.started_at))
    return rows, [history.state(row.run) for row in rows], history.talk(rows[-1].run)
