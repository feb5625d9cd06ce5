"""From what a user types to a full-text query, and from a match to what is shown of it."""

from __future__ import annotations

import re
from unicodedata import category

_PIECE = re.compile(r'"([^"]*)"|(\S+)')

_UNSPACED = re.compile(
    "[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Thai to Burmese, Khmer, kana, Han; and Hangul, whose words take on endings."""
_MOST_WORDS = 24
_LONGEST = 1000
"""Characters."""
_BEFORE, _AFTER = 30, 70
"""Characters shown around a word that was looked for in the texts."""

START, STOP = "\ue000", "\ue001"
"""Marks around a word found: private characters, since a text may hold anything else."""


def query(typed: str) -> str | None:
    """The FTS5 expression for those words that the index has, all of which must be there; the last one may be
    unfinished, unless it is a single ASCII letter: half the words of a history would begin with it.

    Words in double quotes are a phrase. Everything is quoted, so nothing in it is syntax. None when there is
    no such word.

    >>> query('fast (tok/s OR')
    '"fast" AND "(tok/s" AND "OR"*'
    """
    pieces = _pieces(typed)
    terms = ['"' + text.replace('"', '""') + '"' for text, _ in pieces if not _scanned(text)]
    if not terms:
        return None
    last, is_word = pieces[-1]
    unfinished = is_word and not typed[-1].isspace() and (len(last) > 1 or not last.isascii())
    return " AND ".join(terms) + ("*" if unfinished and not _scanned(last) else "")


def scanned(typed: str) -> list[str]:
    """The other words, which texts must be looked through for: the index cuts texts at spaces, so it has
    neither what stands inside a sentence of Chinese, Japanese, Korean or Thai, nor emoji."""
    return [text for text, _ in _pieces(typed) if _scanned(text)]


def patterns(typed: str) -> list[str]:
    """All the words for LIKE."""
    return [pattern(text) for text, _ in _pieces(typed)]


def pattern(word: str) -> str:
    """For LIKE, with a backslash before what it would read as a wildcard."""
    return "%" + re.sub(r"([%_\\])", r"\\\1", word) + "%"


def _pieces(typed: str) -> list[tuple[str, bool]]:
    """Words and phrases that hold a letter, a digit or a symbol beyond ASCII, each once; true for words. Of a
    text that was pasted, so many as SQLite can look for."""
    pieces: dict[str, tuple[str, bool]] = {}
    for phrase, word in _PIECE.findall(typed[:_LONGEST].replace("\0", " ")):
        text = phrase or word
        if any(map(str.isalnum, text)) or _scanned(text):
            pieces.setdefault(text.casefold(), (text, bool(word)))
    return [*pieces.values()][:_MOST_WORDS]


def _scanned(text: str) -> bool:
    if any(map(str.isalnum, text)):
        return _UNSPACED.search(text) is not None
    return any(not char.isascii() and category(char)[0] == "S" for char in text)


def around(text: str, word: str) -> tuple[tuple[str, bool], ...] | None:
    """The place of a text where the word stands, as pieces, each with whether it is the word; None where it
    does not."""
    at = text.casefold().find(word.casefold())
    if at < 0:
        return None
    end = at + len(word)
    before = ("…" if at > _BEFORE else "") + text[max(0, at - _BEFORE) : at]
    after = text[end : end + _AFTER] + ("…" if len(text) > end + _AFTER else "")
    return tuple(piece for piece in ((before, False), (text[at:end], True), (after, False)) if piece[0])


def marked(snippet: str) -> tuple[tuple[str, bool], ...]:
    """The pieces of a snippet, each with whether it was looked for.

    >>> marked("a \ue000cat\ue001 sat")
    (('a ', False), ('cat', True), (' sat', False))
    """
    pieces: list[tuple[str, bool]] = []
    for part in re.split(f"({START}.*?{STOP})", snippet, flags=re.DOTALL):
        found = part.startswith(START) and part.endswith(STOP)
        text = part.replace(START, "").replace(STOP, "")
        if text:
            pieces.append((text, found))
    return tuple(pieces)
