"""Rows of hosts as a table: columns, sorted, and fitted to a width."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from osstui.catalog.rows import STALE_DAYS, Freshness, Row
from osstui.safe_text import visible_line

UNKNOWN = "–"
GAP = "  "

Paint = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class Column:
    """How one figure is shown and sorted. The least important column leaves first where room is short."""

    key: str
    title: str
    importance: int
    text: Callable[[Row], str]
    value: Callable[[Row], float | str | None]
    more_is_better: bool = False
    left: bool = False


def _dollars(value: float | None, row: Row) -> str:
    if value is None:
        return UNKNOWN
    digits = f"{value:.4f}".rstrip("0")
    whole, _, part = digits.partition(".")
    return f"{MARKS.get(row.freshness, '')}{whole}.{part.ljust(2, '0')}"


MARKS: dict[Freshness | None, str] = {"stale": "!", "undated": "?"}
LEGEND = f"! price older than {STALE_DAYS} days   ? price without a date   {UNKNOWN} not known"


def _count(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:,.0f}"


def _seconds(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f} s"


COLUMNS: tuple[Column, ...] = (
    Column("name", "provider", 100, lambda r: r.provider, lambda r: r.provider, left=True),
    Column("title", "name", 20, lambda r: r.name, lambda r: r.name.casefold(), left=True),
    Column("key", "key", 80, lambda r: r.key, lambda r: f"{not r.usable} {r.key}", left=True),
    Column("dialect", "dialect", 30, lambda r: r.dialect, lambda r: r.dialect, left=True),
    Column("input", "$ in", 70, lambda r: _dollars(r.input, r), lambda r: r.input),
    Column("output", "$ out", 69, lambda r: _dollars(r.output, r), lambda r: r.output),
    Column("cached", "$ cached", 25, lambda r: _dollars(r.cached_input, r), lambda r: r.cached_input),
    Column("blended", "$ 3:1", 90, lambda r: _dollars(r.blended, r), lambda r: r.blended),
    Column("context", "context", 40, lambda r: _count(r.context), lambda r: r.context, more_is_better=True),
    Column("latency", "TTFT", 85, lambda r: _seconds(r.ttft_s), lambda r: r.ttft_s),
    Column(
        "throughput", "tok/s", 86, lambda r: _count(r.output_tps), lambda r: r.output_tps,
        more_is_better=True,
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

    def cells(self, row: Row) -> list[tuple[str, str]]:
        """Each cell's text, safe and padded, and its kind: plain, good, missing, stale or dim."""
        return [
            (_pad(visible_line(column.text(row), width), width, column.left), _kind(row, column))
            for column, width in zip(self.columns, self.widths, strict=True)
        ]

    def head(self) -> list[tuple[str, str]]:
        """Each title, padded, and its column's key."""
        return [
            (_pad(visible_line(column.title, width), width, column.left), column.key)
            for column, width in zip(self.columns, self.widths, strict=True)
        ]


def fit(found: Sequence[Row], width: int | None, columns: Sequence[Column] = COLUMNS) -> Fit:
    """What fits into `width` cells; None: everything."""
    widths = {column.key: _column_width(found, column) for column in columns}
    kept = list(columns)
    while width is not None and len(kept) > 1:
        if sum(widths[column.key] for column in kept) + len(GAP) * (len(kept) - 1) <= width:
            break
        kept.remove(min(kept, key=lambda column: column.importance))
    if width is not None and len(kept) == 1:
        widths[kept[0].key] = min(widths[kept[0].key], width)
    return Fit(tuple(kept), tuple(widths[column.key] for column in kept))


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
    if column.key == "status" and row.status != "live":
        return "stale"
    return "plain"


def _column_width(found: Sequence[Row], column: Column) -> int:
    return max([cells(column.title), *(cells(visible_line(column.text(row))) for row in found)])


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _pad(text: str, width: int, left: bool) -> str:
    space = " " * (width - cells(text))
    return text + space if left else space + text
