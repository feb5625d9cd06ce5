"""Rows of hosts as a table: columns, sorted, and fitted to a width."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from osstui.catalog.rows import CERTAIN, STALE_DAYS, Freshness, Row
from osstui.safe_text import cells, visible_line

UNKNOWN = "–"
GAP = "  "

Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """How one figure is shown and sorted. Where room is short the most important ones stay, and what else
    fits beside them."""

    key: str
    title: str
    importance: int
    text: Callable[[Row], str]
    value: Callable[[Row], float | str | None]
    more_is_better: bool = False
    left: bool = False
    price: bool = False
    """The points of its numbers stand below each other."""
    rare: bool = False
    """Left out where no row has it."""


def _dollars(value: float | None, row: Row) -> str:
    if value is None:
        return UNKNOWN
    whole, _, part = f"{value:.4f}".partition(".")
    return f"{MARKS.get(row.freshness, '')}{whole}.{part.rstrip('0').ljust(2, '0')}"


MARKS: dict[Freshness | None, str] = {"stale": "!", "undated": "?"}
DOUBT = "~"
"""Marks the name of a host that is not known to be live, where there is no room for the status."""
LEGEND = f"! price over {STALE_DAYS} days old  ? undated  {DOUBT} in doubt  {UNKNOWN} unknown"


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f} s"


def _own(shown: str, own: float | None, published: float | None) -> str:
    """The user's own figure, with its ratio to the published one."""
    return shown if own is None or published is None else f"{shown} ×{own / published:.2f}"


def _own_ttft(row: Row) -> float | None:
    return row.own.ttft_s if row.own else None


def _own_speed(row: Row) -> float | None:
    return row.own.output_tps if row.own else None


COLUMNS: tuple[Column, ...] = (
    Column("name", "provider", 100, lambda r: r.provider, lambda r: r.provider, left=True),
    Column("title", "name", 20, lambda r: r.name, lambda r: r.name.casefold(), left=True),
    Column("key", "key", 80, lambda r: r.key, lambda r: f"{not r.usable} {r.key}", left=True),
    Column("dialect", "dialect", 30, lambda r: r.dialect, lambda r: r.dialect, left=True),
    Column("input", "$ in", 82, lambda r: _dollars(r.input, r), lambda r: r.input, price=True),
    Column("output", "$ out", 81, lambda r: _dollars(r.output, r), lambda r: r.output, price=True),
    Column(
        "cached", "$ cached", 25, lambda r: _dollars(r.cached_input, r), lambda r: r.cached_input, price=True,
    ),
    Column("blended", "$ 3:1", 90, lambda r: _dollars(r.blended, r), lambda r: r.blended, price=True),
    Column("context", "context", 40, lambda r: _count(r.context), lambda r: r.context, more_is_better=True),
    Column("latency", "TTFT", 85, lambda r: _seconds(r.ttft_s), lambda r: r.ttft_s),
    Column(
        "throughput", "tok/s", 86, lambda r: _count(r.output_tps), lambda r: r.output_tps,
        more_is_better=True,
    ),
    Column(
        "own_latency", "own TTFT", 60, lambda r: _own(_seconds(_own_ttft(r)), _own_ttft(r), r.ttft_s),
        _own_ttft, rare=True,
    ),
    Column(
        "own_throughput", "own tok/s", 61,
        lambda r: _own(_count(_own_speed(r)), _own_speed(r), r.output_tps), _own_speed,
        more_is_better=True, rare=True,
    ),
    Column("status", "status", 50, lambda r: r.status, lambda r: r.status, left=True),
    Column(
        "age", "price of", 35, lambda r: str(r.price_as_of or UNKNOWN),
        lambda r: r.price_as_of.toordinal() if r.price_as_of else None, more_is_better=True,
    ),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}


def ordered(found: Iterable[Row], key: str, *, reverse: bool = False) -> list[Row]:
    """The rows by a column, the best first; those without a value last in either direction.

    Raises KeyError for a column that is not in COLUMNS.
    """
    column = BY_KEY[key]
    with_value = [row for row in found if column.value(row) is not None]
    without = sorted((row for row in found if column.value(row) is None), key=lambda row: row.provider)
    with_value.sort(key=lambda row: row.provider)
    with_value.sort(key=column.value, reverse=column.more_is_better != reverse)  # type: ignore[arg-type]
    return [*with_value, *without]


