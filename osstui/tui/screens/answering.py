"""Answering the tool calls of a lane: who may be answered, with what, and how the lane goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from osstui.tools import ToolsError, call_problem, load_tools
from osstui.tui.say import say
from osstui.tui.screens.sending import affordable
from osstui.tui.screens.tool_answers import Asked, ToolAnswersScreen
from osstui.tui.wording_tools import MOST_CALLS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osstui.events import ToolCall
    from osstui.job import Tool
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.widgets.pane import LanePane


def answer(screen: CompareScreen, pane: LanePane) -> None:
    """Opens the screen in which the open calls of a lane are answered; the lane then goes on."""
    turn, state = screen.session.turn, pane.state
    calls = turn.open_calls(pane.lane) if turn is not None else []
    if turn is None or state is None or not calls:
        say(screen.app, f"{pane.lane} has called no tool that waits for an answer")
        return
    if len(calls) > MOST_CALLS:
        say(screen.app, f"{pane.lane} has called {len(calls):,} tools at once: r asks it again")
        return
    part = turn.part(pane.lane)
    part.results = drafts = part.results or [""] * len(calls)
    asked = _asked(screen, pane, calls, state.info.tools)

    def take(results: list[str] | None) -> None:
        if results is not None:
            _go_on(screen, pane, results)

    catalog = screen.session.catalog
    hidden = catalog.key_variables if catalog is not None else frozenset[str]()
    screen.app.push_screen(
        ToolAnswersScreen(screen.session.blind.called(pane.lane), asked, drafts, hidden), take
    )


def _asked(
    screen: CompareScreen, pane: LanePane, calls: Sequence[ToolCall], tools: Sequence[Tool]
) -> list[Asked]:
    """The calls, each with the command that the user's tools file names for it."""
    path = screen.session.profile_of(pane.lane).tools
    try:
        file = load_tools(path) if path is not None else None
    except ToolsError as problem:
        say(screen.app, f"{problem}; no command can be run", "warning")
        file = None
    return [
        Asked(
            call.name,
            call.arguments,
            call_problem(call.name, call.arguments, tools) if tools else None,
            file.commands.get(call.name, ()) if file is not None else (),
            file.folder if file is not None else None,
        )
        for call in calls
    ]


def _go_on(screen: CompareScreen, pane: LanePane, results: list[str]) -> None:
    """The lane with these results, if the budget allows; they are kept as drafts if not."""
    turn = screen.session.turn
    if turn is None or screen.session.live_run(pane.lane) is not None:
        return
    before = [message.content for message in turn.part(pane.lane).exchange]
    if not affordable(screen, [pane.lane], "\n".join([turn.prompt, *before, *results]), again=True):
        return
    try:
        run = screen.session.answer_calls(pane.lane, results)
    except ValueError as problem:
        say(screen.app, str(problem), "error")
        return
    if run is not None:
        screen.begin(run, run.job.lanes[0].exchange[-len(results) :])
        pane.transcript.focus()
