"""What the history tells, one class for each kind of line that a screen or a command shows, and its query."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

State = Literal["running", "done", "died"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run. `state` is `died` when its program ended before its answers did."""

    run: str
    conversation: str
    position: int
    """The turn's place in its conversation, from 0; a repeat for some lanes shares it."""
    started_at: str
    """RFC 3339, UTC."""
    prompt: str
    system: str | None
    state: State
    title: str
    """The conversation's, as are `pinned` and `tags`."""
    pinned: bool
    tags: tuple[str, ...]
    lanes: tuple[str, ...]
    cost_usd: float | None
    """The sum over the lanes whose cost is known; None when none is."""


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """`created` and `updated` are Unix time in seconds."""

    id: str
    title: str
    created: float
    updated: float
    pinned: bool
    tags: tuple[str, ...]
    turns: int
    lanes: tuple[str, ...]
    """Names of all lanes of its last run."""
    cost_usd: float | None


@dataclass(frozen=True, slots=True)
class Conversation:
    row: ConversationRow
    runs: tuple[RunRow, ...]
    """In order of turns; a repeat comes after what it repeats."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A run that holds the words looked for."""

    run: RunRow
    snippet: tuple[tuple[str, bool], ...]
    """Pieces of the place found, in order; true for the words themselves."""


def run_row(row: Sequence[Any]) -> RunRow:
    """Of a row of `RUNS`."""
    *plain, pinned, tags, lanes, cost = row
    run, conversation, position, started_at, prompt, system, state, title = plain
    return RunRow(
        run, conversation, position, started_at, prompt, system, state,
        title, bool(pinned), _names(tags), _names(lanes), cost,
    )  # fmt: skip


def conversation_row(row: Sequence[Any]) -> ConversationRow:
    """Of a row of `CONVERSATIONS`."""
    id, title, created, updated, pinned, tags, turns, lanes, cost = row
    return ConversationRow(
        id, title, created, updated, bool(pinned), _names(tags), turns, _names(lanes), cost
    )


def _names(as_json: str) -> tuple[str, ...]:
    return tuple(json.loads(as_json))


_LANES = "(SELECT json_group_array(lane) FROM (SELECT lane FROM lanes WHERE turn = {} ORDER BY position))"
_TAGS = """
(SELECT json_group_array(tag) FROM (SELECT tag FROM tags WHERE conversation = conversations.id ORDER BY tag))
"""
_RUN_COLUMNS = f"""
run, conversation, turns.position, started_at, turns.prompt, system, state, title, pinned,
{_TAGS}, {_LANES.format("turns.id")}, (SELECT sum(cost_usd) FROM lanes WHERE turn = turns.id)
"""  # noqa: S608 - no value is pasted, here and below
TURNS = "turns JOIN conversations ON conversations.id = conversation"
RUNS = f"SELECT {_RUN_COLUMNS} FROM {TURNS}"  # noqa: S608
_LAST_TURN = (
    "(SELECT id FROM turns WHERE conversation = conversations.id ORDER BY position DESC, id DESC LIMIT 1)"
)
NEWEST_RUN = "(SELECT max(id) FROM turns WHERE conversation = conversations.id)"
CONVERSATIONS = f"""
SELECT id, title, created, updated, pinned, {_TAGS},
    (SELECT count(DISTINCT position) FROM turns WHERE conversation = conversations.id),
    {_LANES.format(_LAST_TURN)},
    (SELECT sum(cost_usd) FROM lanes JOIN turns ON turns.id = turn WHERE conversation = conversations.id)
FROM conversations
"""  # noqa: S608
FOUND = f"""
SELECT snippet(found, -1, ?, ?, '…', 16), {_RUN_COLUMNS}
FROM found JOIN turns ON turns.id = found.rowid JOIN conversations ON conversations.id = turns.conversation
WHERE found MATCH ?
"""  # noqa: S608
