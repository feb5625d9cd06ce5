"""The table of hosts × checks: either may be the rows; the names and the verdicts stay in view."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.color import Color
from textual.coordinate import Coordinate
from textual.widgets import DataTable

from osstui.checks.showing import GLYPHS, State
from osstui.safe_text import visible_line
from osstui.tui.commands import bindings

if TYPE_CHECKING:
    from osstui.tui.checking import Checking

PADDING = 2
"""Cells on both sides of a table's cell together."""
LONGEST = 24
"""Characters of a host's name."""
NARROWEST, WIDEST = 7, 16
"""Columns of hosts."""
VERDICT = "verdict"
COLORS: dict[State, str] = {
    "pass": "success", "warn": "warning", "fail": "error", "n/a": "secondary", "waiting": "secondary",
    "running": "accent",
}  # fmt: skip
"""By state: the theme's variable."""


class Place(NamedTuple):
    """What a cell of the table is about: a check at a host, a host, or a check."""

    lane: str | None
    check: str | None


class Matrix(DataTable[Text]):
    """Draws a `Checking` as it stands when `fill` or `redraw` is called."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("checks")]

    def __init__(self, checking: Checking) -> None:
        super().__init__(cursor_type="cell", cell_padding=PADDING // 2)
        self._checking = checking
        self.hosts_across = False
        """The hosts are the columns."""
        self._drawn: dict[tuple[str, str], tuple[str, str]] = {}

    def fill(self, checking: Checking, *, hosts_across: bool) -> None:
        """Lays the table out anew; the cursor stays at its cell as far as that is still there."""
        place = self.place
        self._checking, self.hosts_across = checking, hosts_across
        self._drawn.clear()
        self.clear(columns=True)
        lay_out = self._across if hosts_across else self._down
        lay_out([*checking.reports])
        self.redraw()
        if place is not None:
            self._go_to(place)

    def _down(self, lanes: Sequence[str]) -> None:
        labels = [check.id.replace("-", "\n") for check in self._checking.checks]
        self.header_height = max(label.count("\n") for label in labels) + 1
        self.fixed_rows, self.fixed_columns = 0, 2
        width = min(LONGEST, max(cell_len(visible_line(lane)) for lane in lanes))
        self.add_column(Text("host"), width=width, key=".")
        self.add_column(Text(VERDICT), width=len(VERDICT), key=VERDICT)
        for check, label in zip(self._checking.checks, labels, strict=True):
            self.add_column(Text(label), width=_widest(label), key=f"check:{check.id}")
        for lane in lanes:
            self.add_row(Text(visible_line(lane, LONGEST), style="bold"), key=f"lane:{lane}")
        self.move_cursor(column=2)

    def _across(self, lanes: Sequence[str]) -> None:
        self.header_height = 1
        self.fixed_rows, self.fixed_columns = 1, 1
        self.add_column(Text(""), width=max(len(check.title) for check in self._checking.checks), key=".")
        for lane in lanes:
            label = visible_line(lane, WIDEST)
            self.add_column(Text(label), width=max(NARROWEST, cell_len(label)), key=f"lane:{lane}")
        self.add_row(Text(VERDICT, style="bold"), key=VERDICT)
        for check in self._checking.checks:
            self.add_row(Text(check.title), key=f"check:{check.id}")
        self.move_cursor(row=1, column=1)

    def redraw(self) -> None:
        """Writes the cells that have changed."""
        colors = self.app.theme_variables
        for lane in self._checking.reports:
            for check in self._checking.checks:
                state = self._checking.state(lane, check.id)
                self._write(f"lane:{lane}", f"check:{check.id}", GLYPHS[state], colors[COLORS[state]])
            verdict, tally = self._checking.verdict(lane), self._checking.tally(lane)
            if verdict is not None:
                text, color = verdict.upper(), COLORS[verdict]
            else:
                text = f"{tally.done}/{tally.all}"
                color = COLORS["fail" if tally.failed else "warn" if tally.warned else "waiting"]
            self._write(f"lane:{lane}", VERDICT, text, colors[color])

    def _write(self, lane: str, what: str, text: str, color: str) -> None:
        if self._drawn.get((lane, what)) == (text, color):
            return
        self._drawn[lane, what] = text, color
        style = Style(color=Color.parse(color).rich_color, bold=what == VERDICT)
        row, column = (what, lane) if self.hosts_across else (lane, what)
        self.update_cell(row, column, Text(text, style=style))

    @property
    def place(self) -> Place | None:
        """What the cursor is at."""
        if not self.is_valid_coordinate(self.cursor_coordinate):
            return None
        row, column = self.coordinate_to_cell_key(self.cursor_coordinate)
        named = dict(key.split(":", 1) for key in (row.value or "", column.value or "") if ":" in key)
        return Place(named.get("lane"), named.get("check"))

    def _go_to(self, place: Place) -> None:
        lane = f"lane:{place.lane}" if place.lane else None
        check = f"check:{place.check}" if place.check else VERDICT if place.lane else None
        row, column = (check, lane) if self.hosts_across else (lane, check)
        at = Coordinate(
            self.get_row_index(row) if row and row in self.rows else self.cursor_row,
            self.get_column_index(column) if column and column in self.columns else self.cursor_column,
        )
        self.move_cursor(row=at.row, column=at.column)


def reads_better_across(checking: Checking, width: int, height: int) -> bool:
    """Whether more of the table is in view with the hosts as columns than as rows."""
    lanes, checks = [*checking.reports], checking.checks
    names = min(LONGEST, max(map(len, lanes))) + len(VERDICT) + 2 * PADDING
    down = names + sum(_widest(check.id.replace("-", "\n")) + PADDING for check in checks)
    titles = max(len(check.title) for check in checks) + PADDING
    across = titles + sum(max(NARROWEST, min(WIDEST, len(lane))) + PADDING for lane in lanes)
    as_rows = _share(width, down) * _share(height - 3, len(lanes))
    as_columns = _share(width, across) * _share(height - 2, len(checks))
    return as_columns > as_rows


def _share(room: int, need: int) -> float:
    return min(1.0, max(0, room) / max(1, need))


def _widest(label: str) -> int:
    return max(map(len, label.split("\n")))
