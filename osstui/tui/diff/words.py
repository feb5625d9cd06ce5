"""What differs between two texts, word by word. Pure: no I/O, no time, nothing of the screen.

White space and Markdown's marks are carried along but not compared, so that `**yes**` is the word `yes`
wherever it stands in its line; inside code every mark counts. Chinese and Japanese, which put no spaces
between words, are compared character by character.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

_CJK: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER: Final = f"[^\\W_{_CJK}]"
_WORD: Final = f"{_LETTER}+(?:(?:[_'’‑-]+(?={_LETTER})|[.,](?=\\d)){_LETTER}+)*"
_CODE: Final = re.compile(r"(?ms)^[ ]{0,3}(```+|~~~+).*?(?:^[ ]{0,3}\1[^\n]*$|\Z)|(?<!`)(`++)[^`\n]+\2")
_MARKS: Final = r"(?:\s*(?m:^)[ \t]*(?:>[ \t]*|[-+][ \t]+)+)|\s+|-{3,}|[*_#~|`\\]+"
_PROSE_TOKEN: Final = re.compile(rf"(?P<glue>{_MARKS})|(?P<word>[{_CJK}]|{_WORD})|.")
_CODE_TOKEN: Final = re.compile(rf"(?P<glue>\s+|`+|~~~+)|(?P<word>[{_CJK}]|[^\W{_CJK}]+)|.")
_ALIKE: Final = str.maketrans(
    dict.fromkeys("‐‑−", "-") | dict.fromkeys("‘’ʼ", "'") | dict.fromkeys("“”„", '"')
)


class Token(NamedTuple):
    """`text` with the glue before it (`lead`) and, for the last one, after it (`tail`). A vowel sign or a
    joiner belongs to the letter before it."""

    lead: str
    text: str
    tail: str
    key: str
    """What is compared."""
    is_word: bool
    """False for punctuation, which is compared but not counted."""


class Span(NamedTuple):
    """A stretch of both texts: the same words on both sides, or words that only one of them has."""

    same: bool
    left: Sequence[Token]
    right: Sequence[Token]


@dataclass(frozen=True, slots=True)
class Comparison:
    spans: tuple[Span, ...]
    same: int
    """Words that stand in both."""
    only_left: int
    only_right: int

    @property
    def similarity(self) -> float | None:
        """2 · same ÷ all words, from 0 to 1 (Dice 1945); None where there are no words."""
        words = 2 * self.same + self.only_left + self.only_right
        return 2 * self.same / words if words else None


def compare(left: str, right: str) -> Comparison:
    """The longest row of words that both have in the same order is the same, the rest differs.

    The texts of the spans' left tokens, joined, are `left` exactly, and so are the right ones.
    """
    a, b = tokens(left), tokens(right)
    spans = tuple(_readable(list(_spans(a, b))))
    same = sum(_words(span.left) for span in spans if span.same)
    return Comparison(
        spans,
        same,
        sum(_words(span.left) for span in spans) - same,
        sum(_words(span.right) for span in spans) - same,
    )


def joined(part: Sequence[Token]) -> str:
    """The text that the tokens stand for, exactly."""
    return "".join(token.lead + token.text + token.tail for token in part)


def tokens(text: str) -> list[Token]:
    """Words and signs, in order. A text of nothing but glue is one token that is compared as empty."""
    found: list[Token] = []
    lead, open_end = "", False
    for kind, piece in _pieces(text):
        if kind == "glue":
            lead, open_end = lead + piece, False
            continue
        binds = kind == "sign" and (piece == "\u200d" or unicodedata.category(piece)[0] == "M")
        if found and not lead and (binds or open_end):
            last = found.pop()
            whole = last.text + piece
            found.append(Token(last.lead, whole, "", _key(whole), last.is_word))
        else:
            found.append(Token(lead, piece, "", _key(piece), kind == "word"))
        lead, open_end = "", binds
    if lead and found:
        found[-1] = found[-1]._replace(tail=lead)
    elif lead:
        found.append(Token(lead, "", "", "", False))
    return found


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for code in _CODE.finditer(text):
        yield from _matched(_PROSE_TOKEN, text, at, code.start())
        yield from _matched(_CODE_TOKEN, text, code.start(), code.end())
        at = code.end()
    yield from _matched(_PROSE_TOKEN, text, at, len(text))


def _matched(pattern: re.Pattern[str], text: str, start: int, end: int) -> Iterator[tuple[str, str]]:
    for match in pattern.finditer(text, start, end):
        yield match.lastgroup or "sign", match.group()


@lru_cache(maxsize=20_000)
def _key(piece: str) -> str:
    """Hyphens and quotes of any shape are the same; so are composed and decomposed letters."""
    return unicodedata.normalize("NFC", piece).translate(_ALIKE)


def _words(part: Sequence[Token]) -> int:
    return sum(token.is_word for token in part)


def _spans(a: list[Token], b: list[Token]) -> Iterator[Span]:
    ours, theirs = [token.key for token in a], [token.key for token in b]
    head = _common(ours, theirs)
    tail = _common(ours[head:][::-1], theirs[head:][::-1])
    middle = _matches(ours[head : len(a) - tail], theirs[head : len(b) - tail])
    runs = [(0, 0, head), *_runs([(i + head, j + head) for i, j in middle])]
    i = j = 0
    for i_start, j_start, length in (*runs, (len(a) - tail, len(b) - tail, tail)):
        if i_start > i or j_start > j:
            yield Span(False, a[i:i_start], b[j:j_start])
        i, j = i_start + length, j_start + length
        if length:
            yield Span(True, a[i_start:i], b[j_start:j])


def _runs(matches: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Where words match one after the other on both sides: the places of the first, and how many."""
    start = 0
    for at, (i, j) in enumerate(matches, 1):
        if at == len(matches) or matches[at] != (i + 1, j + 1):
            yield *matches[start], at - start
            start = at


