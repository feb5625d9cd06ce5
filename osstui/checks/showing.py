"""How the battery is shown, wherever it is: glyphs, the estimate in words, and the matrix as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Sized
from typing import Literal, NamedTuple

from osstui.checks.model import Check, Result
from osstui.checks.run import HostReport
from osstui.checks.table import estimated_tokens
from osstui.job import Target
from osstui.measure.cost import priced
from osstui.measure.format import show
from osstui.safe_text import visible_line

Lanes = Sequence[tuple[str, Target]]

State = Result | Literal["waiting", "running"]
GLYPHS: dict[State, str] = {
    "pass": "✓", "warn": "!", "fail": "✗", "n/a": "–", "waiting": "·", "running": "▸",
}  # fmt: skip
ASK_ABOVE_USD = 0.05
"""An estimate beyond this is asked about before anything is spent."""
NAME = 28
"""Characters of a lane's name that a table shows."""
NAMED = 3
"""Hosts that are named where they share a reason."""
_WORDS: dict[Result, str] = {"pass": "pass", "warn": "WARN", "fail": "FAIL", "n/a": "–"}
_ORDER: dict[Result, int] = {"fail": 0, "warn": 1, "n/a": 2, "pass": 3}
_LONGEST = 400


class Estimate(NamedTuple):
    """About what checks take: tokens of all hosts, US$, and the lanes without a known price. What needs no
    key is free, and so are simulated hosts."""

    tokens: int
    usd: float
    unknown: tuple[str, ...]


def estimate(checks: Sequence[Check], lanes: Lanes) -> Estimate:
    tokens, usd, unknown = 0, 0.0, []
    for lane, target in lanes:
        parts = estimated_tokens(checks, target.context)
        tokens += sum(parts)
        if target.simulated or not target.key_required:
            continue
        if target.price is None:
            unknown.append(lane)
        else:
            usd += priced(target.price, *parts)
    return Estimate(tokens, usd, tuple(unknown))


def estimate_text(checks: Sequence[Check], lanes: Lanes) -> str:
    """The same in words, with the number of checks and hosts."""
    tokens, usd, unknown = estimate(checks, lanes)
    text = f"{_many(checks, 'check')} of {_many(lanes, 'host')}, about {tokens:,} tokens and {show(usd, '$')}"
    return text + (f" and the unknown price of {', '.join(unknown)}" if unknown else "")


def _many(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"


def worst_first(report: HostReport) -> list[tuple[Result, str, str]]:
    """A host's results with check and reason, in one line each: fails, warnings, what was not judged, and
    what passed."""
    cells = sorted(report.ordered, key=lambda cell: _ORDER[cell.verdict.result])
    return [
        (cell.verdict.result, cell.check.id, visible_line(cell.verdict.reason, _LONGEST)) for cell in cells
    ]


def totals(reports: Iterable[HostReport], cost_usd: float) -> str:
    """How many hosts got which verdict, and the cost."""
    reports = [*reports]
    bad = {result: sum(one.verdict == result for one in reports) for result in ("pass", "warn", "fail")}
    counts = ", ".join(f"{count} {result}" for result, count in bad.items() if count)
    money = ", simulated" if all(one.target.simulated for one in reports) else ""
    return f"verdicts: {counts}; cost {show(cost_usd, '$')}{money}"


def as_text(reports: Sequence[HostReport], checks: Sequence[Check], width: int, cost_usd: float) -> str:
    """The table and every reason. Checks are the rows if all hosts fit beside each other, else the hosts."""
    table = _down(reports, checks)
    if max(map(len, table)) > width:
        table = _across(reports, checks, width)
    parts = ["\n".join(table), "\n".join(_reasons(reports)), totals(reports, cost_usd)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _down(reports: Sequence[HostReport], checks: Sequence[Check]) -> list[str]:
    """Words, with a column a host."""
    rows = [["", *(_name(one) for one in reports)]]
    for check in checks:
        cells = [one.cells.get(check.id) for one in reports]
        rows.append([check.title, *(_WORDS[cell.verdict.result] if cell else "" for cell in cells)])
    rows.append(["verdict", *(one.verdict.upper() for one in reports)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _across(reports: Sequence[HostReport], checks: Sequence[Check], width: int) -> list[str]:
    """Signs, with a row a host and the checks' names from top to bottom; in parts where it is too wide."""
    named = max(len(_name(one)) for one in reports)
    room = max(1, width - named - 8)
    step = 2 if 2 * len(checks) <= room else 1
    lines: list[str] = []
    for at in range(0, len(checks), room):
        part = checks[at : at + room]
        tall = max(len(check.id) for check in part)
        ids = [check.id.rjust(tall) for check in part]
        lines += [" " * (named + 8) + "".join(name[line].ljust(step) for name in ids) for line in range(tall)]
        for one in reports:
            cells = [one.cells.get(check.id) for check in part]
            signs = (GLYPHS[cell.verdict.result if cell else "waiting"] for cell in cells)
            start = f"{_name(one).ljust(named)}  {one.verdict.upper()}  "
            lines.append(start + "".join(sign.ljust(step) for sign in signs))
    return [line.rstrip() for line in lines]


def _reasons(reports: Sequence[HostReport]) -> Iterable[str]:
    """Checks of a host with the same reason share a line, as where it has gone down; hosts at which the same
    does not apply share one at the end."""
    skipped: dict[tuple[str, str], list[str]] = {}
    for one in reports:
        lane = visible_line(one.lane)
        same: dict[tuple[Result, str], list[str]] = {}
        for result, check, reason in worst_first(one):
            same.setdefault((result, reason), []).append(check)
        for (result, reason), checks in same.items():
            if result in ("fail", "warn"):
                yield f"{_WORDS[result]} {lane}: {', '.join(checks)}: {reason}"
            elif result == "n/a":
                skipped.setdefault((", ".join(checks), reason), []).append(lane)
    for (names, reason), lanes in skipped.items():
        others = f" and {len(lanes) - NAMED} more" if len(lanes) > NAMED else ""
        yield f"n/a  {', '.join(lanes[:NAMED])}{others}: {names}: {reason}"


def _name(one: HostReport) -> str:
    return visible_line(one.lane, NAME)
