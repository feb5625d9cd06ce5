"""One unit as rows for a given width and palette."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from rich.segment import Segment
from rich.style import Style

from osstui.tui.markdown import inline
from osstui.tui.markdown.code import State, highlight
from osstui.tui.markdown.table import Columns, layout
from osstui.tui.markdown.units import Mark, Unit
from osstui.tui.markdown.wrap import cut_cells, width_of, wrap

ROLES: Final = (
    "text", "heading", "heading-1", "code", "link", "address", "math", "quote", "marker", "border", "label",
    "code-block", "code-label", "token-comment", "token-keyword", "token-string", "token-number",
    "token-name", "token-deleted", "reasoning", "reasoning-header", "prompt", "prompt-bar", "info", "warning",
    "error", "more",
)  # fmt: skip
"""The names of a palette's styles."""

_PLAIN_ROLES: Final = {"reasoning": "border", "prompt": "prompt-bar"}
"""Roles whose text is drawn beside a bar, and the bar's role."""
_task = re.compile(r"\[([ xX])\] +")


class Row(NamedTuple):
    """One line: its segments, without the padding to the right, which has the style `fill` (None: the
    widget's)."""

    segments: tuple[Segment, ...]
    fill: Style | None = None
    join: str | None = None
    """The row goes on with the line of the row above, after this text; None where a line begins."""
    lead: int = 0
    """Characters at its start that belong to the drawing alone."""

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments)


class Line(NamedTuple):
    """A row before its prefix is known."""

    segments: list[Segment]
    fill: Style | None = None
    join: str | None = None
    pad: int = 0
    """Characters at its start that belong to the drawing alone."""


class Carried(NamedTuple):
    """The last line of a paragraph's piece, with which the next piece begins."""

    spans: list[inline.Span]
    join: str | None


class Palette:
    """Styles by role; inline flags are laid over them. Two palettes with the same styles are equal."""

    def __init__(self, base: Style, roles: Mapping[str, Style]) -> None:
        self.base = base
        self.roles = dict(roles)
        self._inline: dict[tuple[str, int], Style] = {}
        self._segments: dict[str, Style] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Palette) and (self.base, self.roles) == (other.base, other.roles)

    __hash__ = None  # type: ignore[assignment]

    def style(self, role: str, flags: int = 0) -> Style:
        """The style of a role, with inline flags laid over it."""
        key = (role, flags)
        found = self._inline.get(key)
        if found is None:
            found = self._inline[key] = self._compose(role, flags)
        return found

    def _compose(self, role: str, flags: int) -> Style:
        style = self.base + self.roles.get(role, Style.null())
        for flag, name in (
            (inline.CODE, "code"),
            (inline.LINK, "link"),
            (inline.ADDRESS, "address"),
            (inline.MATH, "math"),
        ):
            if flags & flag:
                style += self.roles.get(name, Style.null())
        return style + Style(
            bold=True if flags & inline.BOLD else None,
            italic=True if flags & inline.ITALIC else None,
            strike=True if flags & inline.STRIKE else None,
        )


def render(unit: Unit, width: int, palette: Palette) -> list[Row]:
    """The unit's rows. A unit that goes on from another one needs that one rendered at this width before
    (`ready`)."""
    return _Renderer(unit, width, palette).rows()


def ready(unit: Unit, width: int) -> bool:
    """Whether what the unit needs from the piece before it is known for this width."""
    return unit.after is None or unit.after.carry_width == width


