"""Markers of the harmony format that a host should have parsed but let through into the answer."""

from __future__ import annotations

import re

_MARKERS = re.compile(
    r"<\|(?:start|end|message|channel|constrain|return|call)\|>|\A\s*analysis.{1,4000}?assistantfinal",
    re.DOTALL,
)
_FIRST = "analysis"
_WATCHED = 4096
"""Characters from the start in which the stripped form (`analysis…assistantfinal…`) is looked for."""


class LeakWatch:
    """Finds the first leaked marker in a stream of content, wherever it is cut."""

    __slots__ = ("_found", "_start", "_tail")

    def __init__(self) -> None:
        self._start: str | None = ""
        """The text so far, while it may be the stripped form."""
        self._tail = ""
        self._found = False

    def feed(self, text: str) -> str | None:
        """The marker, the first time that one is seen."""
        if self._found:
            return None
        window = self._tail + text
        self._tail = window[-16:]
        match = _MARKERS.search(window) if "<|" in window else None
        if match is None and self._start is not None:
            match = self._stripped(self._start + text, window)
        if match is None:
            return None
        self._found = True
        found = match.group()
        return found if found.startswith("<|") else "analysis…assistantfinal"

    def _stripped(self, start: str, window: str) -> re.Match[str] | None:
        begun = start[:_WATCHED].lstrip()[: len(_FIRST)]
        may_be = _FIRST.startswith(begun) and len(start) - len(window) < _WATCHED
        self._start = start if may_be else None
        return _MARKERS.search(start) if may_be and "assistantfinal" in window else None
