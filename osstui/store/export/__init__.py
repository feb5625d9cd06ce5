"""A run as a file, in one of several formats: each a module here with a `write`, and a row below."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from osstui.measure.document import document
from osstui.measure.run import RunState
from osstui.store.history import History


class ExportError(Exception):
    """The run can't be written so; the message is one line that says why."""


@dataclass(frozen=True, slots=True)
class Past:
    """A run as far as it is known: a run that was imported as a document has no events."""

    document: dict[str, Any]
    state: RunState | None = None
    lines: list[bytes] | None = None

    @property
    def lanes(self) -> list[dict[str, Any]]:
        lanes: list[dict[str, Any]] = self.document["lanes"]
        return lanes


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    title: str
    module: str
    is_json: bool = False


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("md", "Markdown with the numbers as YAML front matter", "markdown"),
        Format("json", "the --json document", "plain_json", is_json=True),
        Format("jsonl", "event lines as they came", "event_lines", is_json=True),
        Format("csv", "every number, a row for each lane", "metrics_table"),
        Format("html", "one page with all answers side by side", "page"),
    )
}


def past(history: History, run: str) -> Past:
    """A run of the history, with the vote on it where there is one. Raises HistoryError."""
    lines = history.lines(run)
    vote = next(iter(history.votes(run)), None)
    judged = {"vote": vote.plain} if vote is not None else {}
    if not lines:
        return Past(history.document(run) | judged)
    state = history.open(run)
    return Past(document(state, unfinished="cut") | judged, state, lines)


def export(run: Past, format: str) -> bytes:
    """The file's bytes, UTF-8. The texts of a run come out of it as they came in. Raises ExportError."""
    module = import_module(f"{__name__}.{FORMATS[format].module}")
    written: str = module.write(run)
    return written.encode("utf-8", "replace")
