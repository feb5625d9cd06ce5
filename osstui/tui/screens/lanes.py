"""Who is asked: the catalog's providers, with price and key, to tick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, SelectionList, Static
from textual.widgets.selection_list import Selection

from osstui.catalog import CatalogError
from osstui.safe_text import visible_line
from osstui.tui.start import Surroundings, default_spec

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Provider
    from osstui.job import Target

MOST = 32


class LanesScreen(ModalScreen[list[str] | None]):
    """Gives back the specs that are ticked, those of before first; None when it was left."""

    CSS_PATH = "lanes.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave as it was"),
        Binding("ctrl+s", "take", "Take these", priority=True),
        Binding("down", "to_list", "To the list", show=False),
    ]
    list = getters.query_one(SelectionList)
    filter = getters.query_one(Input)
    line = getters.query_one(Static)

    def __init__(self, catalog: Catalog, around: Surroundings, specs: Sequence[str]) -> None:
        super().__init__()
        self.catalog, self.around = catalog, around
        self.before = [*specs]
        self.chosen = [*specs]
        self.rows = dict(self._rows())

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="Filter, or a lane such as groq:openai/gpt-oss-20b and Enter")
            yield SelectionList[str](compact=True)
            yield Static(markup=False)

    def on_mount(self) -> None:
        box = self.query_one(Vertical)
        box.border_title = Content("Lanes")
        box.border_subtitle = Content("Space ticks · Ctrl+S takes · Esc leaves")
        self._fill("")
        self._count()

    def _rows(self) -> Iterator[tuple[str, Content]]:
        for spec in dict.fromkeys(self.before):
            yield spec, self._row(spec)
        offered = [
            (default_spec(p, self.around.servers.get(p.id)), p) for p in self.catalog.providers.values()
        ]
        offered.sort(key=lambda item: not self.around.usable(item[1]))
        for spec, _ in offered:
            yield spec, self._row(spec)

    def _row(self, spec: str) -> Content:
        try:
            target = self.catalog.target(spec)
        except CatalogError as error:
            return Content.assemble(
                f"{visible_line(spec, 40):40} ", (visible_line(str(error), 100), "$error")
            )
        provider = self.catalog.providers[target.provider]
        price = target.price
        cost = f"{price.input:>7.3f} {price.output:>7.3f}" if price else f"{'–':>7} {'–':>7}"
        key, color = self._key(provider, target)
        return Content.assemble(
            f"{visible_line(spec, 26):26} ",
            (f"{visible_line(provider.name, 18):18} ", "$secondary"),
            (f"{cost}  ", "$secondary"),
            (visible_line(key, 60), color),
        )

    def _key(self, provider: Provider, target: Target) -> tuple[str, str]:
        if target.simulated:
            return "simulated", "$warning"
        if provider.local:
            up = self.around.usable(provider)
            return ("running here", "$success") if up else ("no server there", "$secondary")
        key = self.around.keys.get(provider.id)
        if key is None:
            return "key not looked for yet", "$secondary"
        if key.present:
            return f"key: {key.source or 'there'}", "$success"
        if not key.required:
            return "no key needed", "$success"
        return f"set {' or '.join(provider.api_key_env) or 'api_key_command'}", "$secondary"

    def _fill(self, wanted: str) -> None:
        wanted = wanted.casefold().strip()
        names = {spec: f"{spec} {self._provider_name(spec)}".casefold() for spec in self.rows}
        with self.prevent(SelectionList.SelectedChanged):
            self.list.clear_options()
            self.list.add_options(
                Selection(row, spec, spec in self.chosen)
                for spec, row in self.rows.items()
                if wanted in names[spec]
            )
        self.list.highlighted = 0 if self.list.option_count else None

    def _provider_name(self, spec: str) -> str:
        provider = self.catalog.providers.get(spec.partition(":")[0])
        return provider.name if provider else ""

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(Input.Submitted)
    def _add_or_take(self, event: Input.Submitted) -> None:
        """A typed spec joins the list; an empty filter takes what is ticked."""
        spec = event.value.strip()
        if not spec:
            self.action_take()
            return
        try:
            self.catalog.target(spec)
        except CatalogError as error:
            self._say(str(error), "$error")
            return
        if spec not in self.chosen:
            self.chosen.append(spec)
        self.rows = {spec: self._row(spec), **self.rows}
        self.filter.value = ""
        self._count()

    @on(SelectionList.SelectionToggled)
    def _toggled(self, event: SelectionList.SelectionToggled[str]) -> None:
        spec = event.selection.value
        if spec in self.chosen:
            self.chosen = [other for other in self.chosen if other != spec]
        else:
            self.chosen.append(spec)
        self._count()

    def _count(self) -> None:
        self._say(f"{len(self.chosen)} of at most {MOST} lanes · US$ per 1M tokens in, out", "$secondary")

    def _say(self, text: str, color: str) -> None:
        self.line.update(Content.styled(visible_line(text), color))

    def action_to_list(self) -> None:
        self.list.focus()

    def action_take(self) -> None:
        if not self.chosen:
            self._say("Tick at least one lane", "$error")
        elif len(self.chosen) > MOST:
            self._say(f"At most {MOST} lanes: untick {len(self.chosen) - MOST}", "$error")
        else:
            self.dismiss(self.chosen)
