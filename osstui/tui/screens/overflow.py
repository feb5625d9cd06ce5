"""A prompt that some host's window does not take: what to do about it is asked, never guessed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from typing import TYPE_CHECKING

from osstui.engine.dialects.request import token_limit
from osstui.measure.forecast import Forecast, forecast
from osstui.tui.screens.ask import ChoiceScreen

if TYPE_CHECKING:
    from osstui.conversation.session import Session
    from osstui.job import Lane
    from osstui.tui.screens.compare import CompareScreen


def forecast_of(lane: Lane, counted: int | None = None) -> Forecast:
    return forecast(lane, counted, token_limit(lane))


def overflowing(session: Session, names: Iterable[str], prompt: str) -> dict[str, Forecast]:
    """The lanes whose window does not take the prompt with the conversation before it."""
    found: dict[str, Forecast] = {}
    for name in names:
        lane = session.lane_for(name, prompt)
        window = lane.target.context
        if window is not None and sum(len(message.content) for message in lane.messages) >= window // 2:
            told = forecast_of(lane)
            if told.overflows:
                found[name] = told
    return found


def turns_to_drop(session: Session, name: str, prompt: str) -> int | None:
    """The fewest of the oldest turns without which the prompt fits; None if it doesn't even alone."""
    before = session.dropped.get(name, 0)

    def fits(dropped: int) -> bool:
        session.dropped[name] = dropped
        return not overflowing(session, [name], prompt)

    try:
        fewest = bisect_left(range(len(session.turns) + 1), True, key=fits)
    finally:
        session.dropped[name] = before
    return fewest if fewest <= len(session.turns) else None


async def lanes_to_ask(screen: CompareScreen, prompt: str, tight: dict[str, Forecast]) -> list[str] | None:
    """Asks the user and does what was chosen. Gives back the lanes to ask now; None holds the prompt back."""
    session = screen.session
    drops = {name: turns_to_drop(session, name, prompt) for name in tight}
    first = next(iter(tight.values()))
    many = f"{len(tight)} lanes" if len(tight) > 1 else session.blind.called(first.lane)
    title = f"≈{first.input_tokens:,} tokens, but the window of {many} takes {first.context:,}"
    match await screen.app.push_screen_wait(ChoiceScreen(title, _choices(session, drops, many))):
        case "drop":
            for name, count in drops.items():
                _drop(screen, name, count or 0)
        case "leave":
            return [name for name in session.asked if name not in tight]
        case "new":
            await screen.action_new_conversation()
        case "send":
            pass
        case _:
            return None
    return session.asked


def _choices(session: Session, drops: dict[str, int | None], many: str) -> dict[str, str]:
    choices: dict[str, str] = {}
    if session.turns and None not in drops.values():
        most = max(count or 0 for count in drops.values())
        turns = "the oldest turn" if most == 1 else f"the oldest {most} turns"
        choices["drop"] = f"send it without {turns}"
    if len(drops) < len(session.asked):
        choices["leave"] = f"leave {many} out this time"
    if session.turns:
        choices["new"] = "begin a new conversation with it"
    choices["send"] = "send it as it stands; it may be refused or cut"
    return choices


def _drop(screen: CompareScreen, name: str, count: int) -> None:
    """The lane is sent the newer turns only, from now on."""
    screen.session.dropped[name] = count
    for pane in screen.grid.panes:
        if pane.lane == name:
            pane.transcript.note(
                f"the oldest {count:,} of {len(screen.session.turns):,} turns are sent no more"
            )
