"""Tables laid out for a width: columns share it, cells wrap; too narrow for columns, each row becomes a
record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from osstui.tui.markdown.inline import BOLD, Span, spans
from osstui.tui.markdown.units import split_cells
from osstui.tui.markdown.wrap import width_of, wrap

MIN_COLUMN: Final = 6
"""Cells that a column must get, if its content is as wide, for a table to be shown as columns."""

LONG_WORD: Final = 24
"""Cells; a longer word, an address say, is cut as if it were text without spaces."""

Row = list[tuple[str, str | int]]
"""Spans with inline flags, or with a role's name ("border", "label")."""


class Columns(NamedTuple):
    """What the first piece of a table fixes for all that follow. No widths: shown as records."""

    header: tuple[str, ...]
    aligns: tuple[str, ...]
    widths: tuple[int, ...] | None


def _align(delimiter: str) -> str:
    return {(True, True): "center", (False, True): "right"}.get(
        (delimiter.startswith(":"), delimiter.endswith(":")), "left"
    )


def _cells(row: str, count: int) -> list[str]:
    return (split_cells(row) + [""] * count)[:count]


def _inside(cell: str) -> Sequence[Span]:
    """The cell's spans, without a line break at their end."""
    found = spans(cell)
    while found and found[-1][0] == "\n":
        found = found[:-1]
    return found


class Need(NamedTuple):
    """Of a column or a cell, in cells."""

    whole: int
    """For every line as it is."""
    word: int
    """For the longest word that is worth keeping in one piece."""


def _need(cell: str) -> Need:
    lines = "".join(text for text, _ in _inside(cell)).split("\n")
    words = [len(word) for line in lines for word in line.split() if width_of(word) == len(word) <= LONG_WORD]
    return Need(max(map(width_of, lines)), max(words, default=1))


def _column_need(cells: Sequence[Need]) -> Need:
    return Need(max(1, *(cell.whole for cell in cells)), max(cell.word for cell in cells))


def _share(needs: list[Need], room: int) -> tuple[int, ...] | None:
    """Column widths that fit: narrow columns get what they need, the wide ones share the rest evenly, and no
    word is cut where there is another way."""
    if sum(min(need.whole, MIN_COLUMN) for need in needs) > room:
        return None
    words = sum(need.word for need in needs)
    widths = [need.word if words <= room else 0 for need in needs]
    missing = [need.whole - width for need, width in zip(needs, widths, strict=True)]
    left, count = room - sum(widths), len(needs)
    for index in sorted(range(len(needs)), key=missing.__getitem__):
        more = min(missing[index], left // count)
        widths[index] += more
        left -= more
        count -= 1
    for index, need in enumerate(needs):
        more = min(left, need.whole - widths[index])
        widths[index] += more
        left -= more
    return tuple(widths)


def layout(text: str, width: int, columns: Columns | None) -> tuple[list[Row], Columns]:
    """Rows of a piece of a table at `width` cells. The first piece (`columns` is None) starts with header and
    delimiter row and decides the columns."""
    lines = text.split("\n") if text else []
    out: list[Row] = []
    if columns is None:
        header = split_cells(lines[0])
        aligns = tuple(map(_align, _cells(lines[1], len(header))))
        lines = lines[2:]
        rows = [_cells(line, len(header)) for line in lines]
        needs = [_column_need([_need(row[i]) for row in (header, *rows)]) for i in range(len(header))]
        columns = Columns(tuple(header), aligns, _share(needs, width - 3 * (len(header) - 1)))
        if columns.widths is not None:
            out.extend(_columns(header, columns, BOLD))
            rule = "─┼─".join("─" * n for n in columns.widths)
            out.append([(rule, "border")])
    for line in lines:
        cells = _cells(line, len(columns.header))
        out.extend(_columns(cells, columns, 0) if columns.widths else _record(cells, columns, width))
    if not out:
        out.append([(" · ".join(columns.header), BOLD)])
    return out, columns


def _columns(cells: list[str], columns: Columns, flags: int) -> list[Row]:
    assert columns.widths is not None
    wrapped = [
        wrap([(text, flag | flags) for text, flag in _inside(cell)], width)
        for cell, width in zip(cells, columns.widths, strict=True)
    ]
    out: list[Row] = []
    for y in range(max(map(len, wrapped))):
        row: Row = []
        for i, (lines, width, align) in enumerate(zip(wrapped, columns.widths, columns.aligns, strict=True)):
            line: list[Span] = lines[y] if y < len(lines) else []
            space = max(0, width - sum(width_of(text) for text, _ in line))
            before = space if align == "right" else space // 2 if align == "center" else 0
            if i:
                row.append((" │ ", "border"))
            row.append((" " * before, 0))
            row.extend(line)
            row.append((" " * (space - before), 0))
        out.append([span for span in row if span[0]])
    return out


def _record(cells: list[str], columns: Columns, width: int) -> list[Row]:
    """One row as lines "header: cell", for widths that hold no columns."""
    out: list[Row] = []
    for name, cell in zip(columns.header, cells, strict=True):
        label: list[tuple[str, str | int]] = [(text, "label") for text, _ in spans(name)]
        body: list[tuple[str, str | int]] = list(_inside(cell))
        if cell or name:
            out.extend(wrap([*label, (": " if name else "", "label"), *body], width))
    out.append([("─" * max(1, width // 2), "border")])
    return out
