"""The app: brings catalog, engine, simulator and screens together and cleans up behind them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.events import Event, Key, Paste
from textual.screen import Screen

from osstui.conversation.keeping import Keeper
from osstui.conversation.session import Session
from osstui.safe_text import visible_line
from osstui.tui.commands import CommandProvider, bindings
from osstui.tui.hosts import Hosts
from osstui.tui.opening import Opening
from osstui.tui.past import PastRuns
from osstui.tui.say import LONG, say, say_what_broke
from osstui.tui.screens.compare import CompareScreen
from osstui.tui.themed import ThemedApp
from osstui.tui.tty import leave_on_signals
from osstui.tui.widgets.prompt import PromptBox

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.engine.api import InspectingEngine
    from osstui.tui.host_checks import HostChecks
    from osstui.tui.opening import Recorded


class OsstuiApp(ThemedApp):
    """One prompt, many lanes. `catalog` is called after the first paint, in a thread."""

    TITLE = "osstui"
    CSS_PATH = "screens/compare.tcss"
    """Of the first screen: Textual reads a default screen's own CSS_PATH too late."""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {CommandProvider}
    ENABLE_COMMAND_PALETTE = True
    on_worker_state_changed = say_what_broke

    def __init__(
        self, engine: InspectingEngine, catalog: Callable[[], Catalog], opening: Opening | None = None
    ) -> None:
        self.opening = opening = opening or Opening()
        super().__init__(opening.settings, opening.themes)
        self.engine = engine
        self.session = Session(params=opening.params, profile=opening.profile, budget=opening.budget)
        self.keeper = Keeper(opening.history, lambda problem: say(self, problem, "error", timeout=LONG))
        self.compare = CompareScreen(self.session, engine, self.keeper, opening.settings)
        self.hosts = Hosts(self.compare, opening, catalog)
        self.past = PastRuns(self.compare, self.hosts)
        self._checks: HostChecks | None = None
        self._typed_ahead: list[Event] | None = []
        """Keys and pastes from before the prompt box had the focus; None from then on."""

    def get_driver_class(self) -> type[Driver]:
        driver = super().get_driver_class()
        if driver.__module__ != "textual.drivers.linux_driver":  # Windows, or one that TEXTUAL_DRIVER names
            return driver
        from osstui.tui.driver import TerminalDriver

        return TerminalDriver

    def get_default_screen(self) -> Screen[None]:
        return self.compare

    def on_mount(self) -> None:
        leave_on_signals(self._cut_off)
        if (path := self.opening.record) is not None:
            self.keeper.record(path)
        self.watch(self.compare, "focused", self._hand_out_what_was_typed, init=False)
        self.call_after_refresh(self._first_screen_stands)

    async def on_event(self, event: Event) -> None:
        """Who starts to type at once loses nothing: Textual drops keys while nothing has the focus."""
        if self._typed_ahead is not None and isinstance(event, Key | Paste):
            self._typed_ahead.append(event)
        else:
            await super().on_event(event)

    async def _hand_out_what_was_typed(self) -> None:
        typed, self._typed_ahead = self._typed_ahead or [], None
        for event in typed:
            await self.on_event(event)

    async def _first_screen_stands(self) -> None:
        """What was made until now stays: the collector need not look at it again."""
        gc.freeze()
        gc.enable()
        await self._hand_out_what_was_typed()
        if self.opening.prompt is None and (parts := self.opening.parts) and not self.compare.prompt.text:
            self.compare.prompt.begin_with(*parts)
        self._prepare()

    def _cut_off(self) -> None:
        """The terminal goes away, or somebody wants the app to end: nobody can be asked about a draft."""
        self._keep_draft()
        self.exit()

    def _keep_draft(self) -> None:
        with suppress(Exception):  # whatever is wrong, the app must come to its end
            from osstui.tui.earlier import keep_draft

            for box in self.compare.query(PromptBox):
                keep_draft(self.keeper, box.full_text)

    def _fatal_error(self) -> None:
        """Textual's way to end after an exception that nobody caught, without its pages of stack trace."""
        self._keep_draft()
        from osstui.tui.crash import told

        self._exit_renderables.append(told(self._exception))
        self._close_messages_no_wait()

    def masked(self, text: str) -> str:
        """The line without the names that blind mode hides."""
        return self.session.blind.masked(text)

    def action_help_quit(self) -> None:
        say(self, "Ctrl+Q quits")

    async def action_quit(self) -> None:
        """A draft is not lost to one key."""
        if self.compare.draft.may_leave():
            self.exit()

    def action_help(self) -> None:
        from osstui.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen())

    # getting ready

    @work(exit_on_error=False, group="prepare")
    async def _prepare(self) -> None:
        """While the user may type."""
        if self.opening.play is not None:
            self._play_recording(self.opening.play)
        try:
            await self.load_other_themes()
            await self.hosts.open()
        except Exception as error:
            text = visible_line(str(error) or type(error).__name__, 400)
            self.compare.welcome(f"Nothing can be asked: {text}")
            say(self, text, "error", timeout=LONG)
        self.compare.draft.lanes_are_known(self.opening.parts if self.opening.prompt is not None else [])
        self._offer_what_was_cut()
        self._give_back_what_was_typed()

    @work(exit_on_error=False, group="play", exclusive=True)
    async def _play_recording(self, recorded: Recorded) -> None:
        await self.past.play(*recorded)

    @work(exit_on_error=False, group="lanes", exclusive=True)
    async def action_choose_lanes(self) -> None:
        await self.hosts.choose()

    def action_keys(self) -> None:
        self.hosts.show_keys()

    def action_check(self) -> None:
        """The matrix of hosts and checks."""
        if self._checks is None:
            from osstui.tui.host_checks import HostChecks

            self._checks = HostChecks(self.compare, self.hosts, self.engine)
        self._checks.open()

    # what is kept, and was

    def on_compare_screen_asked(self) -> None:
        if self.past.offers:
            self._withdraw_offer()

    @work(exit_on_error=False, group="offer")
    async def _offer_what_was_cut(self) -> None:
        await self.past.offer()

    @work(exit_on_error=False, group="offer")
    async def _give_back_what_was_typed(self) -> None:
        from osstui.tui.earlier import give_back

        if told := await give_back(self.keeper, self.compare.prompt):
            say(self, told)

    @work(exit_on_error=False, group="offer")
    async def _withdraw_offer(self) -> None:
        await self.past.withdraw()

    @work(exit_on_error=False, group="history", exclusive=True)
    async def action_history(self) -> None:
        await self.past.browse()

    @work(exit_on_error=False, group="history", exclusive=True)
    async def action_reopen(self) -> None:
        await self.past.reopen()

    @work(exit_on_error=False, group="export", exclusive=True)
    async def action_export(self) -> None:
        from osstui.tui.exporting import export_turns

        await export_turns(self.compare)

    def action_picture(self) -> None:
        from osstui.tui.exporting import export_picture

        export_picture(self)

    async def on_unmount(self) -> None:
        self.compare.runs.end()
        await asyncio.to_thread(self.keeper.close)
        await self.engine.close()
        await self.hosts.close()
