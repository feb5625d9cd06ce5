"""Rows of a transcript as Textual strips: margin and fill added, selection marked, kept while the row
stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from osstui.tui.markdown.feed import Feed
from osstui.tui.markdown.render import Row
from osstui.tui.markdown.wrap import width_of
from osstui.tui.widgets.anchored import anchored

MARGIN: Final = 1
"""Cells left free on each side of the text."""
_KEPT: Final = 600
"""Strips kept for rows that were painted lately; a strip also keeps its own escape sequences."""


class Painter:
    """Makes strips. The same row object gives the same strip object, so nothing is rendered twice."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Row, Strip]] = {}
        self._key: tuple[int, int, Style] | None = None
        self.right = MARGIN
        """Cells right of the text that a row's fill leaves free."""

    def clear(self) -> None:
        self._kept.clear()

    def strip(self, row: Row | None, width: int, base: Style) -> Strip:
        """The row as a strip of `width` cells."""
        if row is None:
            return Strip.blank(width, base)
        if self._key != (width, self.right, base) or len(self._kept) > _KEPT:
            self._kept.clear()
            self._key = (width, self.right, base)
        found = self._kept.get(id(row))
        if found is not None and found[0] is row:
            return found[1]
        strip = _fitted(row, row.segments, width, base, self.right)
        self._kept[id(row)] = (row, strip)
        return strip

    def selected(self, row: Row, width: int, base: Style, span: tuple[int, int], marked: Style) -> Strip:
        """The row with the characters from span[0] to span[1] (-1: all) marked."""
        start, end = span
        segments: list[Segment] = []
        at = 0
        for text, style, _ in row.segments:
            size = len(text)
            a = min(max(start - at, 0), size)
            b = size if end < 0 else min(max(end - at, 0), size)
            parts = (
                (text[:a], style),
                (text[a:b], style + marked if style else marked),
                (text[max(a, b) :], style),
            )
            segments.extend(Segment(part, look) for part, look in parts if part)
            at += size
        return _fitted(row, segments, width, base, self.right)

    def overlaid(self, strip: Strip, label: str, style: Style) -> Strip:
        """The strip with a label over its right end."""
        width = strip.cell_length
        label = label[:width]
        cells = width_of(label)
        head = strip.crop(0, width - cells)
        return anchored(Strip([*head, Segment(label, style)], width))

    def with_offsets(self, strip: Strip, line: int) -> Strip:
        """The strip with the meta from which Textual tells which character the mouse is on."""
        segments: list[Segment] = []
        x = -MARGIN
        for text, style, _ in strip:
            meta = Style.from_meta({"offset": (max(0, x), line)})
            segments.append(Segment(text, style + meta if style else meta))
            x += len(text)
        return Strip(segments, strip.cell_length)


def selected_text(feed: Feed, selection: Selection) -> str:
    """The selected lines as they are shown, but whole where they are wrapped, without bars beside a wrapped
    line, without the spaces that fill lines and those that stand around code."""
    start = selection.start.y if selection.start is not None else 0
    end = selection.end.y if selection.end is not None else feed.line_count
    lines: list[str] = []
    for y in range(max(0, start), min(end + 1, feed.line_count)):
        row, span = feed.row(y), selection.get_span(y)
        if row is not None and span is not None:
            text = row.text
            part = text[max(row.lead, span[0]) : len(text) if span[1] < 0 else span[1]]
            if row.join is not None and lines:
                lines[-1] += row.join + part
            else:
                lines.append(part)
    return "\n".join(line.rstrip() for line in lines)


def _fitted(row: Row, segments: Sequence[Segment], width: int, base: Style, right: int) -> Strip:
    used = MARGIN + sum(width_of(segment.text) for segment in segments)
    out = [Segment(" " * MARGIN, base), *segments]
    if row.fill is not None and width - right > used:
        out.append(Segment(" " * (width - right - used), row.fill))
        used = width - right
    if width > used:
        out.append(Segment(" " * (width - used), base))
    return anchored(Strip(out, max(used, width)).adjust_cell_length(width, base))
