"""From the app into files: a turn, the runs of a conversation in each format, the screen as a picture."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from osstui.measure.document import document
from osstui.store.export import FORMATS, ExportError, Past, PastConversation, export, past, past_conversation
from osstui.store.schema import HistoryError
from osstui.store.statements import title_of
from osstui.tui.files import file_stem, write_new
from osstui.tui.say import LONG, say
from osstui.tui.screens.ask import ChoiceScreen

if TYPE_CHECKING:
    from textual.app import App

    from osstui.conversation.keeping import Keeper
    from osstui.conversation.turn import Turn
    from osstui.measure.run import RunState
    from osstui.store.history import History
    from osstui.tui.screens.compare import CompareScreen

_REMOTE_FONT = re.compile(r',?\s*url\("https?:[^"]*"\)\s*format\("[^"]*"\)')


async def export_turns(screen: CompareScreen) -> None:
    """The last turn or all turns in the format that is chosen, or the screen as it was before the choice."""
    app, session = screen.app, screen.session
    if session.turn is None:
        say(app, "There is nothing to export yet")
        return
    choices, turns = formats() | {"svg": "a picture of the screen"}, [session.turn]
    if len(session.turns) > 1:
        choices |= {"all": f"the whole conversation of {len(session.turns)} turns…"}
    name = await app.push_screen_wait(ChoiceScreen("Export the last turn as", choices))
    if name == "all":
        turns = [*session.turns]
        name = await app.push_screen_wait(ChoiceScreen("Export the whole conversation as", formats()))
    if name == "svg":
        app.call_after_refresh(export_picture, app)
    elif name is not None:
        try:
            file = await asyncio.to_thread(_turns_file, screen.keeper, session.conversation, turns, name)
            say(app, told(file), timeout=LONG)
        except (HistoryError, OSError, ValueError) as error:
            say(app, f"cannot export: {error}", "error", timeout=LONG)


def _turns_file(keeper: Keeper, conversation: str, turns: Sequence[Turn], format: str) -> Path:
    """What the panes show of one turn, or of all. In a thread; event lines and votes come out of the history,
    where one is kept."""
    history = keeper.history()
    runs = [
        (number, _known(history, run.state))
        for number, turn in enumerate(turns, 1)
        for run in dict.fromkeys(turn.runs.values())
    ]
    title = turns[0].prompt
    alone = runs[0][1] if len(runs) == 1 else None
    whole = PastConversation(conversation, title_of(title), False, (), tuple(runs))
    return _file(alone or whole, title, format, Path.cwd())


def _known(history: History | None, state: RunState) -> Past:
    if history is not None and history.has(state.run):
        return past(history, state.run)
    return Past(document(state, unfinished="cut"), state)


def export_picture(app: App[None]) -> None:
    """The screen, exactly what it shows."""
    try:
        content = svg(app).encode("utf-8", "replace")
        say(app, told(write_new(Path.cwd(), "osstui-screen", "svg", content)), timeout=LONG)
    except OSError as error:
        say(app, f"cannot write a picture: {error}", "error", timeout=LONG)


class NotWrittenError(ValueError):
    """One line that says why there is no file."""


def formats() -> dict[str, str]:
    """Name and title of each format."""
    return {name: format.title for name, format in FORMATS.items()}


def conversation_file(history: History, id: str, format: str, folder: Path) -> Path:
    """A conversation of the history. Raises HistoryError, NotWrittenError and OSError."""
    whole = past_conversation(history, id)
    return _file(whole, whole.title, format, folder)


def _file(what: Past | PastConversation, title: str, format: str, folder: Path) -> Path:
    try:
        return write_new(folder, file_stem(title[:100]), format, export(what, format))
    except ExportError as error:
        raise NotWrittenError(str(error)) from error


def svg(app: App[None]) -> str:
    """The screen; nothing in the picture is loaded from elsewhere."""
    return _REMOTE_FONT.sub("", app.export_screenshot(title="osstui"))


def told(path: Path) -> str:
    """Where the file is, on one line."""
    return f"Written: {path.name} in {path.parent}"
