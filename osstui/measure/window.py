"""A stretch of stream: which tokens arrived between which stamps, folded piece by piece."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class Window:
    """Tokens between a first and a last stamp (ns). A chunk is all that carries one stamp, that is, one read
    of the socket: pieces merged or split on the way leave every number here as it is."""

    first: int = 0
    last: int = 0
    tokens: float = 0
    first_tokens: float = 0
    """Tokens of the first chunk, n₁ of the speed formula: how long they took is not known."""
    chunks: int = 0

    def add(self, t: int, tokens: float) -> int | None:
        """Takes a piece in. Returns the gap in ns when it opens a new chunk after the first one."""
        gap = None
        if not self.chunks:
            self.first = self.last = t
            self.chunks = 1
        elif t > self.last:
            gap = t - self.last
            self.last = t
            self.chunks += 1
        self.tokens += tokens
        if self.last == self.first:
            self.first_tokens += tokens
        return gap

    @property
    def span(self) -> int:
        """ns from the first chunk to the last."""
        return self.last - self.first


BUCKET = 250_000_000
"""Width in ns of a fresh bucket."""
MOST_BUCKETS = 4096


@dataclass(slots=True, eq=False)
class Buckets:
    """Tokens per slice of time since the first piece, for live speed and sparklines.

    Bounded: when the slices run out (after 17 minutes), neighbours are merged and `width` (ns) doubles.
    """

    origin: int = -1
    width: int = BUCKET
    tokens: array[float] = field(default_factory=lambda: array("d"))

    def add(self, t: int, tokens: float) -> None:
        if self.origin < 0:
            self.origin = t
        index = max(0, t - self.origin) // self.width
        while index >= MOST_BUCKETS:
            self._halve()
            index //= 2
        missing = index + 1 - len(self.tokens)
        if missing > 0:
            self.tokens.extend([0.0] * missing)
        self.tokens[index] += tokens

    def since(self, t: int) -> tuple[float, int]:
        """Tokens from the slice that holds `t` onwards, and the stamp (ns) at which that slice starts."""
        index = max(0, t - self.origin) // self.width
        return sum(self.tokens[index:]), self.origin + index * self.width

    def speeds(self, points: int) -> list[float]:
        """The whole course in at most `points` values, in tokens/s, oldest first."""
        group = max(1, -(-len(self.tokens) // max(1, points)))
        slices = range(0, len(self.tokens), group)
        seconds = self.width / 1e9
        return [sum(part) / (len(part) * seconds) for part in (self.tokens[at : at + group] for at in slices)]

    def _halve(self) -> None:
        if len(self.tokens) % 2:
            self.tokens.append(0.0)
        self.tokens = array("d", map(sum, zip(self.tokens[::2], self.tokens[1::2], strict=True)))
        self.width *= 2
