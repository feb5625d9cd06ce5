"""The app: brings catalog, engine, simulator and screens together and cleans up behind them."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType
from textual.command import Provider
from textual.driver import Driver
from textual.screen import Screen

from osstui.conversation.keeping import Keeper
from osstui.conversation.session import Session
from osstui.safe_text import visible_line
from osstui.surroundings import Surroundings, look_around, opening_specs
from osstui.tui.commands import CommandProvider, bindings
from osstui.tui.opening import Opening
from osstui.tui.past import PastRuns
from osstui.tui.say import LONG, say, say_what_broke
from osstui.tui.screens.compare import CompareScreen
from osstui.tui.themed import ThemedApp
from osstui.tui.tty import leave_on_signals
from osstui.tui.widgets.grid import MOST_LANES
from osstui.tui.widgets.prompt import PromptBox

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.presets import Measured
    from osstui.engine.api import InspectingEngine
    from osstui.tui.host_checks import HostChecks
    from osstui.tui.opening import Recorded, Simulator


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
        self._load_catalog = catalog
        self.session = Session(params=opening.params, profile=opening.profile, budget=opening.budget)
        self.keeper = Keeper(opening.history, lambda problem: say(self, problem, "error", timeout=LONG))
        self.compare = CompareScreen(self.session, engine, self.keeper, opening.settings)
        self.past = PastRuns(self)
        self._simulator: Simulator | None = None
        self.around = Surroundings()
        """Which keys and local servers were found."""
        self._checks: HostChecks | None = None

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
        self.call_after_refresh(self._first_screen_stands)

    def _first_screen_stands(self) -> None:
        """What was made until now stays: the collector need not look at it again."""
        gc.freeze()
        gc.enable()
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
        """Catalog, keys, local servers, demo, lanes – in that order, while the user may type."""
        if self.opening.play is not None:
            self._play_recording(self.opening.play)
        try:
            self.load_other_themes()
            self.session.catalog = catalog = await asyncio.to_thread(self._load)
            for problem in catalog.problems:
                say(self, str(problem), "warning", timeout=LONG)
            self.around = await look_around(catalog, self.engine)
            await self._open_lanes(catalog)
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

    def _load(self) -> Catalog:
        """In a thread: what the panes import, and the catalog."""
        import osstui.tui.widgets.pane  # noqa: F401

        return self._load_catalog()

    async def _open_lanes(self, catalog: Catalog) -> None:
        opening = self.opening
        if opening.play is not None:
            return
        found_nobody = opening.demo == "auto" and not self.around.anybody(catalog)
        if opening.demo is True or found_nobody:
            self._simulator = opening.simulator()
            self.session.catalog = catalog = catalog.simulated(await self._simulator.start_async())
            why = " · no key and no local server found" if found_nobody else ""
            self.compare.announce(f"DEMO: simulated figures · F2 lists the keys for real ones{why}")
        specs = catalog.lanes(opening.lanes) or await asyncio.to_thread(
            opening_specs,
            catalog,
            self.around,
            opening.preset,
            fits=self.compare.grid.room,
            measured=self._own_figures,
        )
        if specs:
            await self._use(specs)
        else:
            self.compare.welcome("No provider of this preset has a key here. Choose lanes with Ctrl+L")

    async def _use(self, specs: list[str]) -> None:
        """Raises CatalogError for a spec that names nothing."""
        assert self.session.catalog is not None
        if (count := len(specs)) > MOST_LANES:
            specs = specs[:MOST_LANES]
            say(self, f"Of {count} lanes the first {MOST_LANES} are here: Ctrl+L chooses others", "warning")
        named = self.session.catalog.targets(specs)
        if self.compare.recording is not None:
            self.compare.recording.leave()
        await self.compare.set_lanes(dict(named), specs)

    @work(exit_on_error=False, group="lanes", exclusive=True)
    async def action_choose_lanes(self) -> None:
        """Lets the user tick lanes, and takes them."""
        from osstui.tui.screens.lanes import LanesScreen

        if (catalog := self.known_catalog()) is None:
            return
        picker = LanesScreen(
            catalog, self.around, self.session.specs, today=date.today(), measured=self._own_figures
        )
        specs = await self.push_screen_wait(picker)
        if specs is not None:
            await self._use(specs)

    def _own_figures(self) -> Measured:
        """What past runs have found, for presets: a quick look into the history."""
        from osstui.store.own import own_figures

        return own_figures(self.keeper.path)

    def known_catalog(self) -> Catalog | None:
        """The catalog; None until it is read, and that is said."""
        if self.session.catalog is None:
            say(self, "The catalog is still being read")
        return self.session.catalog

    def action_keys(self) -> None:
        """Which keys to get, and the local servers found."""
        from osstui.tui.screens.keys import KeysScreen

        if (catalog := self.known_catalog()) is not None:
            self.push_screen(KeysScreen(catalog, self.around, today=date.today()))

    def action_check(self) -> None:
        """The matrix of hosts and checks."""
        if self._checks is None:
            from osstui.tui.host_checks import HostChecks

            self._checks = HostChecks(self)
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
        if self._simulator is not None:
            await asyncio.to_thread(self._simulator.close)
