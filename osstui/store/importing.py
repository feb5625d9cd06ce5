"""Files of `--json`, `--jsonl` and `--record` into the history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from osstui.measure.document import VERSION
from osstui.store.history import History
from osstui.store.journal import Say, read_events
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
    tool_calls: list[dict[str, object]] = []
    tool_results: list[dict[str, str]] = []
    ttft_ms: float | None = None
    ttfa_ms: float | None = None
    output_tps: float | None = None
    e2e_ms: float | None = None
    tokens: dict[str, int | str | None] = {}
    cost_usd: float | None = None
    cost_source: str | None = None
    warnings: list[str] = []
    error: dict[str, str | float | None] | None = None
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


def import_file(history: History, path: Path, on_problem: Say) -> Imported:
    """Reads a file of event lines, or of one document. Raises ImportFileError, and HistoryError.

    Lanes without an ending are cut. Lines that can't be read are told and skipped.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ImportFileError(f"cannot read {path}: {error.strerror or error}") from error
    new, known = [], []
    for run, ops in _document(content, path) or _lines(content, path, on_problem):
        if history.has(run):
            known.append(run)
        else:
            history.add(ops)
            new.append(run)
    return Imported(tuple(new), tuple(known))


def _lines(content: bytes, path: Path, on_problem: Say) -> list[tuple[str, list[Op]]]:
    runs = []
    problems: list[str] = []
    for events in recordings(read_events(content.split(b"\n"), problems.append)):
        recorder = RunRecorder.again(events, Place(), owner=None)
        if recorder is not None:
            recorder.close(WHY)
            runs.append((events[0].run, recorder.flush()))
    if not runs:
        raise ImportFileError(f"{path} holds no run: neither a --json document nor event lines of osstui")
    for problem in problems:
        on_problem(f"{path}: {problem}")
    return runs


def _document(content: bytes, path: Path) -> list[tuple[str, list[Op]]] | None:
    """None when the file is no single JSON object with lanes."""
    try:
        plain = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not isinstance(plain, dict) or "lanes" not in plain or "event" in plain:
        return None
    try:
        run = msgspec.convert(plain, _Document)
    except msgspec.ValidationError as error:
        raise ImportFileError(f"{path} is no --json document of osstui: {error}") from error
    if run.v > VERSION:
        raise ImportFileError(f"{path} was written by a newer osstui (document version {run.v})")
    if len({lane.lane for lane in run.lanes}) < len(run.lanes):
        raise ImportFileError(f"{path} is no --json document of osstui: a lane's name stands there twice")
    return [(run.run_id, _rows(run, plain["lanes"]))]


def _rows(run: _Document, lanes: list[dict[str, Any]]) -> list[Op]:
    ops = run_begins(run.run_id, run.prompt, run.started_at, run.osstui, Place(), owner=None)
    for number, (lane, plain) in enumerate(zip(run.lanes, lanes, strict=True)):
        names = (lane.lane, lane.provider, lane.model, lane.model_id)
        ops.append(lane_begins(run.run_id, number, names, params=None, owner=None))
        ops.append(lane_over(run.run_id, plain, owner=None))
    ops.append(run_over(run.run_id, "done", owner=None))
    if (vote := run.vote) is not None:
        ops += cast([run.run_id], vote.lane, blind=vote.blind, when=vote.voted)
    return ops
