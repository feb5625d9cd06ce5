"""Answers set against each other: the actions behind `judge` in the table of commands. Imported when the
first of them is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from osstui.conversation.turn import Vote
from osstui.tui.say import say
from osstui.tui.screens.conversation import redraw

if TYPE_CHECKING:
    from osstui.conversation.turn import Said, Turn
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.screens.diff import Side

REDRAW = 0.05
"""Seconds that writing a pane anew may take at once; the rest comes with the frames."""


def words(screen: CompareScreen) -> None:
    """This pane's answer against the next one's, word by word."""
    from osstui.tui.screens.diff import DiffScreen

    pane, turn = screen.grid.current, screen.session.turn
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

    return Side(screen.session.blind.called(lane), text, live)


def _own_earlier(screen: CompareScreen, lane: str) -> Iterator[Side]:
    """What the same lane said before it was asked again, and in the turn before."""
    *before, turn = screen.session.turns
    name = screen.session.blind.called(lane)
    if (said := turn.part(lane).replaced) is not None:
        yield _past(f"{name}, the try before", said)
    if before and not screen.session.blind.hidden and (said := before[-1].said(lane)) is not None:
        yield _past(f"{name}, the turn before", said)


def _past(name: str, said: Said) -> Side:
    from osstui.tui.screens.diff import Side

    return Side(name, lambda: said.text, lambda: False)


def together(screen: CompareScreen) -> None:
    """Scroll one pane, and all of them move; or each alone again."""
    grid = screen.grid
    grid.together = not grid.together
    screen.show_signs()
    if grid.together and (pane := grid.current) is not None:
        grid.follow(pane.transcript)
    way = "as one, to the same place of their answers" if grid.together else "each on its own"
    say(screen.app, f"The panes scroll {way}")


def blind(screen: CompareScreen) -> None:
    """Hides names and figures behind letters; or shows them again, and for good."""
    state, turn = screen.session.blind, screen.session.turn
    if state.on:
        seen = state.hidden
        state.leave()
        if seen and turn is not None and turn.answered:
            turn.names_seen = True
        _dress_anew(screen)
        say(screen.app, "Blind mode is off")
        return
    state.on = True
    if turn is not None and turn.answered:
        turn.names_seen = True
    screen.app.clear_notifications()
    _hide(screen)
    say(screen.app, "Blind mode: names and figures are hidden until you vote with v, or = for a draw")


def hide_names(screen: CompareScreen) -> None:
    """A new prompt in blind mode gets letters of its own; another try of the same one keeps them."""
    session = screen.session
    if session.turn is not None and session.turn is not session.blind.turn:
        screen.app.clear_notifications()
        session.blind.deal(session.lanes, session.turn)
        screen.dress()
        screen.show_parameters()
        for pane in screen.grid.panes:
            pane.clear()


def _hide(screen: CompareScreen) -> None:
    screen.session.blind.deal(screen.session.lanes, screen.session.turn)
    _dress_anew(screen)


def _dress_anew(screen: CompareScreen) -> None:
    """Everything in the panes is written once more, as what may be told has changed; readers keep their
    places."""
    places = {pane.lane: pane.transcript.place for pane in screen.grid.panes if not pane.transcript.following}
    screen.dress()
    screen.show_parameters()
    redraw(screen, screen.grid.panes)
    for pane in screen.grid.panes:
        pane.transcript.flush(REDRAW)
        if (place := places.get(pane.lane)) is not None:
            pane.transcript.go_to(place)


def vote(screen: CompareScreen) -> None:
    """For the current pane."""
    if (pane := screen.grid.current) is not None:
        _vote(screen, pane.lane)


def draw(screen: CompareScreen) -> None:
    _vote(screen, None)


def _vote(screen: CompareScreen, lane: str | None) -> None:
    session = screen.session
    turn = session.turn
    if turn is None:
        say(screen.app, "There is no answer to vote on yet")
    elif session.busy:
        say(screen.app, "Answers are still coming: vote when they are whole, or stop them with Ctrl+C")
    elif len(turn.answered) < 2:
        say(screen.app, "A vote needs two answers at least")
    elif lane is not None and lane not in turn.answered:
        say(screen.app, f"{lane} has no answer to vote for")
    else:
        again = turn.vote is not None
        turn.vote = Vote(lane, session.blind.hidden and not turn.names_seen)
        kept = screen.keeper.vote(_runs(turn, lane), lane, blind=turn.vote.blind)
        letter = session.blind.letters.get(lane or "", "")
        if session.blind.hidden:
            session.blind.reveal()
            turn.names_seen = True
            _dress_anew(screen)
        screen.show_parameters()
        who = "a draw" if lane is None else f"{letter} = {lane}" if letter else lane
        told = f"{'Your vote is now' if again else 'Your vote'}: {who}{', blind' if turn.vote.blind else ''}"
        say(screen.app, told if kept else f"{told}. It is not kept: the history is off or can't be written")


def _runs(turn: Turn, lane: str | None) -> list[str]:
    """All runs of the turn, the lane's own last."""
    runs = list(dict.fromkeys(run.job.run for run in turn.runs.values()))
    if lane is not None:
        own = turn.runs[lane].job.run
        runs = [*(run for run in runs if run != own), own]
    return runs


def ranking(screen: CompareScreen) -> None:
    """What all votes make of hosts and models."""
    from osstui.tui.screens.ranking import show_ranking

    showing = show_ranking(screen)
    screen.run_worker(showing, group="ranking", exclusive=True, exit_on_error=False)


ACTIONS: dict[str, Callable[[CompareScreen], None]] = {
    "words": words,
    "together": together,
    "blind": blind,
    "vote": vote,
    "draw": draw,
    "ranking": ranking,
}
