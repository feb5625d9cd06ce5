"""How the history screen writes what it lists: conversations, places found, and what stands in one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
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
MOST_FOUND = 200
"""Runs."""
TURNS_SHOWN = 4
"""Newest runs in a preview."""
LEAD = 12
"""Characters before the word that was found."""
LONGEST_TEXT = 700
"""Characters of an answer in a preview."""


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation in the list."""

    id: str
    title: str
    updated: float
    turns: int | None
    lanes: tuple[str, ...]
    cost_usd: float | None
    pinned: bool
    tags: tuple[str, ...]
    found_in: str | None = None
    """The run that holds the words looked for, if any were."""
    snippet: tuple[tuple[str, bool], ...] = ()
    """The place where they stand."""


def listed(history: History, offset: int = 0, limit: int = PAGE) -> list[Row]:
    """A page of conversations: pinned ones first, else newest first. Raises HistoryError."""
    return [_of_conversation(row) for row in history.conversations(limit, offset)]


def holding(history: History, typed: str) -> tuple[list[Row], bool]:
    """Conversations that hold the words, each once, best first, and whether these are all; `#word` asks for
    a tag that begins so. Raises HistoryError."""
    tags = [word[1:].casefold() for word in typed.split() if len(word) > 1 and word[0] == "#"]
    words = " ".join(word for word in typed.split(" ") if word[:1] != "#") if "#" in typed else typed
    if words.strip():
        rows: dict[str, Row] = {}
        hits = history.search(words, MOST_FOUND)
        for hit in hits:
            rows.setdefault(hit.run.conversation, _of_hit(hit))
        return [row for row in rows.values() if _bears(row.tags, tags)], len(hits) < MOST_FOUND
    if not tags:
        return [], True
    wanted = [tag for tag, _ in history.tags() if tag.casefold().startswith(tags[0])]
    some = [row for tag in wanted for row in history.conversations(None, tag=tag) if _bears(row.tags, tags)]
    some.sort(key=lambda row: (row.pinned, row.updated), reverse=True)
    return [_of_conversation(row) for row in {row.id: row for row in some}.values()], True


def _bears(tags: Iterable[str], wanted: Iterable[str]) -> bool:
    folded = [tag.casefold() for tag in tags]
    return all(any(tag.startswith(start) for tag in folded) for start in wanted)


def run_of(history: History, row: Row) -> str:
    """The run that holds the words looked for, else the newest one. Raises HistoryError."""
    return row.found_in or history.conversation(row.id).runs[-1].run


def as_it_stands(history: History, row: Row) -> Row:
    """The row as it stands now. Raises HistoryError."""
    stands = _of_conversation(history.conversation(row.id).row)
    return replace(stands, found_in=row.found_in, snippet=row.snippet)


def _of_conversation(row: ConversationRow) -> Row:
    return Row(row.id, row.title, row.updated, row.turns, row.lanes, row.cost_usd, row.pinned, row.tags)


def _of_hit(hit: Hit) -> Row:
    run = hit.run
    when = seconds(run.started_at)
    return Row(
        run.conversation, run.title, when, None, run.lanes, run.cost_usd, run.pinned, run.tags, run.run,
        hit.snippet,
    )  # fmt: skip


def line_of(row: Row) -> Content:
    """Two lines: what it is called, and where the word stands or what is known of it."""
    head = Content.assemble(
        ("◆ " if row.pinned else "", "$warning"),
        (visible_line(row.title, 120) or "(no title)", "bold"),
        *((f" #{visible_line(tag, 30)}", "$accent") for tag in row.tags),
    )
    if row.snippet:
        return Content("\n").join([head, _snippet(row)])
    facts = [_when(row.updated)]
    if row.turns is not None and row.turns > 1:
        facts.append(f"{row.turns} turns")
    if row.cost_usd is not None:
        facts.append(show(row.cost_usd, "$"))
    facts.append(visible_line(", ".join(row.lanes), 120))
    return Content("\n").join([head, Content.styled(" · ".join(facts), "$secondary")])


def _snippet(row: Row) -> Content:
    """Begins shortly before the word: the line may be too long for the list."""
    pieces = [(visible(re.sub(r"\s+", " ", text)), hit) for text, hit in row.snippet]
    before, hit = pieces[0]
    if not hit and len(pieces) > 1 and len(before) > LEAD:
        pieces[0] = (f"…{before[-LEAD:]}", hit)
    return Content.assemble(
        (f"{_when(row.updated)} · ", "$secondary"),
        *((text, "bold $accent" if hit else "$secondary") for text, hit in pieces),
    )


def _when(seconds: float) -> str:
    """In the local time zone."""
    try:
        return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError, OSError):
        return "?"


def preview(history: History, row: Row) -> Content:
    """The newest turns, or the one where the words were found, each with the beginnings of its answers.

    For a thread. Raises HistoryError.
    """
    runs = history.conversation(row.id).runs
    there = [at for at, run in enumerate(runs) if run.run == row.found_in]
    begin = there[0] if there else max(0, len(runs) - TURNS_SHOWN)
    shown = runs[begin : begin + TURNS_SHOWN]
    parts = [_left_out(begin, "earlier")]
    for run in shown:
        parts += _turn(run, history.answers(run.run))
    parts.append(_left_out(len(runs) - begin - len(shown), "later"))
    return Content("\n").join(part for part in parts if part is not None)


def _left_out(count: int, where: str) -> Content | None:
    return Content.styled(f"… {count} {where}", "$secondary") if count else None


def _turn(run: RunRow, lanes: Sequence[dict[str, Any]]) -> list[Content | None]:
    parts: list[Content | None] = [Content.styled(f"❯ {_short(run.prompt)}", "bold $primary")]
    for lane in lanes:
        status = "" if lane["status"] == "ok" else f" · {visible_line(lane['status'])}"
        facts = [show(lane.get("ttft_ms"), "ms"), show(lane.get("output_tps"), "tok/s")]
        parts.append(
            Content.assemble(
                (visible_line(lane["lane"], 40), "bold"),
                (status, "$warning"),
                (" · " + " · ".join(facts), "$secondary"),
            )
        )
        why = (lane.get("error") or {}).get("message", "")
        parts.append(Content(_short(lane.get("text") or why or "")))
    if not lanes:
        parts.append(Content.styled("still being answered", "$secondary"))
    return [*parts, Content("")]


def _short(text: str) -> str:
    return visible(text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…")
