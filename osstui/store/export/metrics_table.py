"""Every number of a run as CSV, a row for each lane (RFC 4180). Unknown is an empty cell.

No text of a model or a server is in it: a spreadsheet would take one that begins with = for a formula.
"""

from __future__ import annotations

import csv
from io import StringIO

from osstui.measure.format import Unit
from osstui.measure.metrics import METRICS, Metric
from osstui.measure.run import LaneState
from osstui.store.export import ExportError, Past

_SUFFIX: dict[Unit, str] = {"ms": "_ms", "tok/s": "_tps", "$": "_usd", "count": "", "tok/chunk": ""}
_RUN = ("run_id", "started_at")
_LANE = ("lane", "provider", "model", "model_id", "status", "finish_reason")


def write(past: Past) -> str:
    if past.state is None:
        raise ExportError("this run has no events, for it was imported as a document; export it as json")
    out = StringIO()
    table = csv.writer(out)
    table.writerow([*_RUN, *_LANE, *map(column, METRICS)])
    head = [past.document[key] for key in _RUN]
    for lane, state in zip(past.lanes, past.state.lanes.values(), strict=True):
        table.writerow([*head, *(lane[key] for key in _LANE), *(_cell(metric, state) for metric in METRICS)])
    return out.getvalue()


def column(metric: Metric) -> str:
    """`ttft_ms`, `speed_tps`, `cost_usd`, `chunks`."""
    return metric.key + _SUFFIX[metric.unit]


def _cell(metric: Metric, lane: LaneState) -> float | None:
    return metric.value(lane)
