"""Strips whose text stays in its column on every terminal.

Terminals disagree on how wide an emoji is that is made of several characters (with a variation selector, a
skin tone, a joiner), or that is newer than they are. Where one of them is drawn narrower or wider than it was
laid out, the rest of the row would stand beside its place, and what was there before would stay visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from rich.cells import split_graphemes
from textual.strip import Strip
from textual.widgets import Static

if TYPE_CHECKING:
    from rich.color import ColorSystem
    from rich.style import Style
    from textual.color import Color
    from textual.filter import LineFilter
    from textual.geometry import Region

_UNSURE: Final = re.compile(
    "[\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u200d\ufe0e\ufe0f\U0001f000-\U0001faff]"
)
"""Scripts of spacing marks, joiners, variation selectors, emoji."""
_SAVE, _RESTORE = "\x1b7", "\x1b8"
"""Cursor, by DECSC and DECRC, which every terminal has."""


def anchored(strip: Strip) -> Strip:
    """The strip itself where every terminal agrees on its width."""
    if any(not text.isascii() and _UNSURE.search(text) for text, _, _ in strip):
        return AnchoredStrip(strip, strip.cell_length)
    return strip


class AnchoredStatic(Static):
    """For what somebody else has written."""

    def render_lines(self, crop: Region) -> list[Strip]:
        return [anchored(strip) for strip in super().render_lines(crop)]


class AnchoredStrip(Strip):
    """Clears the cells of each doubtful character, draws it, and goes on behind these cells, wherever the
    terminal has left its cursor."""

    @classmethod
    def render_style(cls, style: Style, text: str, color_system: ColorSystem) -> str:
        draw = super().render_style
        if text.isascii() or not _UNSURE.search(text):
            return draw(style, text, color_system)
        parts: list[str] = []
        drawn = 0
        for start, end, cells in split_graphemes(text)[0]:
            if cells and _UNSURE.search(text, start, end):
                if start > drawn:
                    parts.append(draw(style, text[drawn:start], color_system))
                blank = draw(style, " " * cells, color_system)
                sign = draw(style, text[start:end], color_system)
                parts.append(f"{_SAVE}{blank}{_RESTORE}{_SAVE}{sign}{_RESTORE}\x1b[{cells}C")
                drawn = end
        if drawn < len(text):
            parts.append(draw(style, text[drawn:], color_system))
        return "".join(parts)

    def crop(self, start: int, end: int | None = None) -> Strip:
        return _like(super().crop(start, end))

    def divide(self, cuts: Iterable[int]) -> list[Strip]:
        return [_like(part) for part in super().divide(cuts)]

    def apply_filter(self, filter: LineFilter, background: Color) -> Strip:
        return _like(super().apply_filter(filter, background))


def _like(strip: Strip) -> Strip:
    return strip if isinstance(strip, AnchoredStrip) else AnchoredStrip(strip, strip.cell_length)
