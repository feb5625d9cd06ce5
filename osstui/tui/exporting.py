"""From the app into files: past runs in each format, and the screen as a picture."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osstui.store.export import FORMATS, ExportError, Past, export, past
from osstui.tui.files import file_stem, write_new

if TYPE_CHECKING:
    from textual.app import App

    from osstui.store.history import History

_REMOTE_FONT = re.compile(r',?\s*url\("https?:[^"]*"\)\s*format\("[^"]*"\)')


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


def picture(app: App[Any], stem: str, folder: Path) -> Path:
    """A file with the screen, exactly what it shows. Raises OSError."""
    return write_new(folder, stem, "svg", svg(app).encode("utf-8", "replace"))


def svg(app: App[Any]) -> str:
    """The screen; nothing in the picture is loaded from elsewhere."""
    return _REMOTE_FONT.sub("", app.export_screenshot(title="osstui"))


def told(paths: Sequence[Path]) -> str:
    """Where the files are, on one line."""
    if not paths:
        return "There is nothing to export"
    names = paths[0].name if len(paths) == 1 else f"{len(paths)} files, {paths[0].name} to {paths[-1].name},"
    return f"Written: {names} in {paths[0].parent}"
