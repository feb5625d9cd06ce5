"""From what a user types to a full-text query, and from a match to what is shown of it."""

from __future__ import annotations

import re

_PIECE = re.compile(r'"([^"]*)"|(\S+)')

START, STOP = "\ue000", "\ue001"
"""Marks around a word found: private characters, since a text may hold anything else."""


def query(typed: str) -> str | None:
    """The FTS5 expression for some words, all of which must be there; the last one may be unfinished, unless
    it is a single ASCII letter: half the words of a history would begin with it.

    Words in double quotes are a phrase. Everything is quoted, so nothing in it is syntax. None when there is
    no letter and no digit in it.

    >>> query('fast (tok/s OR')
    '"fast" AND "(tok/s" AND "OR"*'
    """
    pieces = _pieces(typed)
    if not pieces:
        return None
    terms = ['"' + text.replace('"', '""') + '"' for text, _ in pieces]
    last, is_word = pieces[-1]
    unfinished = is_word and not typed[-1].isspace() and (len(last) > 1 or not last.isascii())
    return " AND ".join(terms) + ("*" if unfinished else "")


def patterns(typed: str) -> list[str]:
    """The same words for LIKE, with a backslash before what it would read as a wildcard."""
    return ["%" + re.sub(r"([%_\\])", r"\\\1", text) + "%" for text, _ in _pieces(typed)]


def _pieces(typed: str) -> list[tuple[str, bool]]:
    """Words and phrases that hold a letter or a digit; true for words."""
    found = [(phrase or word, bool(word)) for phrase, word in _PIECE.findall(typed.replace("\0", " "))]
    return [(text, is_word) for text, is_word in found if any(map(str.isalnum, text))]


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