@dataclass(frozen=True, slots=True)
class Fit:
    """The columns that a width has room for, and how wide each is, in cells."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    decimals: tuple[int, ...]
    """Of the longest price in the column; 0 where it holds none."""

    def cells(self, row: Row) -> list[tuple[str, str]]:
        """Each cell's text, safe and padded, and its kind: plain, good, missing, stale or dim."""
        return [
            (_pad(self._text(row, column, decimals, width), width, column.left), _kind(row, column))
            for column, width, decimals in zip(self.columns, self.widths, self.decimals, strict=True)
        ]

    def doubt(self, row: Row) -> str:
        """What is appended to the name of a host whose status is not on the screen."""
        unseen = all(column.key != "status" for column in self.columns)
        return DOUBT if unseen and row.status not in CERTAIN else ""

    def _text(self, row: Row, column: Column, decimals: int, width: int) -> str:
        if column.key == "name":
            return visible_line(column.text(row) + self.doubt(row), width)
        return _written(row, column, decimals, width)

    def head(self) -> list[tuple[str, str]]:
        """Each title, padded, and its column's key."""
        return [
            (_pad(visible_line(column.title, width), width, column.left), column.key)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]


def fit(found: Sequence[Row], width: int | None, columns: Sequence[Column] = COLUMNS) -> Fit:
    """What fits into `width` cells; None: everything."""
    columns = [column for column in columns if not column.rare or any(column.value(row) for row in found)]
    decimals = {column.key: max((_decimals(row, column) for row in found), default=0) for column in columns}
    widths = {column.key: _column_width(found, column, decimals[column.key]) for column in columns}
    kept: set[str] = set()
    room = sys.maxsize if width is None else width + len(GAP)
    for column in sorted(columns, key=lambda column: -column.importance):
        wanted = widths[column.key] + len(GAP)
        if wanted <= room or not kept:
            kept.add(column.key)
            room -= wanted
    shown = tuple(column for column in columns if column.key in kept)
    most = sys.maxsize if width is None else width
    return Fit(
        shown,
        tuple(min(widths[column.key], most) for column in shown),
        tuple(decimals[column.key] for column in shown),
    )


def render(found: Sequence[Row], width: int | None, paint: Paint | None = None) -> list[str]:
    """The table's lines, none wider than `width` cells; None: as wide as it wants to be.

    `paint(text, kind)` may colour a padded cell; kinds are head, good, missing, stale and dim.
    """
    colour = paint or (lambda text, kind: text)
    fitted = fit(found, width)
    lines = [GAP.join(colour(text, "head") for text, _ in fitted.head()).rstrip()]
    lines += [GAP.join(colour(text, kind) for text, kind in fitted.cells(row)).rstrip() for row in found]
    return lines


def _kind(row: Row, column: Column) -> str:
    if column.key == "key":
        return {True: "good", False: "missing", None: "plain"}[row.usable]
    if column.text(row) == UNKNOWN:
        return "dim"
    if column.key in ("input", "output", "cached", "blended", "age") and row.freshness == "stale":
        return "stale"
    if column.key == "status" and row.status not in CERTAIN:
        return "stale"
    return "plain"


def _decimals(row: Row, column: Column) -> int:
    return len(column.text(row).partition(".")[2]) if column.price else 0


def _written(row: Row, column: Column, decimals: int, width: int = sys.maxsize) -> str:
    """Ended with spaces where another price of the column has more decimals."""
    text = visible_line(column.text(row), width)
    missing = decimals - _decimals(row, column)
    return text + " " * min(missing, width - len(text)) if missing and text != UNKNOWN else text


def _column_width(found: Sequence[Row], column: Column, decimals: int) -> int:
    marks = len(DOUBT) if column.key == "name" else 0
    texts = (cells(_written(row, column, decimals)) + marks * (row.status not in CERTAIN) for row in found)
    return max([cells(column.title), *texts])


def _pad(text: str, width: int, left: bool) -> str:
    space = " " * (width - cells(text))
    return text + space if left else space + text
