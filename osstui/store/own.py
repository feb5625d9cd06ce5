"""What the user's own runs have found of each host: medians that presets go by before published figures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from statistics import median

from osstui.catalog.presets import Own
from osstui.store.schema import HistoryError, connect

TURNS = 2000
"""The newest turns that are looked at."""
RUNS = 20
"""The newest answers of a host that count: it may have become another one since."""

_NEWEST = """
SELECT provider, model, json_extract(document, '$.ttft_ms'), json_extract(document, '$.output_tps')
FROM lanes
WHERE turn > (SELECT coalesce(max(id), 0) FROM turns) - ? AND status = 'ok'
    AND json_extract(document, '$.simulated') = 0
ORDER BY turn DESC
"""


def own_figures(path: Path | None) -> dict[tuple[str, str], Own]:
    """Median TTFT and output speed of the newest whole answers, by provider id and model; simulated hosts
    left out.

    Empty without a history, and where it can't be read: published figures serve then.
    """
    if path is None or not path.exists():
        return {}
    try:
        with closing(connect(path)) as db:
            rows = db.execute(_NEWEST, (TURNS,)).fetchall()
    except (HistoryError, sqlite3.Error):
        return {}
    seen: dict[tuple[str, str], list[tuple[float | None, float | None]]] = {}
    for provider, model, ttft_ms, speed in rows:
        answers = seen.setdefault((provider, model), [])
        if len(answers) < RUNS:
            answers.append((ttft_ms, speed))
    return {key: _own(answers) for key, answers in seen.items()}


def _own(answers: list[tuple[float | None, float | None]]) -> Own:
    ttfts = [ttft for ttft, _ in answers if ttft is not None]
    speeds = [speed for _, speed in answers if speed is not None]
    return Own(
        ttft_s=median(ttfts) / 1000 if ttfts else None,
        output_tps=median(speeds) if speeds else None,
        runs=len(answers),
    )