class _Renderer:
    def __init__(self, unit: Unit, width: int, palette: Palette) -> None:
        self.unit, self.palette = unit, palette
        self.width = max(4, width)
        self.first, self.later = self._prefixes(unit.marks, self.width - min(12, self.width // 2))
        self.prefix_width = sum(width_of(segment.text) for segment in self.later)
        self.room = self.width - self.prefix_width

    def rows(self) -> list[Row]:
        unit = self.unit
        out = []
        if unit.gap:
            gap = self._prefixes(unit.gap_marks, self.width)[1]
            if gap and (bar := _PLAIN_ROLES.get(unit.role)):
                gap = (Segment("▎", self.palette.style(bar)),)
            out.append(Row(gap if any(segment.text.strip() for segment in gap) else ()))
        after = unit.after
        carry = after.carry if after is not None and after.carry_width == self.width else None
        drawn = list(getattr(self, "_" + unit.kind)(carry))
        unit.carry_width = self.width
        prefix = self.first
        for line in drawn:
            own = line.join is None and not line.pad
            lead = 0 if own else line.pad + sum(len(segment.text) for segment in prefix)
            out.append(Row((*prefix, *line.segments), line.fill, line.join, lead))
            prefix = self.later
        return out

    def _prefixes(self, marks: Sequence[Mark], limit: int) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
        """What stands left of the first row and of the others; outer levels go when it exceeds `limit`
        cells."""
        first: list[Segment] = []
        later: list[Segment] = []
        room = limit
        marker, quote = self.palette.style("marker"), self.palette.style("quote")
        task = self._task_mark()
        for index in range(len(marks) - 1, -1, -1):
            mark = marks[index]
            text = "▌ " if mark.kind == "quote" else mark.text + " "
            if mark.kind == "item" and mark.first and index == len(marks) - 1 and task:
                text = task
            room -= width_of(text)
            if room < 0:
                break
            if mark.kind == "quote":
                first.insert(0, Segment(text, quote))
                later.insert(0, Segment(text, quote))
            else:
                blank = Segment(" " * width_of(text), self.palette.base)
                first.insert(0, Segment(text, marker) if mark.first else blank)
                later.insert(0, blank)
        return tuple(first), tuple(later)

    def _task_mark(self) -> str:
        unit = self.unit
        if unit.kind != "paragraph" or not unit.marks or not unit.marks[-1].first:
            return ""
        found = _task.match(unit.text)
        return "" if found is None else "☐ " if found[1] == " " else "☑ "

    def _segments(self, line: Iterable[tuple[str, object]], role: str) -> list[Segment]:
        style = self.palette.style
        return [
            Segment(text, style(role, key) if isinstance(key, int) else style(str(key))) for text, key in line
        ]

    def _flow(self, spans: list[inline.Span], role: str, carry: object) -> Iterator[Line]:
        """Wrapped text; the last line is kept for the piece that goes on there."""
        join: str | None = None
        if isinstance(carry, Carried):
            spans, join = [*carry.spans, *spans], carry.join
        between: list[str] = []
        lines = wrap(spans, self.room, between=between)
        joins = [join, *(None if "\n" in gap else gap[:1] for gap in between)]
        if self.unit.more:
            self.unit.carry = Carried(lines.pop(), joins[len(lines)])
        for line, join in zip(lines, joins, strict=False):
            yield Line(self._segments(line, role), None, join)

    def _paragraph(self, carry: object) -> Iterator[Line]:
        text = self.unit.text
        if self._task_mark():
            text = _task.sub("", text, count=1)
        return self._flow(list(inline.spans(text)), "text", carry)

    def _heading(self, carry: object) -> Iterator[Line]:
        role = "heading-1" if self.unit.level == 1 else "heading"
        hashes = "" if self.unit.level <= 2 else "▪" * (self.unit.level - 2) + " "
        spans = [(hashes, 0), *inline.spans(self.unit.text)]
        return self._flow(spans, role, carry)

    def _literal(self, carry: object) -> Iterator[Line]:
        role = self.unit.role
        bar = _PLAIN_ROLES.get(role)
        if bar is None:
            yield from self._flow([(self.unit.text, 0)], role, carry)
            return
        self.room -= 2
        head = Segment("▎ ", self.palette.style(bar))
        for line in self._flow([(self.unit.text, 0)], role, carry):
            pad = 0 if line.join is None else len(head.text)
            yield line._replace(segments=[head, *line.segments], pad=pad)

    def _rule(self, carry: object) -> Iterator[Line]:
        yield Line([Segment("─" * self.room, self.palette.style("border"))])

    def _code(self, carry: object) -> Iterator[Line]:
        unit = self.unit
        fill = self.palette.style("code-block")
        if unit.after is None and unit.info:
            yield Line([Segment(" " + unit.info, self.palette.style("code-label"))], fill, pad=1)
        state: State | None = carry if isinstance(carry, tuple) else None
        lines, unit.carry = highlight(unit.text, unit.info, state)
        pad = Segment(" ", fill)
        for line in lines:
            for at, part in enumerate(self._chop(line, self.room - 2)):
                yield Line([pad, *self._segments(part, "code-block")], fill, "" if at else None, pad=1)

    def _chop(self, line: list[tuple[str, str]], room: int) -> Iterator[list[tuple[str, str]]]:
        """A line of code cut where the row is full: code keeps its spaces."""
        part: list[tuple[str, str]] = []
        left = room
        for text, role in line:
            while text:
                cells = width_of(text)
                if cells <= left:
                    part.append((text, role))
                    left -= cells
                    break
                cut = cut_cells(text, left) if left > 1 or (left and text[0].isascii()) else 0
                if cut:
                    part.append((text[:cut], role))
                    text = text[cut:]
                yield part
                part, left = [], room
        yield part

    def _table(self, carry: object) -> Iterator[Line]:
        rows, self.unit.carry = layout(
            self.unit.text, self.room, carry if isinstance(carry, Columns) else None
        )
        for row in rows:
            yield Line(self._segments(row, "text"))
