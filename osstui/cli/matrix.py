"""The matrix of hosts × checks: live on stderr while it fills, and as text at its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from osstui.checks.model import Check
from osstui.checks.run import Cell, HostReport
from osstui.cli.painting import Painting
from osstui.measure.format import show
from osstui.safe_text import visible_line

GLYPHS = {"pass": "✓", "warn": "!", "fail": "✗", "n/a": "–"}
WAITING, RUNNING = "·", "▸"
_WORDS = {"pass": "pass", "warn": "WARN", "fail": "FAIL", "n/a": "–"}
_ORDER = {"fail": 0, "warn": 1, "n/a": 2, "pass": 3}
_LONGEST = 400
_NAME = 28


class Live:
    """One line a host on a terminal, redrawn; elsewhere a line for each fail and warning as it comes."""

    def __init__(self, lanes: Iterable[str], checks: Sequence[Check], narrate: Callable[[str], None]) -> None:
        self._rows = {lane: dict.fromkeys((check.id for check in checks), WAITING) for lane in lanes}
        self._narrate = narrate
        self._terminal = sys.stderr.isatty()

    def told(self, lane: str, check: Check, cell: Cell | None) -> None:
        """What the battery reports."""
        self._rows[lane][check.id] = RUNNING if cell is None else GLYPHS[cell.verdict.result]
        if cell is not None and not self._terminal and cell.verdict.result in ("fail", "warn"):
            self._narrate(f"{lane}: {check.id}: {cell.verdict.result}: {cell.verdict.reason}")

    def painting(self) -> Painting:
        """To be entered while the matrix fills."""
        return Painting(lambda width, height: list(self.lines(width, height)))

    def lines(self, width: int, height: int) -> Iterable[str]:
        """A strip of glyphs a host, as many as fit; the rest in one line."""
        room = max(1, height - 2)
        rows = list(self._rows.items())
        for lane, row in rows[:room]:
            name = visible_line(lane, _NAME).ljust(min(_NAME, max(map(len, self._rows))))
            running = [check for check, glyph in row.items() if glyph == RUNNING]
            yield f"{name} {''.join(row.values())} {' '.join(running)}"[: width - 1]
        if len(rows) > room:
            left = sum(glyph in (WAITING, RUNNING) for _, row in rows[room:] for glyph in row.values())
            yield f"and {len(rows) - room} more hosts, {left} checks to go"[: width - 1]


def report(reports: Sequence[HostReport], checks: Sequence[Check], width: int, cost_usd: float) -> str:
    """Tables of checks by hosts, as many hosts beside each other as fit, then every reason."""
    parts = [_table(part, checks) for part in _fitting(reports, checks, width)]
    parts.append("\n".join(_reasons(reports)))
    bad = {result: sum(one.verdict == result for one in reports) for result in ("pass", "warn", "fail")}
    total = ", ".join(f"{count} {result}" for result, count in bad.items() if count)
    money = ", simulated" if all(one.target.simulated for one in reports) else ""
    parts.append(f"verdicts: {total}; cost {show(cost_usd, '$')}{money}")
    return "\n\n".join(part for part in parts if part) + "\n"


def _fitting(
    reports: Sequence[HostReport], checks: Sequence[Check], width: int
) -> Iterable[Sequence[HostReport]]:
    room = width - max(len(check.title) for check in checks) - 2
    part: list[HostReport] = []
    used = 0
    for one in reports:
        need = max(len(_name(one)), 4) + 2
        if part and used + need > room:
            yield part
            part, used = [], 0
        part.append(one)
        used += need
    if part:
        yield part


def _table(reports: Sequence[HostReport], checks: Sequence[Check]) -> str:
    rows = [["", *(_name(one) for one in reports)]]
    for check in checks:
        cells = [one.cells.get(check.id) for one in reports]
        rows.append([check.title, *(_WORDS[cell.verdict.result] if cell else "" for cell in cells)])
    rows.append(["verdict", *(one.verdict.upper() for one in reports)])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def _reasons(reports: Sequence[HostReport]) -> Iterable[str]:
    for one in reports:
        cells = sorted(one.ordered, key=lambda cell: _ORDER[cell.verdict.result])
        for cell in cells:
            if cell.verdict.result != "pass":
                word = _WORDS[cell.verdict.result] if cell.verdict.result != "n/a" else "n/a "
                yield visible_line(f"{word} {one.lane}: {cell.check.id}: {cell.verdict.reason}", _LONGEST)


def _name(one: HostReport) -> str:
    return visible_line(one.lane, _NAME)
