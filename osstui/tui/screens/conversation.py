"""What can be done to a conversation and to how it is asked: the actions behind `converse` in the table of
commands. Imported when the first of them is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from osstui.profile import Profile
from osstui.tui.say import say
from osstui.tui.widgets.grid import MOST_LANES

if TYPE_CHECKING:
    from osstui.conversation.turn import Said
    from osstui.job import Target
    from osstui.measure.run import LaneState
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.widgets.pane import LanePane

NOTHING_ASKED = "There is no prompt to repeat yet"


def parameters(screen: CompareScreen) -> None:
    """Of all lanes."""

    def take(profile: Profile | None) -> None:
        if profile is not None:
            screen.session.profile = profile
            screen.show_parameters()
            screen.keeper.remember(screen.session)

    _parameters_screen(screen, "all lanes", screen.session.profile, Profile(), take)


def lane_parameters(screen: CompareScreen) -> None:
    """Of the current pane's lane alone."""
    if (pane := screen.grid.current) is None:
        return
    if screen.session.blind.hidden:
        say(screen.app, "The parameters of one lane are hidden until you have voted")
        return
    lane = pane.lane

    def take(profile: Profile | None) -> None:
        if profile is not None:
            screen.session.parameters(lane, profile)
            screen.show_parameters()
            screen.keeper.remember(screen.session)

    _parameters_screen(screen, lane, screen.session.profile_of(lane), screen.session.profile, take)


def _parameters_screen(
    screen: CompareScreen, title: str, profile: Profile, base: Profile, take: Callable[[Profile | None], None]
) -> None:
    from osstui.tui.screens.parameters import ParametersScreen

    screen.app.push_screen(ParametersScreen(title, profile, base, screen.settings), take)


def regenerate(screen: CompareScreen) -> None:
    """The last prompt once more, in every lane that is not muted."""
    if screen.still_answering():
        return
    _ask_again(screen, screen.session.asked, NOTHING_ASKED)


def retry(screen: CompareScreen) -> None:
    """The last prompt once more, in the current pane's lane."""
    if (pane := screen.grid.current) is None:
        return
    if screen.session.live_run(pane.lane):
        say(screen.app, f"{pane.lane} is still answering; x cancels it")
    else:
        _ask_again(screen, [pane.lane], NOTHING_ASKED)


def retry_failed(screen: CompareScreen) -> None:
    """The last prompt once more, where it failed or was cut."""
    _ask_again(screen, screen.session.retryable(), "No lane has failed")


def _ask_again(screen: CompareScreen, names: list[str], nothing: str) -> None:
    """Those of the lanes that the budget allows; `nothing` is said where there is none."""
    from osstui.tui.screens.sending import affordable

    turn = screen.session.turn
    names = [name for name in names if name in screen.session.lanes]
    if turn is None or not names:
        say(screen.app, nothing)
        return
    try:
        run = screen.session.ask_again(affordable(screen, names, turn.prompt, again=True))
    except ValueError as problem:
        say(screen.app, str(problem), "error")
        return
    if run is not None:
        screen.begin(run)


def go_on(screen: CompareScreen, pane: LanePane) -> None:
    """Finishes an answer that was cut or met its limit."""
    from osstui.tui.screens.sending import affordable

    state = pane.state
    if state is None or state.live or (state.status == "ok" and not _at_limit(state)):
        say(screen.app, f"The answer of {pane.lane} is whole: there is nothing to go on with")
    elif (turn := screen.session.turn) is None or (said := turn.said(pane.lane)) is None:
        say(screen.app, f"{pane.lane} has no answer text to go on from; r asks again")
    elif affordable(screen, [pane.lane], turn.prompt + said.text, again=True):
        run = screen.session.go_on(pane.lane)
        assert run is not None
        screen.begin(run)


def _at_limit(state: LaneState) -> bool:
    return state.ended is not None and state.ended.reason == "length"


def adopt(screen: CompareScreen, pane: LanePane) -> None:
    """This lane's answer is what every lane goes on with."""
    if (said := screen.session.adopt(pane.lane)) is None:
        say(screen.app, f"{pane.lane} has no answer to carry on")
        return
    for other in screen.grid.panes:
        if other is not pane:
            _show_said(other, said)
    screen.wake()
    screen.keeper.remember(screen.session)
    say(screen.app, f"Every lane goes on with the answer of {said.lane}")


def _show_said(pane: LanePane, said: Said) -> None:
    pane.transcript.note(f"goes on with the answer of {said.lane}:")
    pane.transcript.append("text", said.text)
    pane.transcript.finish()


