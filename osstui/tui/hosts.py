"""Whom the app can ask – catalog, keys, local servers, the demo's fleet – and whom it does ask: the lanes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

from osstui.surroundings import Surroundings, look_around, opening_specs
from osstui.tui.say import LONG, say
from osstui.tui.widgets.grid import MOST_LANES

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.presets import Measured
    from osstui.tui.opening import Opening, Simulator
    from osstui.tui.screens.compare import CompareScreen


class Hosts:
    """`load` reads the catalog, in a thread."""

    def __init__(self, compare: CompareScreen, opening: Opening, load: Callable[[], Catalog]) -> None:
        self._compare, self._opening, self._read = compare, opening, load
        self._simulator: Simulator | None = None
        self.around = Surroundings()
        """Which keys and local servers were found."""

    async def open(self) -> None:
        """Catalog, keys, local servers, demo, lanes – in this order. Raises what is wrong with any."""
        session = self._compare.session
        session.catalog = catalog = await asyncio.to_thread(self._load)
        for problem in catalog.problems:
            say(self._compare.app, str(problem), "warning", timeout=LONG)
        self.around = await look_around(catalog, self._compare.runs.engine)
        if self._opening.play is None:
            await self._open_lanes(catalog)

    def _load(self) -> Catalog:
        """In a thread: what the panes import, and the catalog."""
        import osstui.tui.widgets.pane  # noqa: F401

        return self._read()

    async def _open_lanes(self, catalog: Catalog) -> None:
        compare, opening = self._compare, self._opening
        found_nobody = opening.demo == "auto" and not self.around.anybody(catalog)
        if opening.demo is True or found_nobody:
            self._simulator = opening.simulator()
            compare.session.catalog = catalog = catalog.simulated(await self._simulator.start_async())
            why = " · no key, no local server" if found_nobody else ""
            compare.announce(f"DEMO: simulated figures · F2: keys for real ones{why}")
        specs = catalog.lanes(opening.lanes) or await asyncio.to_thread(
            opening_specs,
            catalog,
            self.around,
            opening.preset,
            fits=compare.grid.room,
            measured=self._own_figures,
        )
        if specs:
            await self.use(specs)
        else:
            compare.welcome("No provider of this preset has a key here. Choose lanes with Ctrl+L")

    async def use(self, specs: list[str]) -> None:
        """Asks these lanes from now on. Raises CatalogError for a spec that names nothing."""
        compare, catalog = self._compare, self._compare.session.catalog
        assert catalog is not None
        if (count := len(specs)) > MOST_LANES:
            specs = specs[:MOST_LANES]
            told = f"Of {count} lanes the first {MOST_LANES} are here: Ctrl+L chooses others"
            say(compare.app, told, "warning")
        named = catalog.targets(specs)
        if compare.recording is not None:
            compare.recording.leave()
        await compare.set_lanes(dict(named), specs)

    def known_catalog(self) -> Catalog | None:
        """The catalog; None until it is read, and that is said."""
        if self._compare.session.catalog is None:
            say(self._compare.app, "The catalog is still being read")
        return self._compare.session.catalog

    async def choose(self) -> None:
        """Lets the user tick lanes, and takes them."""
        from osstui.tui.screens.lanes import LanesScreen

        if (catalog := self.known_catalog()) is None:
            return
        compare = self._compare
        picker = LanesScreen(
            catalog, self.around, compare.session.specs, today=date.today(), measured=self._own_figures
        )
        specs = await compare.app.push_screen_wait(picker)
        if specs is not None:
            await self.use(specs)

    def show_keys(self) -> None:
        """Which keys to get, and the local servers found."""
        from osstui.tui.screens.keys import KeysScreen

        if (catalog := self.known_catalog()) is not None:
            self._compare.app.push_screen(KeysScreen(catalog, self.around, today=date.today()))

    def _own_figures(self) -> Measured:
        """What past runs have found, for presets: a quick look into the history. For a thread."""
        from osstui.store.own import own_figures

        return own_figures(self._compare.keeper.path)

    async def close(self) -> None:
        """Ends the demo's fleet."""
        if self._simulator is not None:
            await asyncio.to_thread(self._simulator.close)
