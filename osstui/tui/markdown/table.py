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


def _natural(cell: str) -> int:
    return max(map(width_of, "".join(text for text, _ in _inside(cell)).split("\n")))


def _share(natural: list[int], room: int) -> tuple[int, ...] | None:
    """Column widths that fit: narrow columns get what they need, the wide ones share the rest evenly."""
    if sum(min(n, MIN_COLUMN) for n in natural) > room:
        return None
    widths = [0] * len(natural)
    left, count = room, len(natural)
    for index in sorted(range(len(natural)), key=natural.__getitem__):
        widths[index] = min(natural[index], left // count)
        left -= widths[index]
        count -= 1
    for index in range(len(natural)):
        more = min(left, natural[index] - widths[index])
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
        natural = [max(1, *(_natural(row[i]) for row in (header, *rows))) for i in range(len(header))]
        columns = Columns(tuple(header), aligns, _share(natural, width - 3 * (len(header) - 1)))
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
