"""What is done with an answer that is read: the actions behind `read` in the table of commands. Imported when
the first of them is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from osstui.safe_text import visible
from osstui.tui.say import say

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.widgets.pane import LanePane


def copy(screen: CompareScreen, pane: LanePane) -> None:
    """The answer alone, as the model wrote it, to the clipboard."""
    said = screen.session.turn.said(pane.lane) if screen.session.turn else None
    if said is None or not (text := said.text):
        say(screen.app, f"{pane.lane} has no answer to copy yet")
        return
    screen.app.copy_to_clipboard(visible(text))
    say(screen.app, f"Copied the answer of {pane.lane}: {len(text):,} characters")


def fold(screen: CompareScreen, pane: LanePane) -> None:
    """What the model thought, folded into one line or shown again."""
    pane.transcript.reasoning_folded = not pane.transcript.reasoning_folded
    screen.wake()


def details(screen: CompareScreen, pane: LanePane) -> None:
    """Every number of the lane; an open page is kept up to date with the totals."""
    if screen.session.blind.hidden:
        say(screen.app, "The figures are hidden until you have voted: v for this pane, = for a draw")
        return
    from osstui.tui.screens.details import DetailsScreen

    def closed(_: None) -> None:
        screen.details = None

    catalog = screen.session.catalog
    screen.details = DetailsScreen(pane, catalog.offer_of(pane.target) if catalog is not None else None)
    screen.app.push_screen(screen.details, closed)


ACTIONS: dict[str, Callable[[CompareScreen, LanePane], None]] = {
    "copy": copy,
    "fold": fold,
    "details": details,
}
