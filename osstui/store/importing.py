"""Files of `--json`, `--jsonl` and `--record` into the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Literal

import msgspec

from osstui.measure.document import VERSION
from osstui.store.history import History
from osstui.store.journal import Problems, Say, read_events
from osstui.store.recorder import RunRecorder
from osstui.store.replay import recordings
from osstui.store.statements import Op, Place, lane_begins, lane_over, run_begins, run_over
from osstui.store.votes import cast

WHY = "the file ends before this answer does"


class ImportFileError(Exception):
    """The file is nothing that osstui has written; the message is one line that names it and says why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Ids of runs, in the file's order."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    """Already in the history, and left as they are."""


_Ms = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=10**15)]


class _Tokens(msgspec.Struct):
    input: _Count | None = None
    output: _Count | None = None
    reasoning: _Count | None = None
    cached: _Count | None = None
    source: Literal["reported", "counted", "estimated"] | None = None


class _Error(msgspec.Struct):
    kind: str
    message: str
    status: int | None = None
    retry_after_s: float | None = None


class _Call(msgspec.Struct):
    name: str
    arguments: str
    id: str | None = None


class _Result(msgspec.Struct):
    name: str
    arguments: str
    result: str


class _Lane(msgspec.Struct):
    """What must stand in a document's lane, and of which type; more is kept as it is."""

    lane: str
    provider: str
    model: str
    model_id: str
    status: Literal["ok", "cut", "failed", "cancelled"]
    finish_reason: str | None = None
    text: str = ""
    reasoning: str = ""
    tool_text: str | None = None
    tool_calls: list[_Call] = []
    tool_results: list[_Result] = []
    ttft_ms: _Ms | None = None
    ttfa_ms: _Ms | None = None
    output_tps: Annotated[float, msgspec.Meta(ge=0, le=1e9)] | None = None
    e2e_ms: _Ms | None = None
    tokens: _Tokens = msgspec.field(default_factory=_Tokens)
    cost_usd: Annotated[float, msgspec.Meta(ge=0, le=1e12)] | None = None
    cost_source: str | None = None
    attempts: Annotated[int, msgspec.Meta(ge=0, le=10**6)] = 1
    simulated: bool = False
    warnings: list[str] = []
    error: _Error | None = None
    missing: dict[str, str] = {}


class _Vote(msgspec.Struct):
    lane: str | None
    blind: bool
    voted: float


class _Document(msgspec.Struct):
    v: int
    run_id: str
    started_at: str
    prompt: str
    osstui: str
    lanes: list[_Lane]
    vote: _Vote | None = None
    turn: Annotated[int, msgspec.Meta(ge=1, le=10**9)] = 1
    """Within a conversation."""


class _Conversation(msgspec.Struct):
    v: int
    conversation: str
    title: str
    runs: list[_Document]
    tags: list[str] = []
    pinned: bool = False


def import_file(history: History, path: Path, on_problem: Say) -> Imported:
    """Reads a file of event lines, of one document, or of a conversation. Raises ImportFileError and
    HistoryError.

    Lanes without an ending are cut. Lines that can't be read are told and skipped.
    """
    problems = Problems(lambda problem: on_problem(f"{path}: {problem}"))
    new: list[str] = []
    known: list[str] = []
    try:
        with path.open("rb") as file:
            for run, ops in _runs(file, path, problems):
                if history.has(run):
                    known.append(run)
                else:
                    history.add(ops)
                    new.append(run)
    except OSError as error:
        raise ImportFileError(f"cannot read {path}: {error.strerror or error}") from error
    if not (new or known):
        raise ImportFileError(f"{path} holds no run: neither a --json document nor event lines of osstui")
    problems.tell()
    return Imported(tuple(new), tuple(known))


def _runs(file: BinaryIO, path: Path, problems: Problems) -> Iterator[tuple[str, list[Op]]]:
    """Run after run. A file of event lines, which may be larger than memory, is never read whole."""
    first = file.readline()
    file.seek(0)
    if b'"event"' not in first and (runs := _document(file.read(), path)) is not None:
        yield from runs
        return
    file.seek(0)
    for events in recordings(read_events(file, problems)):
        recorder = RunRecorder.again(events, Place(), owner=None)
        if recorder is not None:
            recorder.close(WHY)
            try:
                ops = recorder.flush()
            except ValueError as error:
                raise ImportFileError(f"{path}: run {events[0].run} can't be: {error}") from error
            yield events[0].run, ops


def _document(content: bytes, path: Path) -> list[tuple[str, list[Op]]] | None:
    """None when the file is no single JSON object with lanes or runs."""
    try:
        plain = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(plain, dict) or "event" in plain or not plain.keys() & {"lanes", "runs"}:
        return None
    try:
        if "lanes" in plain:
            runs, place = [msgspec.convert(plain, _Document)], None
        else:
            place = msgspec.convert(plain, _Conversation)
            runs = place.runs
    except msgspec.ValidationError as error:
        raise ImportFileError(f"{path} is no --json document of osstui: {error}") from error
    if (newest := max([run.v for run in runs], default=0)) > VERSION:
        raise ImportFileError(f"{path} was written by a newer osstui (document version {newest})")
    if any(len({lane.lane for lane in run.lanes}) < len(run.lanes) for run in runs):
        raise ImportFileError(f"{path} is no --json document of osstui: a lane's name stands there twice")
    if place is None:
        return [(runs[0].run_id, _rows(runs[0], plain["lanes"], Place()))]
    return [
        (run.run_id, _rows(run, as_is["lanes"], Place(place.conversation, run.turn - 1)) + _named(place, run))
        for run, as_is in zip(runs, plain["runs"], strict=True)
    ]


def _rows(run: _Document, lanes: list[dict[str, Any]], place: Place) -> list[Op]:
    ops = run_begins(run.run_id, run.prompt, run.started_at, run.osstui, place, owner=None)
    for number, (lane, plain) in enumerate(zip(run.lanes, lanes, strict=True)):
        names = (lane.lane, lane.provider, lane.model, lane.model_id)
        ops.append(lane_begins(run.run_id, number, names, params=None, owner=None))
        ops.append(lane_over(run.run_id, plain, owner=None))
    ops.append(run_over(run.run_id, "done", owner=None))
    if (vote := run.vote) is not None:
        ops += cast([run.run_id], vote.lane, blind=vote.blind, when=vote.voted)
    return ops


def _named(place: _Conversation, run: _Document) -> list[Op]:
    """Title, pin and tags, with the first run that comes in: a conversation that is here keeps its own."""
    id = place.conversation
    name = (_NAME, (place.title, int(place.pinned), id, id, run.run_id))
    return [name, *((_TAG, (tag, id, id, run.run_id)) for tag in place.tags)]


_ALONE = "NOT EXISTS (SELECT 1 FROM turns WHERE conversation = ? AND run <> ?)"
_NAME = f"UPDATE conversations SET title = ?, pinned = ? WHERE id = ? AND {_ALONE}"  # noqa: S608
_TAG = f"INSERT OR IGNORE INTO tags (tag, conversation) SELECT ?, ? WHERE {_ALONE}"
