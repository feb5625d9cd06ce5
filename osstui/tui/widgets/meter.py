"""A lane's state and live numbers in one or two rows; what matters less is left out first."""

from __future__ import annotations

from typing import NamedTuple

from textual.content import Content
from textual.reactive import var

from osstui.measure.format import show
from osstui.measure.metrics import BY_KEY
from osstui.measure.run import LaneState
from osstui.measure.speed import live_speed
from osstui.tui.numbers import sparkline
from osstui.tui.widgets.figures import Figures
from osstui.tui.wording import Say

SPARK = 24
"""Most cells of the sparkline."""


class Cell(NamedTuple):
    key: str
    """Of the metrics table."""
    label: str
    width: int
    """Cells kept for the value, so that what stands right of it never moves."""
    unit: str = ""
    """Where the value's own form has none."""


CELLS = (
    Cell("ttft", "TTFT", 7),
    Cell("speed", "", 11),
    Cell("cost", "", 11),
    Cell("tokens", "", 10, " tok"),
    Cell("live", "now", 12),
    Cell("ttfa", "TTFA", 7),
    Cell("e2e", "in all", 7),
    Cell("connection", "connect", 7),
    Cell("input_tokens", "prompt", 6),
    Cell("reasoning_tokens", "reasoning", 6),
)
"""In the order of importance: a narrow pane shows the first three."""
NARROW = 42
"""Cells; below it gaps and the unit of the speed are shortened."""


class Meter(Figures):
    """Draws what it was last shown; the pane's frame decides when."""

    low: var[bool] = var(False, toggle_class="-low")
    """One row, for panes of little height."""

    def __init__(self) -> None:
        super().__init__()
        self._say: Say | None = None
        self._lane: LaneState | None = None
        self._now = 0
        self._idle = ""
        self._bare = False

    def show_idle(self, text: str) -> None:
        """Before the first prompt: what there is to say of the lane."""
        self._idle, self._say, self._lane = text, None, None
        self._bare = False
        self.refresh()

    def show_state(self, say: Say) -> None:
        """No figure at all."""
        self._idle, self._say, self._lane = "", say, None
        self._bare = True
        self.refresh()

    def show_lane(self, say: Say, lane: LaneState | None, now: int) -> None:
        self._say, self._lane, self._now = say, lane, now
        self._bare = False
        self.refresh()

    def watch_low(self) -> None:
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        if self._say is None:
            line = Content.styled(self._idle, "$secondary").truncate(width, ellipsis=True)
            return line if self.low else Content("\n").join([Content(""), line])
        state = Content.assemble(
            (f"{self._say.glyph} ", self._say.color), (self._say.words, self._say.color)
        ).truncate(width, ellipsis=True)
        if self._bare:
            return state
        if self.low:
            glyph = Content.styled(f"{self._say.glyph} ", self._say.color)
            return glyph + self._numbers(width - 2)
        return Content("\n").join([self._with_spark(state, width), self._numbers(width)])

    def _with_spark(self, state: Content, width: int) -> Content:
        room = min(SPARK, width - state.cell_length - 2)
        if room < 4 or self._lane is None or not self._lane.seen.chunks:
            return state
        speeds = self._lane.buckets.speeds(room)
        bars = Content.styled(sparkline(speeds, room), "$primary 70%")
        return state.pad_right(width - state.cell_length - room) + bars

    def _numbers(self, width: int) -> Content:
        parts: list[Content] = []
        used = 0
        for cell in CELLS:
            if cell.key == "live" and not (self._lane and self._lane.live):
                continue
            narrow = width < NARROW
            value = (self._value(cell.key) + cell.unit).rjust(cell.width - (narrow and cell.key == "ttft"))
            if narrow:
                value = value.replace(" tok/s", " t/s")
            label = f"{cell.label} " if cell.label else ""
            gap = "" if not parts else " " if narrow else "  "
            length = len(gap) + len(label) + len(value)
            if used + length > width:
                break
            used += length
            parts.append(Content.assemble(gap, (label, "$secondary"), (value, self._style(value))))
        return Content("").join(parts)

    def _value(self, key: str) -> str:
        lane = self._lane
        if lane is None:
            return "–"
        if key == "live":
            return show(live_speed(lane, self._now), "tok/s", approximate=lane.estimated)
        return BY_KEY[key].show(lane)

    def _style(self, value: str) -> str:
        return "$secondary" if value.split()[0] == "–" else "bold $foreground"
