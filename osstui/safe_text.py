"""Text from elsewhere, made safe to show: what a terminal would act on, or nobody would see, becomes
visible.

Model output, error messages and names from servers pass through `visible` before they are drawn. The text
that is stored, exported or copied as data stays as it came.
"""

from __future__ import annotations

import re
import sys
from typing import Final
from unicodedata import combining, east_asian_width

_PICTURES: Final = 0x2400
"""U+2400..U+2421, Unicode's own pictures of the C0 controls (and U+2421 for DEL)."""

_RANGES: Final = (
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F),  # C0 but tab and newline, DEL, C1
    (0xAD, 0xAD), (0x061C, 0x061C), (0x180E, 0x180E),
    (0x200B, 0x200B), (0x200E, 0x200F),  # not 200C and 200D: Persian, Indic and emoji need the joiners
    (0x2028, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
    (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),  # tags, selectors that can smuggle bytes
)  # fmt: skip
"""Code points that move the cursor, reorder text (bidi), break lines, can't be encoded, or hide in plain
sight."""

_unsafe: Final = re.compile(
    "[" + "".join(f"{chr(a)}-{chr(b)}" for a, b in _RANGES).replace("\\", "\\\\") + "]"
)


def _symbol(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return chr(_PICTURES + 0x21)
    return f"‹U+{code:04X}›"


def visible(text: str) -> str:
    """The text with every control, bidi or invisible character replaced by a symbol that shows it.

    Newline and tab stay; so do ZWJ, ZWNJ and U+FE0F, which emoji and several scripts need. ESC becomes ␛,
    U+202E becomes ‹U+202E›. Works character by character, so a text may be handed over in pieces.

    >>> visible("a\\x1b]0;title\\x07")
    'a␛]0;title␇'
    """
    return _unsafe.sub(_symbol, text)


def visible_line(text: str, limit: int = sys.maxsize) -> str:
    """The same on one line: runs of white space become one space; cut to `limit` characters with an
    ellipsis."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: max(0, limit - 1)] + "…"


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def cut_to(text: str, width: int) -> str:
    """As much of a line as fits into so many cells, with an ellipsis where that is not all.

    >>> cut_to("天気予報", 6)
    '天気…'
    """
    if len(text) <= width // 2 or cells(text) <= width:
        return text
    room, kept = width - 1, 0
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept += 1
    return text[:kept] + "…"


def encodable(text: str) -> str:
    """The text as UTF-8, JSON and SQLite can hold it: of lone surrogates each becomes U+FFFD, a pair of them
    the character that it stands for.

    Python makes lone surrogates of the bytes of a command line that are not UTF-8 (PEP 383).

    >>> encodable("a\\udcffb")
    'a\ufffdb'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
