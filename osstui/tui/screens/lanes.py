"""Who is asked: the table of hosts, with price, key and published speed, to sort, to filter and to tick."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from osstui.catalog import CatalogError
from osstui.catalog.table import LEGEND
from osstui.safe_text import visible_line
from osstui.surroundings import preset_specs
from osstui.tui.picking import Choice, Picker
from osstui.tui.screens.dialog import Dialog, dressed
from osstui.tui.screens.lanes_text import bar, details, heading, line, table_fit
from osstui.tui.widgets.grid import MOST_LANES

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.catalog.presets import Measured
    from osstui.catalog.table import Fit
    from osstui.surroundings import Surroundings

EDGE = 6
"""Cells of a row that the tick, the scrollbar and a sort mark need."""

WIDE = 100
SHORT = "Space ticks · Ctrl+S uses these · Esc cancels"
LONG = f"F3 sorts · F4 turns the order · Space ticks · + once more · {SHORT.partition(' · ')[2]}"


class HostList(OptionList):
    """One line a lane. Enter takes what is ticked, so that only Space and a click tick."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "select", "Tick"),
        Binding("enter", "screen.take", "Take these"),
        Binding("plus", "screen.more", "Once more"),
        Binding("minus", "screen.fewer", "Once less"),
        Binding("s", "screen.next_sort", "Sort"),
        Binding("r", "screen.turn", "Other way round"),
        Binding("m", "screen.next_model", "Model"),
        Binding("slash", "screen.to_filter", "Filter"),
        *(Binding(f"{n}", f"screen.preset({n})", f"Preset {n}", show=False) for n in range(1, 10)),
    ]

    def action_cursor_up(self) -> None:
        """Above the first line is the filter."""
        if self.highlighted in (0, None):
            self.screen.query_one(Input).focus()
        else:
            super().action_cursor_up()


