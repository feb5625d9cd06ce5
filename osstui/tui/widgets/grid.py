"""The panes side by side, in as many columns as stay readable."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from typing import TYPE_CHECKING, Literal, NamedTuple, cast

from textual.containers import ScrollableContainer
from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.message import Message

if TYPE_CHECKING:
    from textual.widget import Widget

    from osstui.conversation.blind import Blind
    from osstui.tui.widgets.pane import LanePane
    from osstui.tui.widgets.together import LaneTranscript

MIN_WIDTH = 39
"""Cells: below it prose breaks at every other word and code always."""
MIN_HEIGHT = 10
GOOD_WIDTH, GOOD_HEIGHT = 72, 24
"""More than this adds little to what can be read at one glance."""

MOST_LANES = 64
"""That the screen has panes for."""

Direction = Literal["left", "right", "up", "down"]


class Shape(NamedTuple):
    columns: int
    height: int
    """Of a row; 0 lets the rows share the height evenly."""


def shape(count: int, size: Size) -> Shape:
    """The arrangement of `count` panes that shows most at a glance; rows scroll if they can't all be seen."""
    most = max(1, min(count, size.width // MIN_WIDTH))
    best, best_worth = 0, 0.0
    for columns in range(1, most + 1):
        width, height = size.width // columns, size.height // ceil(count / columns)
        worth = min(width / GOOD_WIDTH, 1) * min(height / GOOD_HEIGHT, 1)
        if height >= MIN_HEIGHT and worth >= best_worth:
            best, best_worth = columns, worth
    if best:
        return Shape(ceil(count / ceil(count / best)), 0)
    columns = ceil(count / ceil(count / most))
    at_once = max(1, size.height // MIN_HEIGHT)
    return Shape(columns, max(1, size.height // at_once))


class PaneLayout(Layout):
    """Rows of equal panes; the last row is stretched over the whole width."""

    name = "panes"

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        parent.pre_layout(self)
        count = len(children)
        if not count:
            return []
        columns, height = shape(count, size)
        rows = ceil(count / columns)
        placements: list[WidgetPlacement] = []
        for row in range(rows):
            y = row * height if height else size.height * row // rows
            bottom = y + height if height else size.height * (row + 1) // rows
            across = children[row * columns : (row + 1) * columns]
            for column, child in enumerate(across):
                x = size.width * column // len(across)
                right = size.width * (column + 1) // len(across)
                region = Region(x, y, right - x, bottom - y)
                placements.append(WidgetPlacement(region, NULL_OFFSET, NULL_SPACING, child))
        return placements


class LaneGrid(ScrollableContainer, can_focus=False):
    """All panes of the session; one of them may fill it.

    Panes are known by their class `lane`, so that the first paint need not wait for all that they import.
    """

    together = False
    """The panes are scrolled as one."""

    class Moved(Message):
        """Other panes may be in view than before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._panes = PaneLayout()
        self._last: LanePane | None = None
        """The pane that was focused last."""

    @property
    def layout(self) -> Layout:
        return self._panes

    @property
    def panes(self) -> list[LanePane]:
        return [cast("LanePane", child) for child in self.children if child.has_class("lane")]

    def pane_of(self, widget: Widget | None) -> LanePane | None:
        """The pane in which a widget stands."""
        return next((pane for pane in self.panes if widget is not None and pane in widget.ancestors), None)

    @property
    def room(self) -> int:
        """How many panes of the smallest size can be seen at once."""
        return max(1, self.size.width // MIN_WIDTH) * max(1, self.size.height // MIN_HEIGHT)

    @property
    def on_screen(self) -> list[LanePane]:
        """The panes of which at least a part can be seen."""
        window = self.region
        return [pane for pane in self.panes if pane.display and window.overlaps(pane.region)]

    def dress(self, blind: Blind, names: Iterable[str]) -> None:
        """The panes in the order of these lanes, under what blind mode calls them; others come last."""
        order = {name: at for at, name in enumerate(names)}
        panes = sorted(self.panes, key=lambda pane: order.get(pane.lane, len(order)))
        numbers: dict[Widget, int] = {}
        for number, pane in enumerate(panes, 1):
            pane.number = numbers[pane] = number
            pane.dress(blind)
        self.sort_children(key=lambda child: numbers.get(child, 0))
        self.refresh(layout=True)

    # the pane that is meant

    @property
    def focused(self) -> LanePane | None:
        return self.pane_of(self.screen.focused)

    @property
    def current(self) -> LanePane | None:
        """The pane that a pane's command means: focused, else zoomed, else last used, else the first."""
        last = self._last if self._last in self.panes else None
        return self.focused or self.zoomed or last or next(iter(self.panes), None)

    def on_descendant_focus(self) -> None:
        self._last = self.focused or self._last

    def watch_virtual_size(self) -> None:
        """Rows have come, gone or another height: the focused pane stays in view."""
        if (pane := self.focused) is not None:
            self.scroll_to_widget(pane, animate=False)

    # going from pane to pane

    def go_to(self, pane: LanePane) -> None:
        """Focuses a pane; in the zoom it takes the place of the other."""
        if self.zoomed:
            self._zoom(pane)
        self._show(pane)

    def go(self, direction: Direction) -> bool:
        """To the next pane on that side. False when the way leads out of the panes, to what is below them."""
        pane = self.focused
        if pane is None:
            if self.current is not None and direction in ("up", "left"):
                self.go_to(self.current)
            return True
        if (there := self.neighbour(pane, direction)) is not None:
            self.go_to(there)
        return there is not None or direction != "down"

    def _show(self, pane: LanePane) -> None:
        """Focuses a pane, before the next key is read, and brings it into view, border and all."""
        self.screen.set_focus(pane.transcript, scroll_visible=False)
        self.call_after_refresh(self.scroll_to_widget, pane, animate=False)
        self.call_after_refresh(self.post_message, self.Moved())

    def on_lane_transcript_moved(self, event: LaneTranscript.Moved) -> None:
        event.stop()
        if self.together:
            self.follow(event.transcript)

    def follow(self, leader: LaneTranscript) -> None:
        """Scrolls every pane to where this one stands."""
        from osstui.tui.widgets.together import keep_together

        keep_together(leader, [pane.transcript for pane in self.panes if pane.display])

    # one pane on the whole grid

    @property
    def zoomed(self) -> LanePane | None:
        return next((pane for pane in self.panes if pane.has_class("-zoomed")), None)

    def toggle_zoom(self, pane: LanePane | None = None) -> None:
        """Gives a pane, by default the current one, the whole grid; or shows them all again."""
        shown = pane or self.current
        self._zoom(None if self.zoomed else shown)
        if shown is not None:
            self._show(shown)

    def on_lane_pane_zoom_asked(self, event: LanePane.ZoomAsked) -> None:
        event.stop()
        self.toggle_zoom(event.pane)

    def _zoom(self, pane: LanePane | None) -> None:
        for other in self.panes:
            other.set_class(other is pane, "-zoomed")
        self.set_class(pane is not None, "-zoomed")
        self.refresh(layout=True)

    def neighbour(self, pane: LanePane, direction: Direction) -> LanePane | None:
        """The nearest pane on that side; left and right go on around the rows' ends."""
        panes = self.panes
        if direction in ("left", "right"):
            at = panes.index(pane) + (1 if direction == "right" else -1)
            return panes[at] if 0 <= at < len(panes) else None
        here = pane.virtual_region
        middle = here.x + here.width // 2
        sign = 1 if direction == "down" else -1
        candidates = [
            (abs(there.y - here.y), abs(there.x + there.width // 2 - middle), at)
            for at, other in enumerate(panes)
            if ((there := other.virtual_region).y - here.y) * sign > 0
        ]
        return panes[min(candidates)[2]] if candidates else None
