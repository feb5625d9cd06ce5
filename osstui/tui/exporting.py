"""From the app into files: a turn, the runs of a conversation in each format, the screen as a picture."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from osstui.measure.document import document
from osstui.store.export import FORMATS, ExportError, Past, export, past
from osstui.store.schema import HistoryError
from osstui.tui.files import file_stem, write_new
from osstui.tui.say import LONG, say
from osstui.tui.screens.ask import ChoiceScreen

if TYPE_CHECKING:
    from textual.app import App

    from osstui.measure.run import RunState
    from osstui.store.history import History
    from osstui.tui.app import OsstuiApp
    from osstui.tui.keeping import Keeper

_REMOTE_FONT = re.compile(r',?\s*url\("https?:[^"]*"\)\s*format\("[^"]*"\)')


async def export_turn(app: OsstuiApp) -> None:
    """The last turn in the format that is chosen, or the screen as it was before the choice."""
    turn = app.session.turn
    if turn is None:
        say(app, "There is nothing to export yet")
        return
    choices = formats() | {"svg": "a picture of the screen"}
    name = await app.push_screen_wait(ChoiceScreen("Export the last turn as", choices))
    if name == "svg":
        app.call_after_refresh(export_picture, app)
    elif name is not None:
        runs = dict.fromkeys(turn.runs.values())
        states, stem = [run.state for run in runs], file_stem(turn.prompt[:100])
        try:
            pasts = await asyncio.to_thread(_pasts, app.keeper, states)
            paths = await asyncio.to_thread(run_files, pasts, stem, name, Path.cwd())
            say(app, told(paths), timeout=LONG)
        except (HistoryError, OSError, ValueError) as error:
            say(app, f"cannot export: {error}", "error", timeout=LONG)


def _pasts(keeper: Keeper, states: Sequence[RunState]) -> list[Past]:
    """In a thread. With event lines where the history has them."""
    history = keeper.history()
    kept = [history.lines(s.run) if history is not None and history.has(s.run) else None for s in states]
    return [
        Past(document(state, unfinished="cut"), state, lines)
        for state, lines in zip(states, kept, strict=True)
    ]


def export_picture(app: App[None]) -> None:
    """The screen, exactly what it shows."""
    try:
        content = svg(app).encode("utf-8", "replace")
        say(app, told([write_new(Path.cwd(), "osstui-screen", "svg", content)]), timeout=LONG)
    except OSError as error:
        say(app, f"cannot write a picture: {error}", "error", timeout=LONG)


class NotWrittenError(ValueError):
    """One line that says why there is no file."""


def formats() -> dict[str, str]:
    """Name and title of each format."""
    return {name: format.title for name, format in FORMATS.items()}


def conversation_files(history: History, id: str, format: str, folder: Path) -> list[Path]:
    """A file for each run, oldest first. Raises HistoryError, NotWrittenError and OSError; what was
    written by then stays."""
    conversation = history.conversation(id)
    stem = file_stem(conversation.row.title)
    return run_files([past(history, run.run) for run in conversation.runs], stem, format, folder)


def run_files(runs: Sequence[Past], stem: str, format: str, folder: Path) -> list[Path]:
    """The same for runs that are already open."""
    try:
        return [write_new(folder, stem, format, export(run, format)) for run in runs]
    except ExportError as error:
        raise NotWrittenError(str(error)) from error


def svg(app: App[None]) -> str:
    """The screen; nothing in the picture is loaded from elsewhere."""
    return _REMOTE_FONT.sub("", app.export_screenshot(title="osstui"))


def told(paths: Sequence[Path]) -> str:
    """Where the files are, on one line."""
    if not paths:
        return "There is nothing to export"
    names = paths[0].name if len(paths) == 1 else f"{len(paths)} files, {paths[0].name} to {paths[-1].name},"
    return f"Written: {names} in {paths[0].parent}"