class LanesScreen(Dialog[list[str] | None]):
    """Gives back the specs that are ticked, in the order of ticking; None when it was left."""

    CSS_PATH = dressed("lanes.tcss")
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave as it was"),
        Binding("ctrl+s", "take", "Take these", priority=True),
        Binding("down", "to_list", "To the list", show=False),
        Binding("f2", "next_model", "Model"),
        Binding("f3", "next_sort", "Sort"),
        Binding("f4", "turn", "Other way round"),
        *(
            Binding(f"alt+{n}", f"preset({n})", f"Preset {n}", show=False, priority=True)
            for n in range(1, 10)
        ),
    ]
    hosts = getters.query_one(HostList)
    filter = getters.query_one(Input)
    bar = getters.query_one("#bar", Static)
    head = getters.query_one("#head", Static)
    about = getters.query_one("#about", Static)
    count = getters.query_one("#count", Static)

    def __init__(
        self,
        catalog: Catalog,
        around: Surroundings,
        specs: Sequence[str],
        *,
        today: date,
        measured: Callable[[], Measured] = dict,
    ) -> None:
        super().__init__()
        self.picker = Picker(catalog, around, specs, today)
        self._measured = measured
        self.presets = [*catalog.presets]
        self.shown: list[Choice] = []
        self._fit: Fit | None = None

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="Filter, or a lane such as groq:openai/gpt-oss-20b and Enter")
            yield Static(id="bar", markup=False)
            yield Static(id="head", markup=False)
            yield HostList(compact=True, markup=False)
            yield Static(id="about", markup=False)
            yield Static(id="count", markup=False)

    def on_mount(self) -> None:
        self.query_one(Vertical).border_title = Content("Lanes")
        if self.picker.catalog.simulator is None:
            self._look_back()

    @work(exit_on_error=False)
    async def _look_back(self) -> None:
        """What the user measured joins the table when the history has told it."""
        if measured := await asyncio.to_thread(self._measured):
            self.picker.take_measured(measured)
            self._fill()

    def on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < WIDE, "-narrow")
        self.query_one(Vertical).border_subtitle = Content(SHORT if event.size.width < WIDE else LONG)
        self.call_after_refresh(self._fill)

    # drawing

    def _fill(self, highlight: str | None = None) -> None:
        """Writes bar, heading and lines anew; the highlight stays with its lane."""
        highlight = highlight or self._highlighted
        self._fit = table_fit(self.picker.choices(), self.hosts.size.width - EDGE)
        self.shown = self.picker.choices(self.filter.value)
        self.bar.update(bar(self.picker, self.presets, short=self.has_class("-narrow")))
        self.head.update(heading(self._fit, self.picker))
        with self.prevent(OptionList.OptionHighlighted):
            self.hosts.set_options(Option(self._line(choice)) for choice in self.shown)
            specs = [choice.spec for choice in self.shown]
            at = specs.index(highlight) if highlight in specs else 0
            self.hosts.highlighted = at if specs else None
        self._tell()
        self._count()

    def _line(self, choice: Choice) -> Content:
        assert self._fit is not None
        return line(choice, self._fit, self.picker.chosen.count(choice.spec))

    def _redraw_line(self, at: int) -> None:
        self.hosts.replace_option_prompt_at_index(at, self._line(self.shown[at]))
        self._count()

    @property
    def _highlighted(self) -> str | None:
        at = self.hosts.highlighted
        return self.shown[at].spec if at is not None and at < len(self.shown) else None

    def _tell(self) -> None:
        at = self.hosts.highlighted
        if at is not None and at < len(self.shown):
            self.about.update(details(self.shown[at], self.picker, short=self.has_class("-narrow")))
        else:
            wanted = visible_line(self.filter.value.strip(), 80)
            hint = f"Enter adds {wanted} as a lane" if ":" in wanted else "No host matches"
            disabled = self.picker.disabled(wanted)
            self.about.update(
                Content.styled(visible_line(disabled, 300), "$error")
                if disabled
                else Content.styled(hint, "$secondary")
            )

    def _count(self) -> None:
        count = len(self.picker.chosen)
        self._say(
            f"{count}/{MOST_LANES} lanes · {LEGEND}",
            "$error" if count > MOST_LANES else "$secondary",
        )

    def _say(self, text: str, color: str) -> None:
        self.count.update(Content.styled(visible_line(text), color))

    # what the user does

    @on(Input.Changed)
    def _filter(self) -> None:
        self._fill()

    @on(OptionList.OptionHighlighted)
    def _moved(self) -> None:
        self._tell()

    @on(OptionList.OptionSelected)
    def _ticked(self, event: OptionList.OptionSelected) -> None:
        self.picker.toggle(self.shown[event.option_index].spec)
        self._redraw_line(event.option_index)

    @on(Input.Submitted)
    def _add_or_take(self, event: Input.Submitted) -> None:
        """A typed lane is ticked, else the only host that the filter leaves; an empty filter takes."""
        spec = event.value.strip()
        if not spec:
            self.action_take()
            return
        try:
            self.picker.name(spec)
        except CatalogError as error:
            if len(self.shown) != 1 or ":" in spec:
                self._say(str(error), "$error")
                return
            spec = self.shown[0].spec
            if spec not in self.picker.chosen:
                self.picker.toggle(spec)
        self.filter.value = ""
        self._fill(spec)

    def action_to_list(self) -> None:
        self.hosts.focus()

    def action_to_filter(self) -> None:
        self.filter.focus()

    def action_more(self) -> None:
        if (spec := self._highlighted) is not None:
            self.picker.more(spec)
            self._redraw_line(self.hosts.highlighted or 0)

    def action_fewer(self) -> None:
        if (spec := self._highlighted) is not None:
            self.picker.fewer(spec)
            self._redraw_line(self.hosts.highlighted or 0)

    def action_next_model(self) -> None:
        self.picker.next_model()
        self._fill()

    def action_sort(self, key: str) -> None:
        self.picker.sort_by(key)
        self._fill()

    def action_next_sort(self) -> None:
        self.picker.next_sort([column.key for column in self._fit.columns] if self._fit else [])
        self._fill()

    def action_turn(self) -> None:
        self.picker.turn()
        self._fill()

    async def action_preset(self, number: int) -> None:
        """Ticks a preset's lanes, and nothing else."""
        if number > len(self.presets):
            return
        name = self.presets[number - 1]
        try:
            specs = await asyncio.to_thread(
                preset_specs, self.picker.catalog, self.picker.around, name, self._measured
            )
        except CatalogError as error:
            self._say(str(error), "$error")
            return
        self.picker.take_all(specs)
        self.filter.value = ""
        self._fill()
        if not specs:
            self._say(f"No host of the preset {name} can be asked from here: no key", "$error")
        elif (found := len(specs)) > MOST_LANES:
            self._say(f"{name} has {found} lanes: the first {MOST_LANES} are ticked", "$warning")

    def action_take(self) -> None:
        chosen = self.picker.chosen
        if not chosen:
            self._say("Tick at least one lane", "$error")
        elif len(chosen) > MOST_LANES:
            self._say(f"At most {MOST_LANES} lanes: untick {len(chosen) - MOST_LANES}", "$error")
        else:
            self.dismiss([*chosen])
