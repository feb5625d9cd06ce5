"""The matrix of hosts × checks on stderr, while it fills."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence

from osstui.checks.model import Check
from osstui.checks.run import Cell
from osstui.checks.showing import GLYPHS, NAME
from osstui.cli.painting import Painting
from osstui.safe_text import visible_line

WAITING, RUNNING = GLYPHS["waiting"], GLYPHS["running"]


class Live:
    """One line a host on a terminal, redrawn; elsewhere a line for each fail and warning as it comes."""

    def __init__(self, lanes: Iterable[str], checks: Sequence[Check], narrate: Callable[[str], None]) -> None:
        self._rows = {lane: dict.fromkeys((check.id for check in checks), WAITING) for lane in lanes}
        self._narrate = narrate
        self._said: set[tuple[str, str]] = set()
        """Lanes and reasons; one that several checks have is told once."""
        self._terminal = sys.stderr.isatty()

    def told(self, lane: str, check: Check, cell: Cell | None) -> None:
        """What the battery reports."""
        self._rows[lane][check.id] = RUNNING if cell is None else GLYPHS[cell.verdict.result]
        if cell is None or self._terminal or cell.verdict.result not in ("fail", "warn"):
            return
        if (lane, cell.verdict.reason) not in self._said:
            self._said.add((lane, cell.verdict.reason))
            self._narrate(f"{lane}: {check.id}: {cell.verdict.result}: {cell.verdict.reason}")

    def painting(self) -> Painting:
        """To be entered while the matrix fills."""
        return Painting(lambda width, height: list(self.lines(width, height)))

    def lines(self, width: int, height: int) -> Iterable[str]:
        """A strip of glyphs a host, as many as fit; the rest in one line."""
        room = max(1, height - 2)
        rows = list(self._rows.items())
        for lane, row in rows[:room]:
            name = visible_line(lane, NAME).ljust(min(NAME, max(map(len, self._rows))))
            running = [check for check, glyph in row.items() if glyph == RUNNING]
            yield f"{name} {''.join(row.values())} {' '.join(running)}"[: width - 1]
        if len(rows) > room:
            left = sum(glyph in (WAITING, RUNNING) for _, row in rows[room:] for glyph in row.values())
            yield f"and {len(rows) - room} more hosts, {left} checks to go"[: width - 1]
