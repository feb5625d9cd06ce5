"""Before checks begin: which battery, what it takes and costs, and how much it may cost at most."""

from __future__ import annotations

from math import floor, isfinite
from typing import ClassVar, NamedTuple

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, OptionList, Static
from textual.widgets.option_list import Option

from osstui.checks.model import LEVELS, Level
from osstui.checks.showing import Lanes, estimate, estimate_text
from osstui.checks.table import choose
from osstui.measure.format import show
from osstui.safe_text import visible_line
from osstui.tui.screens.dialog import Dialog, dressed

ABOUT: dict[Level, str] = {
    "quick": "up, key, model, streaming, usage, a tool call",
    "full": "and effort, more tools, JSON, stop, errors, canaries …",
    "deep": "and long prompts, long answers, distributions",
}


class Order(NamedTuple):
    level: Level
    limit: float | None
    """US$ at most."""


class ChecksStart(Dialog[Order | None]):
    """Gives back what to run; None when it was left. `left`: what the session's budget leaves."""

    CSS_PATH = dressed("ask.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Leave"),
        Binding("down", "move('down')", show=False),
        Binding("up", "move('up')", show=False),
    ]
    levels = getters.query_one(OptionList)
    limit = getters.query_one(Input)
    said = getters.query_one("#said", Static)

    def __init__(self, lanes: Lanes, level: Level, left: float | None) -> None:
        super().__init__()
        self._lanes, self._level, self._left = lanes, level, left
        most = estimate(choose("deep"), lanes)
        self._free = not most.usd and not most.unknown

    def compose(self) -> ComposeResult:
        names = ", ".join(name for name, _ in self._lanes)
        with Vertical() as box:
            box.border_title = Content(visible_line(f"Check {names}", 70))
            box.border_subtitle = Content(
                "Enter starts · Esc cancels"
                if self._free
                else "Enter starts · Tab to the limit · Esc cancels"
            )
            yield OptionList(*(Option(self._line(level), id=level) for level in LEVELS))
            with Horizontal(classes="-free" if self._free else ""):
                yield Label("At most US$ ")
                yield Input("" if self._left is None else _rounded_down(self._left), placeholder="no limit")
            yield Static(id="said", markup=False)

    def on_mount(self) -> None:
        self.levels.highlighted = LEVELS.index(self._level)

    def _line(self, level: Level) -> Content:
        return Content.assemble(
            (f"{level:6}", "bold"), ABOUT[level], "\n", " " * 6,
            (visible_line(estimate_text(choose(level), self._lanes), 200), "$secondary"),
        )  # fmt: skip

    def action_move(self, way: str) -> None:
        getattr(self.levels, f"action_cursor_{way}")()

    @on(OptionList.OptionSelected)
    @on(Input.Submitted)
    def _start(self, event: OptionList.OptionSelected | Input.Submitted) -> None:
        event.stop()
        at = self.levels.highlighted
        try:
            limit = _usd(self.limit.value)
        except ValueError:
            self._say(f"{visible_line(self.limit.value, 20)} is no sum of money such as 0.05")
            return
        if self._left is not None and (limit is None or limit > self._left):
            self._say(f"The session's budget leaves {show(self._left, '$')}")
        elif at is not None:
            self.dismiss(Order(LEVELS[at], limit))

    def _say(self, text: str) -> None:
        self.said.update(Content.styled(text, "$error"))
        self.said.add_class("-said")


def _rounded_down(usd: float) -> str:
    """To a hundredth of a cent: rounded up, it would be more than there is."""
    return f"{floor(usd * 1e4) / 1e4:.4f}"


def _usd(text: str) -> float | None:
    """None for nothing. Raises ValueError."""
    text = text.strip().removeprefix("$").replace(",", ".")
    if not text:
        return None
    value = float(text)
    if value < 0 or not isfinite(value):
        raise ValueError(text)
    return value
