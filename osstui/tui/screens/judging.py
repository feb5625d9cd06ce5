"""Answers set against each other: the actions behind `judge` in the table of commands. Imported when the
first of them is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from osstui.tui.say import say
from osstui.tui.widgets.together import keep_together

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.screens.diff import Side
    from osstui.tui.session import Said, Turn


def words(screen: CompareScreen) -> None:
    """This pane's answer against the next one's, word by word."""
    from osstui.tui.screens.diff import DiffScreen

    pane, turn = screen.current_pane, screen.session.turn
    if pane is None or turn is None:
        say(screen.app, "There is no answer to compare yet")
        return
    names = [other.lane for other in screen.grid.panes]
    at = names.index(pane.lane)
    one = _side(screen, turn, pane.lane)
    others = [_side(screen, turn, name) for name in (*names[at + 1 :], *names[:at])]
    others = [side for side in others if side.text() or side.live()]
    others += _own_earlier(screen, pane.lane)
    if not one.text():
        say(screen.app, f"{one.name} has no answer to compare yet")
    elif not others:
        say(screen.app, "There is no other answer to compare with yet")
    else:
        screen.app.push_screen(DiffScreen(one, others))


def _side(screen: CompareScreen, turn: Turn, lane: str) -> Side:
    from osstui.tui.screens.diff import Side

    def text() -> str:
        said = turn.said(lane)
        return said.text if said is not None else ""

    def live() -> bool:
        state = turn.lane(lane)
        return state is not None and state.live and screen.session.busy

    return Side(lane, text, live)


def _own_earlier(screen: CompareScreen, lane: str) -> Iterator[Side]:
    """What the same lane said before it was asked again, and in the turn before."""
    *before, turn = screen.session.turns
    if (said := turn.replaced.get(lane)) is not None:
        yield _past(f"{lane}, the try before", said)
    if before and (said := before[-1].said(lane)) is not None:
        yield _past(f"{lane}, the turn before", said)


def _past(name: str, said: Said) -> Side:
    from osstui.tui.screens.diff import Side

    return Side(name, lambda: said.text, lambda: False)


def together(screen: CompareScreen) -> None:
    """Scroll one pane, and all of them move; or each alone again."""
    screen.together = not screen.together
    screen.show_signs()
    if screen.together and (pane := screen.current_pane) is not None:
        keep_together(pane.transcript, [other.transcript for other in screen.grid.panes if other.display])
    way = "together, to the same place of their answers" if screen.together else "each on its own"
    say(screen.app, f"The panes scroll {way}")


ACTIONS: dict[str, Callable[[CompareScreen], None]] = {"words": words, "together": together}
