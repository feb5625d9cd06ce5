"""Wrapping of styled spans to a width in terminal cells.

Greedy, at spaces and between wide (East Asian) characters; a word wider than the line is cut between
graphemes. Greedy wrapping never changes an earlier line when text is added, so a paragraph may be wrapped
in pieces: the last line of one piece, put in front of the next, gives the same lines as the whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich.cells import cell_len, split_graphemes

Key = TypeVar("Key")

_WIDE = "ᄀ-ᅟ⺀-〿ぁ-鿿ꀀ-꓆가-힣豈-﫿︰-﹏＀-｠￠-￦\U0001f000-\U0001faff\U00020000-\U0003fffd"
_CLOSING = "、。，．！？：；）」』】》〉’”…"
_JOINS = "\u200d\ufe0f\u3099\u309a\U0001f3fb-\U0001f3ff"
_wide_word = rf"[{_WIDE}](?:[{_JOINS}]+[{_WIDE}☀-➿]?\ufe0f?)*[{_CLOSING}]*"
_word = re.compile(rf"\n| +|{_wide_word}|[^\s{_WIDE}]+|[^\S\n ]+")


def width_of(text: str) -> int:
    """Cells that the text takes on a terminal."""
    return len(text) if text.isascii() else cell_len(text)


def cut_cells(text: str, room: int) -> int:
    """How many characters of `text` fit into `room` cells without splitting a grapheme; at least one
    grapheme."""
    if text.isascii():
        return max(1, room)
    used = 0
    for start, end, cells in split_graphemes(text)[0]:
        used += cells
        if used > room:
            return start or end
    return len(text)


def _breaks(text: str, width: int, first: int) -> list[tuple[int, int, int]]:
    """(start, end, next start) of each line of `text`; the space at a break belongs to no line. `first`:
    cells that the first line has less."""
    lines: list[tuple[int, int, int]] = []
    start, used, room = 0, 0, width - first
    end = 0
    for match in _word.finditer(text):
        word = match.group()
        at, after = match.span()
        if word == "\n":
            lines.append((start, end, after))
            start = end = after
            used, room = 0, width
            continue
        if word[0] == " ":
            used += len(word)
            continue
        cells = len(word) if word.isascii() else cell_len(word)
        if used + cells > room and end > start:
            lines.append((start, end, at))
            start, used, room = at, 0, width
        elif used + cells > room and used and at > start:
            # only spaces stand before the word on this line
            start, used = at, 0
        while used + cells > room:
            n = cut_cells(text[at:after], room - used)
            if at + n >= after:
                break
            lines.append((start, at + n, at + n))
            at += n
            start, used, room = at, 0, width
            cells = width_of(text[at:after])
        used += cells
        end = after
    lines.append((start, len(text), len(text)))
    return lines


def wrap(
    spans: Iterable[tuple[str, Key]], width: int, first: int = 0, between: list[str] | None = None
) -> list[list[tuple[str, Key]]]:
    """The spans in lines of at most `width` cells, at least one line. A "\\n" in a span ends its line.

    `between` is given, for each line, the text that stood between it and the next one.
    """
    pieces: Sequence[tuple[str, Key]] = [span for span in spans if span[0]]
    text = pieces[0][0] if len(pieces) == 1 else "".join(piece[0] for piece in pieces)
    breaks = _breaks(text, max(2, width), first)
    if between is not None:
        between.extend(text[b:after] for _, b, after in breaks)
    if len(pieces) == 1:
        key = pieces[0][1]
        return [[(text[a:b], key)] if b > a else [] for a, b, _ in breaks]
    lines: list[list[tuple[str, Key]]] = []
    index = base = 0
    for a, b, _ in breaks:
        line: list[tuple[str, Key]] = []
        while index < len(pieces) and base + len(pieces[index][0]) <= a:
            base += len(pieces[index][0])
            index += 1
        here, offset = index, base
        while here < len(pieces) and offset < b:
            part, key = pieces[here]
            cut = part[max(0, a - offset) : b - offset]
            if cut:
                line.append((cut, key))
            offset += len(part)
            here += 1
        lines.append(line)
    return lines
