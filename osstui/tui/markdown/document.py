"""Rendered units one below the other: which row stands at which line, and what has to be drawn again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Set
from itertools import accumulate

from osstui.tui.markdown.render import Palette, Row, ready, render
from osstui.tui.markdown.units import Unit


class Document:
    """Units are appended, rendered once, and drawn again only after `restyle` (new width or colours) or
    when they are unfolded. Rows that wait to be drawn again stay readable as they were."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.hidden: Set[str] = frozenset()
        """Roles whose units take no room."""
        self._rows: list[list[Row]] = []
        self._stamps: list[int] = []
        self._offsets = [0]
        self._known = 0
        self._stamp = 0
        self._cursor = 0
        self._width = 0
        self._palette: Palette | None = None

    def __len__(self) -> int:
        return len(self.units)

    @property
    def height(self) -> int:
        """Lines of all units."""
        return self.offset(len(self.units))

    @property
    def stale(self) -> bool:
        """Whether `refresh` has work left."""
        return self._cursor < len(self.units)

    def offset(self, index: int) -> int:
        """The line at which a unit starts."""
        if self._known < index:
            heights = (self._height(i) for i in range(self._known, len(self.units)))
            del self._offsets[self._known + 1 :]
            self._offsets.extend(list(accumulate(heights, initial=self._offsets[-1]))[1:])
            self._known = len(self.units)
        return self._offsets[index]

    def locate(self, y: int) -> tuple[int, int]:
        """The unit at a line, and which of its lines that is. Past the end: (number of units, lines past)."""
        height = self.height
        if y >= height:
            return len(self.units), y - height
        index = bisect_right(self._offsets, max(0, y), 0, len(self.units) + 1) - 1
        return index, max(0, y) - self._offsets[index]

    def row(self, y: int) -> Row | None:
        index, line = self.locate(y)
        return self._rows[index][line] if index < len(self.units) else None

    def rows(self, start: int = 0) -> Iterator[Row]:
        """The rows from a line on."""
        index, line = self.locate(start)
        for at in range(index, len(self.units)):
            if self._height(at):
                yield from self._rows[at][line:]
            line = 0

    def restyle(self, width: int, palette: Palette) -> None:
        """Another width or other colours: everything is to be drawn again, by `refresh`."""
        self._width, self._palette = max(4, width), palette
        self._stamp += 1
        self._cursor = 0

    def append(self, unit: Unit) -> None:
        self.units.append(unit)
        self._rows.append([])
        self._stamps.append(-1)
        index = len(self.units) - 1
        waiting = self._cursor < index
        if unit.role not in self.hidden and (not waiting or ready(unit, self._width)):
            self.draw(index)
        if not waiting:
            self._cursor = index + 1

    def draw(self, index: int) -> None:
        """Render one unit now; where it stands is found out when next asked for."""
        assert self._palette is not None
        before = self._height(index)
        self._rows[index] = render(self.units[index], self._width, self._palette)
        self._stamps[index] = self._stamp
        if self._height(index) != before:
            self._forget(index)

    def tail(self, units: list[Unit]) -> list[Row]:
        """The rows of units that are not settled yet."""
        assert self._palette is not None
        return [
            row
            for unit in units
            if unit.role not in self.hidden
            for row in render(unit, self._width, self._palette)
        ]

    def hide(self, roles: Set[str]) -> None:
        """Give these roles no room; what becomes visible again is drawn by `refresh`."""
        self.hidden = roles
        self._cursor = 0
        self._forget(0)

    def refresh(self, top: int, bottom: int, more: Callable[[], bool]) -> bool:
        """Draw again what waits for it, the lines from `top` to `bottom` first, while `more()`. True if
        any was."""
        if not self.stale:
            return False
        first, last = self.locate(top)[0], min(self.locate(bottom)[0], len(self.units) - 1)
        changed = self._draw_range(range(last, first - 1, -1), more)
        if changed:
            return True
        end = self._cursor
        while end < len(self.units):
            if self._draw_if_stale(end):
                changed = True
                if not more():
                    end += 1
                    break
            end += 1
        self._cursor = end
        return changed

    def _draw_range(self, indices: range, more: Callable[[], bool]) -> bool:
        changed = False
        for index in indices:
            if ready(self.units[index], self._width) and self._draw_if_stale(index):
                changed = True
                if not more():
                    break
        return changed

    def _draw_if_stale(self, index: int) -> bool:
        if self._stamps[index] == self._stamp or self.units[index].role in self.hidden:
            return False
        self.draw(index)
        return True

    def _height(self, index: int) -> int:
        return 0 if self.units[index].role in self.hidden else len(self._rows[index])

    def _forget(self, index: int) -> None:
        if index < self._known:
            self._known = index
            del self._offsets[index + 1 :]
