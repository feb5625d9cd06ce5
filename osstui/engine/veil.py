"""Keeps secrets out of a model's output, also where a host that echoes one cuts it over several pieces."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from msgspec.structs import replace

from osstui.engine.keys import HIDDEN, SHORTEST_IN_OUTPUT
from osstui.events import Delta

BEGINNING = 8
"""Characters of a secret that may be shown before the rest is waited for: many keys share as many, so they
tell little, and ordinary text is never held up."""

Span = tuple[int, int]


class Veil:
    """Deltas in, the same deltas out, with their stamps and counts: one whose end may go on to be a secret
    waits until the next ones tell. Each piece of a secret is replaced by itself."""

    __slots__ = ("_held", "_reach", "_secrets", "_told")

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        self._secrets = [secret for secret in secrets if len(secret) >= SHORTEST_IN_OUTPUT]
        self._reach = max(map(len, self._secrets), default=2) - 1
        self._told = ""
        """The end of what has been handed out, as it came."""
        self._held: list[Delta] = []

    def feed(self, delta: Delta) -> Sequence[Delta]:
        """What may be told now."""
        if not self._held:
            window = self._told + delta.text
            for secret in self._secrets:
                if secret[:BEGINNING] in window:
                    break
            else:
                self._told = window[-self._reach :]
                return (delta,)
        other_kind = self.end() if self._held and self._held[-1].kind != delta.kind else ()
        self._held.append(delta)
        window = self._told + "".join(held.text for held in self._held)
        whole = [span for secret in self._secrets for span in _found(secret, window)]
        begun = self._begun(window, max((end for _, end in whole), default=0))
        ends = accumulate((len(held.text) for held in self._held), initial=len(self._told))
        ready = sum(end <= begun for _, end in pairwise(ends))
        return (*other_kind, *self._hand_out(window, ready, whole))

    def end(self) -> Sequence[Delta]:
        """What is still held: of a secret that breaks off, more than a beginning is hidden too."""
        window = self._told + "".join(held.text for held in self._held)
        begun = self._begun(window, 0)
        broken = [(begun, len(window))] if len(window) - begun >= SHORTEST_IN_OUTPUT else []
        return self._hand_out(window, len(self._held), broken)

    def _hand_out(self, window: str, ready: int, hidden: Sequence[Span]) -> list[Delta]:
        """The first `ready` of those held, without the hidden spans of the window."""
        start, out = len(self._told), []
        for delta in self._held[:ready]:
            end = start + len(delta.text)
            inside = [(max(a, start), min(b, end)) for a, b in hidden if a < end and b > start]
            out.append(replace(delta, text=_without(window, (start, end), inside)) if inside else delta)
            start = end
        del self._held[:ready]
        self._told = window[max(0, start - self._reach) : start]
        return out

    def _begun(self, window: str, since: int) -> int:
        """Where a secret begins of which the rest may follow; the window's end where none does."""
        first = max(since, len(window) - self._reach)
        for at in range(first, len(window) - BEGINNING + 1):
            if any(secret.startswith(window[at:]) for secret in self._secrets):
                return at
        return len(window)


def _found(secret: str, window: str) -> Iterator[Span]:
    at = window.find(secret)
    while at >= 0:
        yield at, at + len(secret)
        at = window.find(secret, at + len(secret))


def _without(window: str, part: Span, inside: Sequence[Span]) -> str:
    """That part of the window, each span inside it replaced."""
    at, end = part
    text = ""
    for a, b in sorted(inside):
        text += window[at:a] + HIDDEN
        at = max(at, b)
    return text + window[at:end]
