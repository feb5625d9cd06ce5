"""How long a lane is waited for: the whole, the first token, the silence between two pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from osstui.engine.exchange import Exchange
from osstui.engine.wire import now
from osstui.job import Params

LINGER = 3.0
"""Seconds that usage and the end marker may come after the finish reason."""


class Patience:
    """One timer for all limits of a lane, set to whichever comes next."""

    def __init__(self, params: Params) -> None:
        self._params = params
        self._end = 0
        self.answered = False
        """A piece of the answer has come, so another attempt would ask (and pay) twice."""

    def start(self, stamp: int) -> None:
        self._end = stamp + int(self._params.timeout * 1e9)

    def left(self, stamp: int) -> float:
        """Seconds that are left of the whole lane."""
        return max(0.0, (self._end - stamp) / 1e9)

    @contextmanager
    def watching(self, exchange: Exchange) -> Iterator[None]:
        """Ends the exchange when a limit passes."""
        loop = asyncio.get_running_loop()
        timer: asyncio.Handle

        def check() -> None:
            nonlocal timer
            timer.cancel()
            stamp = now()
            limit, message = self._next(exchange, stamp)
            if stamp < limit:
                timer = loop.call_later((limit - stamp) / 1e9, check)
            elif exchange.finished_at is not None:
                exchange.conclude(stamp)
            else:
                exchange.time_out(stamp, message)

        timer = loop.call_soon(check)
        exchange.on_phase = check
        try:
            yield
        finally:
            exchange.on_phase = None
            timer.cancel()
            self.answered = self.answered or exchange.last_piece_at is not None

    def _next(self, exchange: Exchange, stamp: int) -> tuple[int, str]:
        params = self._params
        limits = [(self._end, f"not finished after {params.timeout:g} s (--timeout)")]
        if exchange.finished_at is not None:
            limits.append((exchange.finished_at + int(LINGER * 1e9), ""))
        elif exchange.last_piece_at is not None:
            limit = exchange.last_piece_at + int(params.idle_timeout * 1e9)
            limits.append((limit, f"silent for {params.idle_timeout:g} s (--idle-timeout)"))
        else:
            begun = stamp if exchange.sent_at is None else exchange.sent_at
            limit = begun + int(params.first_token_timeout * 1e9)
            limits.append(
                (limit, f"no token within {params.first_token_timeout:g} s (--first-token-timeout)")
            )
        return min(limits)
