"""What the lane picker knows: which lanes can be chosen, in which order, and which are. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from osstui.catalog import DEFAULT_MODEL, CatalogError
from osstui.catalog.rows import lane_row, matching, routes_below_their_hosts
from osstui.catalog.table import BY_KEY, ordered
from osstui.surroundings import Surroundings, default_spec
from osstui.tui.widgets.grid import MOST_LANES

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.presets import Measured
    from osstui.catalog.rows import Row

LISTED_MODELS = 20
"""Of a local server; further ones can be typed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A lane that can be ticked: what names it, what the table says of it, and how its first column reads."""

    spec: str
    row: Row
    label: str


class Picker:
    """The hosts of one model, and every lane that was chosen or typed, whatever its model."""

    def __init__(
        self,
        catalog: Catalog,
        around: Surroundings,
        specs: Sequence[str],
        today: date,
    ) -> None:
        self.catalog, self.around, self.today = catalog, around, today
        self.measured: Measured = {}
        self.chosen = [*specs]
        self.model = DEFAULT_MODEL
        self.sort: str | None = None
        self.reverse = False
        self._first = frozenset(specs)
        self._named = [*dict.fromkeys(specs)]
        self._rows = self._make()

    # what there is

    @property
    def models(self) -> list[str]:
        """The models of the catalog, the default one first, then by how many hosts sell them."""
        sold = [name for provider in self.catalog.providers.values() for name in provider.models]
        others = sorted({*sold} - {DEFAULT_MODEL}, key=lambda name: (-sold.count(name), name))
        return [DEFAULT_MODEL, *others]

    def choices(self, text: str = "") -> list[Choice]:
        """Those whose row holds every word; of a typed lane, what stands before the colon counts."""
        specs = {id(row): spec for spec, row in self._rows.items()}
        found = [*self._rows.values()]
        if self.sort is not None:
            found = ordered(found, self.sort, reverse=self.reverse)
        else:
            found.sort(key=lambda row: (specs[id(row)] not in self._first, row.usable is not True))
        found = routes_below_their_hosts(matching(found, text.partition(":")[0]))
        return [Choice(spec := specs[id(row)], row, self._label(spec, row, found)) for row in found]

    def _label(self, spec: str, row: Row, shown: list[Row]) -> str:
        plain = spec.removesuffix(f":{self.model}")
        below = row.route_of is not None and any(other.provider == row.route_of for other in shown)
        return f"└ {plain}" if below else plain

    def _make(self) -> dict[str, Row]:
        here = self.around.here(self.today, self.measured)
        found: dict[str, Row] = {}
        for spec in [*self._named, *self._listed()]:
            if spec not in found:
                try:
                    found[spec] = lane_row(self.catalog, spec, here)
                except CatalogError:  # an entry that is disabled; the catalog's problems already say why
                    continue
        return found

    def _listed(self) -> Iterator[str]:
        for provider in self.catalog.providers.values():
            server = self.around.servers.get(provider.id)
            if self.model == DEFAULT_MODEL:
                yield default_spec(provider, server)
                if server is not None and provider.route_of is None:
                    yield from (f"{provider.id}:{name}" for name in server.models[1:LISTED_MODELS])
            elif self.model in provider.models:
                yield f"{provider.id}:{self.model}"

    def disabled(self, name: str) -> str:
        """Why the provider or preset of that name is not there; empty where no file is to blame."""
        entries = (f"providers.{name}", f"presets.{name}")
        return next((str(problem) for problem in self.catalog.problems if problem.entry in entries), "")

    # what is done to it

    def take_measured(self, measured: Measured) -> None:
        """The user's own figures, which stand beside the published ones from now on."""
        self.measured = measured
        self._rows = self._make()

    def take_model(self, model: str) -> None:
        self.model = model
        self._rows = self._make()

    def next_model(self) -> None:
        models = self.models
        self.take_model(models[(models.index(self.model) + 1) % len(models)])

    def sort_by(self, key: str) -> None:
        """The best first; the same column again: the worst first, then the table's own order."""
        if key not in BY_KEY:
            return
        if key != self.sort:
            self.sort, self.reverse = key, False
        elif not self.reverse:
            self.reverse = True
        else:
            self.sort, self.reverse = None, False

    def next_sort(self, shown: Sequence[str]) -> None:
        """Goes through the columns that are on the screen, and then back to the table's own order."""
        at = shown.index(self.sort) + 1 if self.sort in shown else 0
        self.sort, self.reverse = (shown[at] if at < len(shown) else None), False

    def turn(self) -> None:
        self.reverse = not self.reverse and self.sort is not None

    def toggle(self, spec: str) -> None:
        if spec in self.chosen:
            self.chosen = [other for other in self.chosen if other != spec]
        else:
            self.chosen.append(spec)

    def more(self, spec: str) -> None:
        """The same lane once more: two answers of one host can be compared."""
        self.chosen.append(spec)

    def fewer(self, spec: str) -> None:
        if spec in self.chosen:
            self.chosen.reverse()
            self.chosen.remove(spec)
            self.chosen.reverse()

    def name(self, spec: str) -> None:
        """Chooses a lane by what a user would type. Raises CatalogError, one line."""
        self.catalog.target(spec)
        if spec not in self._rows:
            self._named.append(spec)
            self._first |= {spec}
            self._rows = self._make()
        if spec not in self.chosen:
            self.chosen.append(spec)

    def take_all(self, specs: Sequence[str]) -> None:
        """Chooses exactly these lanes, at most MOST_LANES; with none of them nothing changes."""
        if specs:
            self.chosen = [*specs[:MOST_LANES]]
            self._named = [*dict.fromkeys([*self.chosen, *self._named])]
            self._first = frozenset(self.chosen)
            self._rows = self._make()
