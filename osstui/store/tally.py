"""What the history adds up to, host by host: answers, medians, tokens, money."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from osstui.store.only import Only
from osstui.store.rows import TURNS
from osstui.store.votes import Contender


@dataclass(frozen=True, slots=True)
class Line:
    """A model at a host. Medians are over whole answers; a sum is None where no part of it is known."""

    contender: Contender
    answers: int
    ok: int
    ttft_ms: float | None
    output_tps: float | None
    output_tokens: int | None
    cost_usd: float | None


def tally(db: sqlite3.Connection, only: Only) -> list[Line]:
    """Most answers first. Raises sqlite3.Error."""
    where, values = only.condition
    found: dict[Contender, list[_Answer]] = {}
    for provider, model, simulated, *numbers in db.execute(f"{_LANES} AND {where}", values):
        found.setdefault(Contender(provider, model, bool(simulated)), []).append(_Answer(*numbers))
    lines = [_line(contender, answers) for contender, answers in found.items()]
    return sorted(lines, key=lambda line: (-line.answers, line.contender))


def _line(contender: Contender, answers: list[_Answer]) -> Line:
    whole = [answer for answer in answers if answer.status == "ok"]
    ttfts = [answer.ttft_ms for answer in whole if answer.ttft_ms is not None]
    speeds = [answer.output_tps for answer in whole if answer.output_tps is not None]
    tokens = [answer.output_tokens for answer in answers if answer.output_tokens is not None]
    costs = [answer.cost_usd for answer in answers if answer.cost_usd is not None]
    return Line(
        contender=contender,
        answers=len(answers),
        ok=len(whole),
        ttft_ms=median(ttfts) if ttfts else None,
        output_tps=median(speeds) if speeds else None,
        output_tokens=sum(tokens) if tokens else None,
        cost_usd=sum(costs) if costs else None,
    )


class _Answer(NamedTuple):
    status: str
    ttft_ms: float | None
    output_tps: float | None
    output_tokens: int | None
    cost_usd: float | None


_LANES = f"""
SELECT provider, model, coalesce(json_extract(document, '$.simulated'), 0), status,
    json_extract(document, '$.ttft_ms'), json_extract(document, '$.output_tps'),
    json_extract(document, '$.tokens.output'), lanes.cost_usd
FROM {TURNS} JOIN lanes ON lanes.turn = turns.id
WHERE status IS NOT NULL
"""  # noqa: S608