def _common(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words both begin with."""
    for at, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return at
    return min(len(a), len(b))


def _matches(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    """The places of a longest common subsequence, in order.

    Bit-parallel (Hyyrö 2004, Bit-parallel LCS-length computation revisited): a row of the table is one
    number with a bit for each word of `a`, so that no pair of texts takes long, however they repeat.
    """
    places: dict[str, int] = {}
    for at, key in enumerate(a):
        places[key] = places.get(key, 0) | 1 << at
    everything = (1 << len(a)) - 1
    row, rows = everything, list[int]()
    for key in b:
        hit = row & places.get(key, 0)
        row = ((row + hit) | (row - hit)) & everything
        rows.append(row)
    found: list[tuple[int, int]] = []
    i, j = len(a), len(b)
    while i and j:
        if rows[j - 1] >> (i - 1) & 1:
            i -= 1
            continue
        j -= 1
        if not j or rows[j - 1] >> (i - 1) & 1:
            i -= 1
            found.append((i, j))
    return found[::-1]


def _readable(spans: list[Span]) -> Iterator[Span]:
    """Lone words that happen to be in both between longer changes are part of the change: half as many as
    changed on either side are too few to read on (after Fraser's semantic clean-up, diff-match-patch)."""
    kept: list[Span] = []
    for at, span in enumerate(spans):
        before, after = spans[at - 1 : at], spans[at + 1 : at + 2]
        lone = (
            span.same and before and after and 2 * _words(span.left) <= min(_size(before[0]), _size(after[0]))
        )
        if lone:
            span = Span(False, span.left, span.right)
        if kept and kept[-1].same == span.same:
            last = kept.pop()
            span = Span(span.same, [*last.left, *span.left], [*last.right, *span.right])
        kept.append(span)
    yield from kept


def _size(span: Span) -> int:
    return max(_words(span.left), _words(span.right))
