"""Reasoning that arrives inside the answer, between tags.

Amazon Bedrock sends `<reasoning>…</reasoning>`, often a pair per chunk; others send `<think>…</think>`.
Only tags that stand before the first word of the answer count: an answer may speak of `<think>` too.
"""

from __future__ import annotations

from osstui.engine.dialects.base import Held, Piece, Trait

_TAGS = {"<reasoning>": "</reasoning>", "<think>": "</think>"}


class ReasoningTags:
    """Splits content into reasoning and answer; a tag may be cut anywhere.

    Text that was held back because it might have become a tag is a piece of its own, marked `held`: it came
    earlier than the words that settled it, and a measurement must know that.
    """

    __slots__ = ("_close", "_done", "_held", "_old", "_told")

    def __init__(self) -> None:
        self._held = ""
        self._old = 0
        """How much of what is held has been so since an earlier call."""
        self._close: str | None = None
        self._done = False
        self._told = False

    def feed(self, text: str) -> list[Piece | Held | Trait]:
        """The pieces that are settled, the first reasoning with the trait that it stood between tags."""
        if self._done:
            return [Piece("text", text)]
        out: list[Piece | Held | Trait] = []
        self._held += text
        while self._held and not self._done:
            if not (self._inside(out) if self._close else self._outside(out)):
                break
        if self._held and not self._old and not self._close:
            out.append(Held())
        self._old = len(self._held)
        return out

    def end(self) -> list[Piece]:
        held, self._held, self._old = self._held, "", 0
        if not held:
            return []
        return [Piece("reasoning", held) if self._close else Piece("text", held, held=True)]

    def _outside(self, out: list[Piece | Held | Trait]) -> bool:
        """Before the answer: whitespace, a tag, or its first word. False when more text is needed."""
        start = self._held.lstrip()
        for opening, closing in _TAGS.items():
            if start.startswith(opening):
                self._close = closing
                self._held, self._old = start[len(opening) :], 0
                return True
            if opening.startswith(start):
                return False
        old, new = self._held[: self._old], self._held[self._old :]
        if old:
            out.append(Piece("text", old, held=True))
        out.append(Piece("text", new))
        self._held = ""
        self._done = True
        return False

    def _inside(self, out: list[Piece | Held | Trait]) -> bool:
        assert self._close is not None
        text, closed, rest = self._held.partition(self._close)
        if closed:
            self._close, self._held, self._old = None, rest, 0
        else:
            keep = _overlap(text, self._close)
            self._held = text[len(text) - keep :]
            text = text[: len(text) - keep]
        if text:
            if not self._told:
                self._told = True
                out.append(Trait("reasoning", "tags"))
            out.append(Piece("reasoning", text))
        return bool(closed)


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:size]):
            return size
    return 0
