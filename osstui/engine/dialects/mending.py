"""JSON that breaks the rules of text, made readable.

Bytes that are not UTF-8 (a host that sends Latin-1, or cuts inside a character) and lone surrogates (one that
cuts its text between the halves of an emoji) make strict decoders refuse a whole event, and its text with it.
"""

from __future__ import annotations

import json
import re

from osstui.safe_text import encodable

_LAST_HIGH = re.compile(r"[\ud800-\udbff](?=\")")
_FIRST_LOW = re.compile(r"(?<=\")[\udc00-\udfff]")


class Mender:
    """Mends the events of one stream. A surrogate that ends one event's text is kept for the next."""

    __slots__ = ("_high",)

    def __init__(self) -> None:
        self._high = ""

    def mended(self, data: bytes) -> bytes | None:
        """The same JSON as valid UTF-8, what can't be saved being U+FFFD; None where it is no JSON at all or
        had nothing to mend."""
        try:
            value = json.loads(data.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
        text = json.dumps(value, ensure_ascii=False)
        if self._high:
            text = _FIRST_LOW.sub(lambda low: self._high + low.group(), text, count=1)
            self._high = ""
        if (last := _LAST_HIGH.search(text)) is not None:
            self._high = last.group()
            text = text[: last.start()] + text[last.end() :]
        found = encodable(text).encode()
        return None if found == data else found
