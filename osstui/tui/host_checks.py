"""The checks in the app: whose hosts, with which money. What was found stays for the sitting."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from osstui.surroundings import default_spec, usable_specs
from osstui.tui.checking import Checking
from osstui.tui.say import say
from osstui.tui.screens.checks import ChecksScreen

if TYPE_CHECKING:
    from osstui.checks.showing import Lanes
    from osstui.engine.api import InspectingEngine
    from osstui.tui.hosts import Hosts
    from osstui.tui.screens.compare import CompareScreen


class HostChecks:
    """Opens the screen; knows the app's lanes and every host that can be asked."""

    def __init__(self, compare: CompareScreen, hosts: Hosts, engine: InspectingEngine) -> None:
        self._compare, self._hosts, self._engine = compare, hosts, engine
        self._kept: list[Checking] = []

    def open(self) -> None:
        """Shows the checks of the app's lanes, or of all hosts when there are none."""
        app = self._compare.app
        if any(isinstance(screen, ChecksScreen) for screen in app.screen_stack):
            say(app, "The checks are on the screen")
        elif self._hosts.known_catalog() is None or self._compare.still_answering():
            return
        elif not (lanes := self._lanes() or self._everybody()):
            say(app, "There is nobody to check: no host has a key here and no local server answers")
        else:
            app.push_screen(ChecksScreen(self._of(lanes), self._left, self._others), self._closed)

    def _closed(self, _: None) -> None:
        self._compare.totals.update(self._compare.session)

    def _lanes(self) -> Lanes:
        return [*self._compare.session.lanes.items()]

    def _everybody(self) -> Lanes:
        """Every host with a key and every local server that is up; in the demo, the whole fleet."""
        from osstui.catalog import CatalogError

        catalog = self._compare.session.catalog
        assert catalog is not None
        specs = usable_specs(catalog, self._hosts.around)
        if catalog.simulator is not None:
            specs = [default_spec(one) for one in catalog.providers.values() if one.route_of is None]
        found = []
        for spec in specs:
            with contextlib.suppress(CatalogError):  # a disabled entry: the catalog's problems say why
                found += catalog.targets([spec])
        return found

    def _others(self, shown: Checking) -> Checking | None:
        """The other choice than what is shown; None where it is the same."""
        everybody, lanes = self._everybody(), self._lanes()
        other = lanes if [*shown.lanes] == everybody else everybody
        return self._of(other) if other and other != [*shown.lanes] else None

    def _of(self, lanes: Lanes) -> Checking:
        """What is known of exactly these lanes, else a fresh start. The last few are kept."""
        for kept in self._kept:
            if [*kept.lanes] == [*lanes]:
                return kept
        checking = Checking(self._engine, lanes, self._compare.session.spend)
        self._kept = [checking, *self._kept[:2]]
        return checking

    def _left(self) -> float | None:
        """US$ that the session's budget leaves; a prompt's own budget is not for checks."""
        budget, spent = self._compare.session.budget, self._compare.session.spent_usd
        if budget is None or budget.per_session is None:
            return None
        return max(0.0, budget.per_session - spent)
