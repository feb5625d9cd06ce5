"""What really happened, by the server's own clock: one record a request, kept for whoever checks a client."""

from __future__ import annotations

import time
from collections import deque
from hashlib import blake2b
from typing import Any

import msgspec

KEPT = 256
"""How many requests are remembered; the oldest is forgotten first."""

clock = time.monotonic_ns
"""CLOCK_MONOTONIC in ns: on one machine the same clock in every process."""


class Truth(msgspec.Struct, kw_only=True):
    """One request. Times are ns on CLOCK_MONOTONIC; a write is stamped once it is handed to the socket.

    `writes`, `tokens` and `kinds` are parallel: one entry for every chunk of text that was written.
    Chunks that were due together carry one stamp.
    """

    id: str
    provider: str
    dialect: str
    model: str
    stream: bool
    attempt: int
    t_headers: int
    t_received: int
    t_open: int | None = None
    t_first: int | None = None
    t_first_answer: int | None = None
    t_last: int | None = None
    t_end: int | None = None
    status: int = 200
    ended: str = "open"
    """`done`, `error`, `cut`, `eof`, `stalled`, `client left`; `open` while it runs."""
    finish_reason: str | None = None
    prompt_tokens: int = 0
    total_tokens: int = 0
    """Tokens of text that were written, reasoning included; harmony markers are not text."""
    reasoning_tokens: int = 0
    text: str = ""
    reasoning: str = ""
    tool: str = ""
    usage: dict[str, Any] | None = None
    cost_usd: float | None = None
    faults: tuple[str, ...] = ()
    writes: list[int] = []
    tokens: list[int] = []
    kinds: list[str] = []


class Ledger:
    """The last `KEPT` records, and how often each prompt was tried."""

    def __init__(self) -> None:
        self._records: deque[Truth] = deque(maxlen=KEPT)
        self._attempts: dict[tuple[str, bytes], int] = {}

    def add(self, truth: Truth) -> None:
        self._records.append(truth)

    def attempt(self, provider: str, key: str) -> int:
        """Counts one more attempt of this key at this provider: 1 for the first."""
        digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        number = self._attempts.pop((provider, digest), 0) + 1
        self._attempts[(provider, digest)] = number
        if len(self._attempts) > KEPT * 8:
            del self._attempts[next(iter(self._attempts))]
        return number

    def find(self, request_id: str) -> Truth | None:
        """The newest record of that request id."""
        return next((truth for truth in reversed(self._records) if truth.id == request_id), None)

    def recent(self) -> list[Truth]:
        return list(self._records)

    def clear(self) -> None:
        self._records.clear()
        self._attempts.clear()
