"""Reasoning that arrives inside the answer, between tags.

Amazon Bedrock sends `<reasoning>…</reasoning>`, often a pair per chunk; others send `<think>…</think>`.
Only tags that stand before the first word of the answer count: an answer may speak of `<think>` too.
"""

from __future__ import annotations

from osstui.events import DeltaKind

_TAGS = {"<reasoning>": "</reasoning>", "<think>": "</think>"}


class ReasoningTags:
    """Splits content into reasoning and answer; a tag may be cut anywhere."""

    __slots__ = ("_close", "_done", "_held")

    def __init__(self) -> None:
        self._held = ""
        self._close: str | None = None
        self._done = False

    def feed(self, text: str) -> list[tuple[DeltaKind, str]]:
        if self._done:
            return [("text", text)]
        out: list[tuple[DeltaKind, str]] = []
        self._held += text
        while self._held and not self._done:
            if not (self._inside(out) if self._close else self._outside(out)):
                break
        return out

    def end(self) -> list[tuple[DeltaKind, str]]:
        held, self._held = self._held, ""
        if not held:
            return []
        return [("reasoning" if self._close else "text", held)]

    def _outside(self, out: list[tuple[DeltaKind, str]]) -> bool:
        """Before the answer: whitespace, a tag, or its first word. False when more text is needed."""
        start = self._held.lstrip()
        for opening, closing in _TAGS.items():
            if start.startswith(opening):
                self._close = closing
                self._held = start[len(opening) :]
                return True
            if opening.startswith(start):
                return False
        out.append(("text", self._held))
        self._held = ""
        self._done = True
        return False

    def _inside(self, out: list[tuple[DeltaKind, str]]) -> bool:
        assert self._close is not None
        text, closed, rest = self._held.partition(self._close)
        if closed:
            self._close, self._held = None, rest
        else:
            keep = _overlap(text, self._close)
            self._held = text[len(text) - keep :]
            text = text[: len(text) - keep]
        if text:
            out.append(("reasoning", text))
        return bool(closed)


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:size]):
            return size
    return 0