def mute(screen: CompareScreen, pane: LanePane) -> None:
    """Not asked until it is let in again; what it said stays."""
    muted = screen.session.muted
    muted ^= {pane.lane}
    screen.show_parameters()
    screen.keeper.remember(screen.session)
    say(screen.app, f"{pane.lane} is {'not asked' if pane.lane in muted else 'asked again'} from now on")


def fork_lane(screen: CompareScreen, pane: LanePane) -> None:
    """A second lane to the same model with the same conversation, to go another way."""
    session = screen.session
    if len(session.lanes) >= MOST_LANES:
        say(screen.app, f"There are {MOST_LANES} lanes already")
        return
    fork = session.fork_lane(pane.lane)
    at = [*session.lanes].index(pane.lane)
    spec = session.specs[at] if at < len(session.specs) else pane.lane.partition("#")[0]
    screen.run_worker(_add(screen, fork, pane.target, spec), group="lanes", exit_on_error=False)


async def _add(screen: CompareScreen, fork: str, target: Target, spec: str) -> None:
    session = screen.session
    await screen.set_lanes({**session.lanes, fork: target}, [*session.specs, spec])
    screen.keeper.remember(session)
    pane = next(pane for pane in screen.grid.panes if pane.lane == fork)
    redraw(screen, [pane])
    screen.set_focus(pane.transcript)


def answer_calls(screen: CompareScreen) -> None:
    """The results of the tool calls of the current pane's lane, by hand or by command."""
    from osstui.tui.screens.answering import answer

    if (pane := screen.grid.current) is not None:
        answer(screen, pane)


def edit(screen: CompareScreen, pane: LanePane) -> None:
    """The last prompt is the draft again, and its turn is taken back."""
    if not screen.session.turns:
        say(screen.app, "There is no prompt to edit yet")
    else:
        _edit_at(screen, len(screen.session.turns) - 1)


def _edit_at(screen: CompareScreen, position: int) -> None:
    prompt = screen.session.turns[position].typed
    screen.session.go_back(position)
    redraw(screen, screen.grid.panes)
    if screen.prompt.text.strip():
        say(screen.app, "Your draft is kept among the older prompts: Up brings it back")
    screen.prompt.edit_again(prompt)


def turns(screen: CompareScreen) -> None:
    """The turns of the conversation and the branches that were left, to go on from."""
    session = screen.session
    if screen.still_answering():
        return
    if not session.turns and not session.branches:
        say(screen.app, "There is no turn yet")
        return
    from osstui.tui.screens.turns import Choice, TurnsScreen

    def take(choice: Choice | None) -> None:
        match choice:
            case None:
                return
            case ("edit", position):
                _edit_at(screen, position)
                return
            case ("fork", position):
                session.go_back(position + 1)
            case ("branch", number):
                session.take_branch(number)
        redraw(screen, screen.grid.panes)
        screen.set_focus(screen.prompt)

    screen.app.push_screen(TurnsScreen(session.turns, session.branches), take)


def redraw(screen: CompareScreen, panes: Iterable[LanePane]) -> None:
    """The panes show the conversation as it is now."""
    for pane in panes:
        pane.clear()
        for turn in screen.session.shown_turns:
            part = turn.part(pane.lane)
            if part.run is not None:
                pane.follow(part.run, turn.prompt, part.exchange)
                pane.frame()
            if part.heard is not None:
                if part.run is None:
                    pane.transcript.begin_turn(turn.prompt)
                _show_said(pane, part.heard)
    screen.totals.update(screen.session)
    screen.wake()


def _in_pane(act: Callable[[CompareScreen, LanePane], None]) -> Callable[[CompareScreen], None]:
    def with_pane(screen: CompareScreen) -> None:
        if screen.still_answering() or (pane := screen.grid.current) is None:
            return
        if pane.lane in screen.session.lanes:
            act(screen, pane)
        else:
            say(screen.app, "This is a recording: Ctrl+N leaves it")

    return with_pane


ACTIONS: dict[str, Callable[[CompareScreen], None]] = {
    "parameters": parameters,
    "lane_parameters": lane_parameters,
    "regenerate": regenerate,
    "retry": retry,
    "retry_failed": retry_failed,
    "turns": turns,
    "go_on": _in_pane(go_on),
    "adopt": _in_pane(adopt),
    "mute": _in_pane(mute),
    "fork_lane": _in_pane(fork_lane),
    "edit": _in_pane(edit),
    "answer_calls": answer_calls,
}
