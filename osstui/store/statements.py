"""The rows of a run, as statements that work only while the run is running and belongs to `owner`."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from osstui.job import Params
from osstui.store.rows import State

Value = str | int | float | bytes | None
Op = tuple[str, tuple[Value, ...]]
"""A statement and its values."""

TEXTS = ("text", "reasoning", "tool_text")
"""Keys of a lane's document that have a column of their own."""
TITLE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run belongs. By default it is the next turn of a conversation that bears the run's own id."""

    conversation: str | None = None
    position: int | None = None
    """A run that repeats a turn for some of its lanes takes that turn's position."""
    system: str | None = None
    talk: str | None = None
    """What the app needs to go on from here beside the runs: its own JSON."""


def run_begins(
    run: str, prompt: str, started_at: str, osstui: str, place: Place, owner: str | None
) -> list[Op]:
    """The rows of a run. One that is already there stays as it is."""
    when, conversation = seconds(started_at), place.conversation or run
    facts = (prompt, place.system, place.talk, when, started_at, osstui, owner)
    return [
        (_CONVERSATION, (conversation, title_of(prompt), when, when)),
        (_TURN, (run, conversation, place.position, conversation, *facts)),
    ]


def lane_begins(
    run: str, number: int, names: tuple[str, ...], params: Params | None, owner: str | None
) -> Op:
    """The row of a lane; `names` are those of lane, provider, model, and the host's of the model."""
    told = None if params is None else msgspec.json.encode(params).decode()
    return _LANE, (number, *names, told, run, owner)


def lane_over(run: str, lane: dict[str, Any], owner: str | None) -> Op:
    """The row of a lane that has ended, from its part of the document. Raises ValueError for an infinite
    number."""
    rest = {key: value for key, value in lane.items() if key not in TEXTS}
    texts = [lane.get(key) for key in TEXTS]
    told = json.dumps(rest, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    values = (lane["status"], lane.get("finish_reason"), *texts, lane.get("cost_usd"), told)
    return _LANE_OVER, (*values, lane["lane"], run, owner)


def add_block(run: str, seq: int, block: bytes, owner: str | None) -> Op:
    """The next block of the run's event lines."""
    return _BLOCK, (seq, block, run, owner)


def run_over(run: str, state: State, owner: str | None) -> Op:
    """From now on the run's rows don't change."""
    return _RUN_OVER, (state, run, owner)


def talk_changed(conversation: str, talk: str | None) -> Op:
    """What is kept beside the newest run of a conversation."""
    return _TALK, (talk, conversation)


def talk_without(talk: str, run: str) -> str | None:
    """What is kept beside a run without what it holds of another one: a prompt as it was typed, an answer
    that other lanes went on with. None where it can't be read."""
    try:
        plain = json.loads(talk)
        turns = []
        for turn in plain["turns"]:
            runs = {lane: id for lane, id in turn["runs"].items() if id != run}
            gone = turn["runs"].keys() - runs.keys()
            heard = {lane: said for lane, said in turn.get("heard", {}).items() if said[0] not in gone}
            if runs:
                turns.append(turn | {"runs": runs, "heard": heard})
        return json.dumps(plain | {"turns": turns}, ensure_ascii=False)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None


def title_of(prompt: str) -> str:
    """The prompt's first line, as a name for its conversation."""
    lines = prompt.strip().splitlines()
    return lines[0][:TITLE_LENGTH] if lines else ""


def seconds(started_at: str) -> float:
    """Unix time of an RFC 3339 stamp; now, where it is none."""
    try:
        return datetime.fromisoformat(started_at).timestamp()
    except (ValueError, OverflowError):
        return time.time()


_CONVERSATION = """
INSERT INTO conversations (id, title, created, updated) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET updated = max(updated, excluded.updated)
"""
_TURN = """
INSERT INTO turns
    (run, conversation, position, prompt, system, talk, started, started_at, osstui, state, owner)
VALUES (?, ?,
    coalesce(?, (SELECT max(position) + 1 FROM turns WHERE conversation = ?), 0),
    ?, ?, ?, ?, ?, ?, 'running', ?)
ON CONFLICT (run) DO NOTHING
"""
_OURS = "FROM turns WHERE run = ? AND owner IS ? AND state = 'running'"
_LANE = f"""
INSERT OR IGNORE INTO lanes (turn, position, lane, provider, model, model_id, params)
SELECT id, ?, ?, ?, ?, ?, ? {_OURS}
"""
_BLOCK = f"INSERT INTO events (turn, seq, block) SELECT id, ?, ? {_OURS}"
_LANE_OVER = f"""
UPDATE lanes SET status = ?, finish_reason = ?, text = ?, reasoning = ?, tool = ?, cost_usd = ?, document = ?
WHERE lane = ? AND turn = (SELECT id {_OURS})
"""  # noqa: S608
_RUN_OVER = "UPDATE turns SET state = ? WHERE run = ? AND owner IS ? AND state = 'running'"
_TALK = """
UPDATE turns SET talk = ?
WHERE id = (SELECT id FROM turns WHERE conversation = ? ORDER BY started DESC, id DESC LIMIT 1)
"""
