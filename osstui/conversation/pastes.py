"""Long texts in the prompt box: one word stands for each, until the prompt is sent."""

from __future__ import annotations

import re

from osstui.safe_text import visible

LONGEST = 4_000
"""Characters; more than this, or more lines than the next, is folded."""
MOST_LINES = 60

_STAND_IN = re.compile(r"\[pasted text (\d+): [^\]\n]*\]")


class Pastes:
    """What stands for what. Megabytes laid out at every key would freeze the box, and control characters must
    not be drawn."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def folded(self, text: str) -> str:
        """The text, or a word that stands for it where it is too long or not fit to be drawn."""
        if len(text) > LONGEST or text.count("\n") >= MOST_LINES:
            return self._stand_in(text, f"{text.count(chr(10)) + 1:,} lines, {len(text):,} characters")
        if visible(text) != text:
            return self._stand_in(text, f"{len(text):,} characters, some invisible or control characters")
        return text

    def whole(self, draft: str) -> str:
        """The draft with every text put back."""
        return _STAND_IN.sub(lambda match: self._texts.get(match[0], match[0]), draft)

    def _stand_in(self, text: str, size: str) -> str:
        name = f"[pasted text {len(self._texts) + 1}: {size}]"
        self._texts[name] = text
        return name


def stands_alone(draft: str) -> bool:
    """No word in it stands for a text that one box alone knows."""
    return _STAND_IN.search(draft) is None
