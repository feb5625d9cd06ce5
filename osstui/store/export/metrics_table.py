"""Every number of a run as CSV, a row for each lane (RFC 4180). Unknown is an empty cell.

No text of a model or a server is in it: a spreadsheet would take one that begins with = for a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from osstui.measure.format import Unit
from osstui.measure.metrics import METRICS, Metric
from osstui.measure.run import LaneState
from osstui.store.export import ExportError, Past, PastConversation

_SUFFIX: dict[Unit, str] = {"ms": "_ms", "tok/s": "_tps", "$": "_usd", "count": "", "tok/chunk": ""}
_RUN = ("run_id", "started_at")
_LANE = ("lane", "provider", "model", "model_id", "status", "finish_reason")


def write(past: Past) -> str:
    return _table([past])


def write_all(whole: PastConversation) -> str:
    return _table([run for _, run in whole.runs])


def _table(runs: Sequence[Past]) -> str:
    known = [(run, run.state) for run in runs if run.state is not None]
    if not known:
        raise ExportError("this run has no events, for it was imported as a document; export it as json")
    out = StringIO()
    table = csv.writer(out)
    table.writerow([*_RUN, *_LANE, "vote", *map(column, METRICS)])
    for run, state in known:
        head = [_plain(run.document[key]) for key in _RUN]
        for lane, numbers in zip(run.lanes, state.lanes.values(), strict=True):
            facts = [_plain(lane[key]) for key in _LANE]
            table.writerow([*head, *facts, _vote(run, lane), *(_cell(metric, numbers) for metric in METRICS)])
    return out.getvalue()


def _vote(run: Past, lane: dict[str, Any]) -> str | None:
    """Of a lane that could be voted for: won, lost, or draw."""
    vote = run.document.get("vote")
    if vote is None or not lane["text"]:
        return None
    return "draw" if vote["lane"] is None else "won" if vote["lane"] == lane["lane"] else "lost"


def _plain(text: str | None) -> str | None:
    """What a spreadsheet takes for text, too: a name may come from a file that somebody else has made."""
    return f"'{text}" if text and text[0] in "=+-@\t\r" else text


def column(metric: Metric) -> str:
    """`ttft_ms`, `speed_tps`, `cost_usd`, `chunks`."""
    return metric.key + _SUFFIX[metric.unit]


def _cell(metric: Metric, lane: LaneState) -> float | None:
    return metric.value(lane)
