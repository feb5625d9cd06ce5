"""The one frame timer: when panes are drawn, and how many of them at once, so that no key waits for it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from osstui.safe_text import visible_line
from osstui.tui.say import say

if TYPE_CHECKING:
    from textual.timer import Timer

    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.widgets.pane import LanePane

PER_SECOND = 15
BUDGET = 0.016
"""Seconds of CPU for one frame and its painting; panes that it leaves out come first in the next."""
NUMBERS_EVERY = 3
"""Frames between two drawings of the totals."""
LINGER = 3
"""Frames that the timer goes on for when nothing is left: a scroll is laid out a little after it is told."""


class Frames:
    """Draws a compare screen while something is new, and stands still otherwise."""

    def __init__(self, screen: CompareScreen) -> None:
        self._screen = screen
        self._timer: Timer | None = None
        self.count = 0
        self._soon = False
        self._linger = 0
        self._first = 0
        self._pane_cost = BUDGET / 8
        """Seconds of CPU, a running mean."""

    def start(self) -> None:
        """The screen is mounted: until then there is nothing to draw."""
        self._timer = self._screen.set_interval(1 / PER_SECOND, self._frame, name="frames", pause=True)

    @property
    def running(self) -> bool:
        return self._linger > 0

    def wake(self) -> None:
        """Something may have to be drawn."""
        if self._timer is not None:
            self._linger = LINGER
            self._timer.resume()

    def soon(self) -> None:
        """A frame out of turn: the end of an answer is not kept waiting for the next one."""
        if self._timer is not None and not self._soon:
            self._soon = True
            self._screen.call_later(self._frame)

    def _frame(self) -> None:
        self._soon = False
        try:
            more = self._draw()
        except Exception as error:  # the draft and the answers outlive whatever is wrong with drawing them
            more = False
            why = visible_line(str(error), 200)
            say(self._screen.app, f"the screen could not be drawn: {why}", "error")
        self._linger = LINGER if more else self._linger - 1
        if self._linger <= 0 and self._timer is not None:
            self._timer.pause()

    def _draw(self) -> bool:
        """One frame in its budget: the focused pane first, all whose answer just ended, the others in turn.
        False when nothing is left."""
        began = time.thread_time()
        screen = self._screen
        panes = screen.grid.on_screen
        behind = [pane for pane in panes if pane.behind]
        first = self._first % len(behind) if behind else 0
        turn = behind[first:] + behind[:first]
        focused = screen.grid.focused
        turn.sort(key=lambda pane: (pane is not focused, not pane.ended))
        ended = sum(pane.ended for pane in turn)
        drawn = turn[: max(1, ended, int(BUDGET / self._pane_cost))]
        for pane in drawn:
            self._draw_pane(pane)
        if drawn:
            self._first += len(drawn) if len(drawn) < len(turn) else 0
            screen.call_after_refresh(self._weigh, began, len(drawn))
        over = not screen.session.busy
        if over or ended or self.count % NUMBERS_EVERY == 0:
            screen.show_numbers()
        self.count += 1
        return not over or any(pane.behind for pane in panes)

    def _draw_pane(self, pane: LanePane) -> None:
        try:
            pane.frame()
        except Exception as error:  # one broken pane must not take the others' answers with it
            pane.broken = True
            why = visible_line(str(error) or type(error).__name__, 200)
            told = f"the pane of {pane.lane} could not be drawn: {why}; c still copies its answer"
            say(self._screen.app, told, "error")

    def _weigh(self, began: float, panes: int) -> None:
        """Learns what a pane costs, painting included: the compositor spends most of it after the frame."""
        cost = (time.thread_time() - began) / panes
        self._pane_cost += (cost - self._pane_cost) / 4
