"""A run or a conversation as a file, in one of several formats: each a module here with a `write` for the one
and a `write_all` for the other, and a row below."""

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
class PastConversation:
    """A conversation, its runs in the order of its turns; one that asks again follows what it repeats."""

    id: str
    title: str
    pinned: bool
    tags: tuple[str, ...]
    runs: tuple[tuple[int, Past], ...]
    """Each with the number of its turn, from 1."""

    @property
    def head(self) -> dict[str, Any]:
        """What is known of it besides its runs."""
        return {"conversation": self.id, "title": self.title, "tags": [*self.tags], "pinned": self.pinned}


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


def past_conversation(history: History, name: str) -> PastConversation:
    """The conversation of that id, or of that run. Raises HistoryError."""
    found = history.conversation(name)
    runs = tuple((row.position + 1, past(history, row.run)) for row in found.runs)
    return PastConversation(found.row.id, found.row.title, found.row.pinned, found.row.tags, runs)


def export(what: Past | PastConversation, format: str) -> bytes:
    """The file's bytes, UTF-8. The texts of a run come out of it as they came in. Raises ExportError."""
    module = import_module(f"{__name__}.{FORMATS[format].module}")
    written: str = module.write_all(what) if isinstance(what, PastConversation) else module.write(what)
    return written.encode("utf-8", "replace")


def told_vote(document: dict[str, Any]) -> str | None:
    """The user's vote on a run, for people; None where there is none."""
    if (vote := document.get("vote")) is None:
        return None
    return f"Your vote: {vote['lane'] or 'a draw'}{', blind' if vote['blind'] else ''}"
