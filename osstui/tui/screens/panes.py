"""Going from pane to pane: focus, zoom, and which pane a pane's command means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, getters
from textual.screen import Screen

from osstui.tui.say import say_what_broke
from osstui.tui.widgets.grid import Direction, LaneGrid
from osstui.tui.widgets.prompt import PromptBox

if TYPE_CHECKING:
    from osstui.tui.widgets.pane import LanePane


class PanesScreen(Screen[None]):
    """A screen with a grid of panes and a prompt box below it."""

    grid = getters.query_one(LaneGrid)
    prompt = getters.query_one(PromptBox)
    on_worker_state_changed = say_what_broke

    def __init__(self) -> None:
        super().__init__()
        self._last_pane: LanePane | None = None

    def on_mount(self) -> None:
        self.watch(self.grid, "virtual_size", self._laid_out_anew, init=False)

    def _laid_out_anew(self) -> None:
        """Rows have come, gone or another height: the focused pane stays in view."""
        if (pane := self.focused_pane) is not None:
            self.grid.scroll_to_widget(pane, animate=False)

    def wake(self) -> None:
        """Something may have to be drawn."""
        raise NotImplementedError

    @property
    def focused_pane(self) -> LanePane | None:
        return self.grid.pane_of(self.focused)

    @property
    def current_pane(self) -> LanePane | None:
        """The pane that a pane's command means: focused, else zoomed, else last used, else the first."""
        last = self._last_pane if self._last_pane in self.grid.panes else None
        return self.focused_pane or self.grid.zoomed or last or next(iter(self.grid.panes), None)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self._last_pane = self.focused_pane or self._last_pane

    def on_lane_pane_zoom_asked(self, event: LanePane.ZoomAsked) -> None:
        self._zoom(None if self.grid.zoomed else event.pane)

    def action_zoom(self) -> None:
        self._zoom(None if self.grid.zoomed else self.current_pane)

    def _zoom(self, pane: LanePane | None) -> None:
        shown = pane or self.current_pane
        self.grid.zoom(pane)
        if shown is not None:
            self._show(shown)

    def action_focus_pane(self, number: int) -> None:
        panes = self.grid.panes
        if number <= len(panes):
            self._go_to(panes[number - 1])

    def _go_to(self, pane: LanePane) -> None:
        if self.grid.zoomed:
            self.grid.zoom(pane)
        self._show(pane)

    def _show(self, pane: LanePane) -> None:
        """Focuses a pane, before the next key is read, and brings it into view, border and all."""
        self.set_focus(pane.transcript, scroll_visible=False)
        self.call_after_refresh(self.grid.scroll_to_widget, pane, animate=False)
        self.call_after_refresh(self.wake)

    def action_move_focus(self, direction: Direction) -> None:
        pane = self.focused_pane
        if pane is None:
            if self.current_pane is not None and direction in ("up", "left"):
                self._go_to(self.current_pane)
            return
        if (there := self.grid.neighbour(pane, direction)) is not None:
            self._go_to(there)
        elif direction == "down":
            self.action_focus_prompt()

    def action_focus_prompt(self) -> None:
        self.set_focus(self.prompt)
