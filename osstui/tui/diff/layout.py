"""A comparison as lines for the screen: side by side, or in one column, as wide as it is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from textual.content import Content

from osstui.safe_text import visible
from osstui.tui.diff.words import Comparison, Span, Token, joined

LEFT_STYLE: Final = "underline $error"
RIGHT_STYLE: Final = "underline $success"
"""Underlined, so that changes are seen where there are no colours."""
LEFT_MARKS: Final = ("[-", "-]")
RIGHT_MARKS: Final = ("{+", "+}")
"""As wdiff writes them, where both sides stand in one column."""


class Part(NamedTuple):
    text: str
    style: str = ""


def side_by_side(found: Comparison, width: int) -> tuple[list[Content], list[Content]]:
    """As many lines left as right, `width` cells each at most; lines that begin alike stand side by side."""
    left: list[Content] = []
    right: list[Content] = []
    for ours, theirs in _blocks(found.spans):
        gap = max(_newlines(ours), _newlines(theirs)) > 1 and bool(left)
        one, other = _wrapped(ours, width, LEFT_STYLE), _wrapped(theirs, width, RIGHT_STYLE)
        height = max(len(one), len(other))
        for side, lines in ((left, one), (right, other)):
            side += [Content("")] * gap + lines + [Content("")] * (height - len(lines))
    return left, right


def unified(found: Comparison, width: int) -> list[Content]:
    """One text: what only the left one says in `[-…-]`, what only the right one says in `{+…+}`."""
    return _content(_unified(found)).wrap(width)


def plain(found: Comparison) -> str:
    """The same as plain text for the clipboard, safe on a terminal."""
    return visible("".join(part.text for part in _unified(found)))


def _unified(found: Comparison) -> Iterator[Part]:
    for span in found.spans:
        if span.same:
            yield Part(joined(span.left))
        else:
            yield from _marked(span.left, LEFT_STYLE, LEFT_MARKS)
            yield from _marked(span.right, RIGHT_STYLE, RIGHT_MARKS)


def _marked(part: Sequence[Token], style: str, marks: tuple[str, str] = ("", "")) -> Iterator[Part]:
    """Changed words; the white space and marks around them stay as they are."""
    if not part:
        return
    text = joined(part)
    lead, tail = part[0].lead, part[-1].tail
    yield Part(lead)
    if body := text[len(lead) : len(text) - len(tail)]:
        yield Part(marks[0] + body + marks[1], style)
    yield Part(tail)


Block = list[Span]
"""Spans of one side only: whether they are on both sides, and the side's tokens as `left`."""


def _blocks(spans: Iterable[Span]) -> Iterator[tuple[Block, Block]]:
    """Both sides cut wherever the same word begins a line in both."""
    ours: Block = []
    theirs: Block = []
    for span in spans:
        start = 0
        if span.same:
            for at, (one, other) in enumerate(zip(span.left, span.right, strict=True)):
                if "\n" in one.lead and "\n" in other.lead and (at > start or ours or theirs):
                    ours.append(Span(True, span.left[start:at], ()))
                    theirs.append(Span(True, span.right[start:at], ()))
                    yield ours, theirs
                    ours, theirs, start = [], [], at
        ours.append(Span(span.same, span.left[start:], ()))
        theirs.append(Span(span.same, span.right[start:], ()))
    yield ours, theirs


def _newlines(block: Block) -> int:
    first = next((span.left[0] for span in block if span.left), None)
    return first.lead.count("\n") if first is not None else 0


def _wrapped(block: Block, width: int, style: str) -> list[Content]:
    """Without the empty lines that it begins and ends with."""
    parts: list[Part] = []
    for span in block:
        parts += [Part(joined(span.left))] if span.same else _marked(span.left, style)
    while parts and not parts[0].text.strip("\n"):
        del parts[0]
    if not parts:
        return []
    parts[0] = parts[0]._replace(text=parts[0].text.lstrip("\n"))
    return _content(parts).rstrip("\n").wrap(width)


def _content(parts: Iterable[Part]) -> Content:
    return Content.assemble(*((visible(part.text).replace("\t", "    "), part.style) for part in parts))
