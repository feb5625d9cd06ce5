"""How the history screen writes what it lists: conversations, places found, and what stands in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from textual.content import Content

from osstui.measure.format import show
from osstui.safe_text import visible, visible_line
from osstui.store.statements import seconds

if TYPE_CHECKING:
    from osstui.store.history import History
    from osstui.store.rows import ConversationRow, Hit, RunRow

PAGE = 50
"""Conversations that are listed at once."""
MOST_FOUND = 100
"""Runs."""
TURNS_SHOWN = 4
"""Newest turns in a preview."""
LONGEST_TEXT = 700
"""Characters of an answer in a preview."""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list. `snippet` is where a word was found, if one was looked for."""

    id: str
    title: str
    updated: float
    turns: int | None
    lanes: tuple[str, ...]
    cost_usd: float | None
    pinned: bool
    tags: tuple[str, ...]
    snippet: tuple[tuple[str, bool], ...] = ()


def listed(history: History, offset: int = 0) -> list[Row]:
    """A page of conversations, newest first. Raises HistoryError."""
    return [_of_conversation(row) for row in history.conversations(PAGE, offset)]


def with_words(history: History, words: str) -> list[Row]:
    """Conversations that hold the words, each once, best first. Raises HistoryError."""
    rows: dict[str, Row] = {}
    for hit in history.search(words, MOST_FOUND):
        rows.setdefault(hit.run.conversation, _of_hit(hit))
    return list(rows.values())


def again(history: History, row: Row) -> Row:
    """The row as it stands now. Raises HistoryError."""
    now = _of_conversation(history.conversation(row.id).row)
    return Row(now.id, now.title, now.updated, now.turns, now.lanes, now.cost_usd, now.pinned, now.tags,
               row.snippet)  # fmt: skip


def _of_conversation(row: ConversationRow) -> Row:
    return Row(row.id, row.title, row.updated, row.turns, row.lanes, row.cost_usd, row.pinned, row.tags)


def _of_hit(hit: Hit) -> Row:
    run = hit.run
    when = seconds(run.started_at)
    return Row(run.conversation, run.title, when, None, run.lanes, run.cost_usd, run.pinned, run.tags,
               hit.snippet)  # fmt: skip


def line_of(row: Row) -> Content:
    """Two lines: what it is called, and where the word stands or what is known of it."""
    head = Content.assemble(
        ("◆ " if row.pinned else "", "$warning"),
        (visible_line(row.title, 120) or "(no title)", "bold"),
        *((f" #{visible_line(tag, 30)}", "$accent") for tag in row.tags),
    )
    if row.snippet:
        return Content("\n").join([head, _snippet(row.snippet)])
    facts = [_when(row.updated)]
    if row.turns is not None and row.turns > 1:
        facts.append(f"{row.turns} turns")
    if row.cost_usd is not None:
        facts.append(show(row.cost_usd, "$"))
    facts.append(visible_line(", ".join(row.lanes), 120))
    return Content("\n").join([head, Content.styled(" · ".join(facts), "$secondary")])


def _snippet(pieces: Iterable[tuple[str, bool]]) -> Content:
    return Content.assemble(
        *(
            (visible(text.replace("\r", " ").replace("\n", " ")), "bold $accent" if hit else "$secondary")
            for text, hit in pieces
        )
    )


def _when(seconds: float) -> str:
    """In the local time zone."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "?"


def preview(history: History, id: str) -> Content:
    """The newest turns, each with the beginnings of its answers. For a thread. Raises HistoryError."""
    conversation = history.conversation(id)
    runs = conversation.runs[-TURNS_SHOWN:]
    left_out = len(conversation.runs) - len(runs)
    parts = [Content.styled(f"… {left_out} earlier", "$secondary")] if left_out else []
    for run in runs:
        parts += _turn(run, history.document(run.run)["lanes"])
    return Content("\n").join(parts)


def _turn(run: RunRow, lanes: Sequence[dict[str, Any]]) -> list[Content]:
    parts = [Content.styled(f"❯ {_short(run.prompt)}", "bold $primary")]
    for lane in lanes:
        status = "" if lane["status"] == "ok" else f" · {lane['status']}"
        facts = [show(lane.get("ttft_ms"), "ms"), show(lane.get("output_tps"), "tok/s")]
        parts.append(
            Content.assemble(
                (visible_line(lane["lane"], 40), "bold"),
                (visible_line(status), "$warning"),
                (" · " + " · ".join(facts), "$secondary"),
            )
        )
        why = (lane.get("error") or {}).get("message", "")
        parts.append(Content(_short(lane.get("text") or why or "")))
    return [*parts, Content("")]


def _short(text: str) -> str:
    return visible(text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…")
