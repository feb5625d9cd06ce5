"""One lane: attempts until an answer comes, patience runs out, or another try can't help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from typing import NamedTuple

from osstui.engine.address import AddressError, base_url, encode_request, secrets_of
from osstui.engine.dialects import DIALECTS
from osstui.engine.dialects.base import Dialect, Request
from osstui.engine.exchange import Ending, Exchange, Outcome, Setback
from osstui.engine.failure import Failure, unsupported_parameters
from osstui.engine.gate import Gate
from osstui.engine.http1 import split_url
from osstui.engine.keys import WRONG_KEY, Keyring, NoKeyError
from osstui.engine.narrator import Narrator
from osstui.engine.patience import Patience
from osstui.engine.pool import Pool
from osstui.engine.wire import Connection, WireError, now
from osstui.events import FailureKind
from osstui.job import Lane

BACKOFF = 0.5
"""Seconds before the first retry where the host names no time; doubled for each further one."""
MAX_BACKOFF = 8.0
MAX_RETRY_AFTER = 60.0
"""A host that asks for a longer wait is not waited for: the lane fails and says when to come back."""


class Retry(NamedTuple):
    wait: float
    request: Request
    counted: bool
    """False for a second try that costs no retry: a dropped parameter, a stale socket, a fresh token."""


class LaneRun:
    """Runs one lane to its ending; whatever happens, exactly one `Ended` or `Failed` is said."""

    def __init__(self, lane: Lane, narrator: Narrator, pool: Pool, keyring: Keyring, gate: Gate) -> None:
        self._lane = lane
        self._narrator = narrator
        self._pool = pool
        self._keyring = keyring
        self._gate = gate
        self._at_gate = True
        self._attempt = 1
        self._retries = lane.params.retries
        self._once: set[str] = set()
        self._patience = Patience(lane.params)

    async def run(self) -> None:
        try:
            await self._attempts()
        except asyncio.CancelledError:
            self._narrator.ended(now(), "cancelled")
        except (NoKeyError, AddressError) as error:
            kind: FailureKind = "no_key" if isinstance(error, NoKeyError) else "bad_request"
            self._narrator.failed(now(), kind, str(error))
        except Exception as error:
            message = f"osstui itself failed in this lane: {type(error).__name__}: {error}"
            self._narrator.failed(now(), "protocol", message)
            raise
        finally:
            self._leave_gate()

    async def _attempts(self) -> None:
        dialect = DIALECTS.get(self._lane.target.dialect)
        if dialect is None:
            known = ", ".join(DIALECTS)
            raise AddressError(f"dialect {self._lane.target.dialect!r} is not known; known are {known}")
        request = dialect.build(self._lane)
        for note in request.notes:
            self._narrator.note(now(), note.code, note.message)
        self._patience.start(now())
        while True:
            outcome = await self._one_attempt(dialect, request)
            if isinstance(outcome, Ending):
                self._narrator.ended(
                    outcome.stamp, outcome.reason, outcome.word, outcome.model, outcome.traits
                )
                return
            retry = self._retry(outcome, request)
            if retry is None:
                failure = outcome.failure
                self._narrator.failed(
                    outcome.stamp,
                    failure.kind,
                    failure.message,
                    failure.status,
                    failure.retry_after,
                    failure.body,
                )
                return
            request = retry.request
            self._leave_gate()
            await self._say_and_wait(outcome, retry)

    async def _one_attempt(self, dialect: Dialect, request: Request) -> Outcome:
        """One request, sent once more on a new socket if a kept one turns out to be closed by the host."""
        target = self._lane.target
        try:
            async with asyncio.timeout(self._patience.left(now())):
                key = WRONG_KEY if self._lane.wrong_key else await self._keyring.key(target)
        except TimeoutError:
            seconds = self._lane.params.timeout
            return Setback(now(), Failure("timeout", f"no key after {seconds:g} s (--timeout)"))
        self._narrator.keep((*([key] if key else []), *secrets_of(target)))
        data = encode_request(target, request, key)
        origin, _ = split_url(base_url(target))
        for fresh in (False, True):
            try:
                seconds = min(self._lane.params.connect_timeout, self._patience.left(now()))
                connection, reused = await self._pool.connect(origin, seconds, fresh=fresh)
            except WireError as error:
                transient = error.kind in ("connect", "timeout")
                return Setback(now(), Failure(error.kind, str(error), transient=transient), unanswered=True)
            self._narrator.connected(now(), self._attempt, connection.phases, reused=reused)
            exchange = Exchange(dialect.parser(), self._narrator)
            outcome = await self._exchange(connection, exchange, data)
            if not (reused and isinstance(outcome, Setback) and outcome.unanswered):
                break
        return outcome

    async def _exchange(self, connection: Connection, exchange: Exchange, data: bytes) -> Outcome:
        def sent(stamp: int) -> None:
            exchange.sent_at = stamp
            self._narrator.sent(stamp, self._attempt)

        def send() -> None:
            connection.send(data, exchange, sent)

        outcome: Outcome | None = None
        try:
            if self._at_gate:
                self._at_gate = False
                self._gate.arrive(send)
            else:
                send()
            with self._patience.watching(exchange):
                outcome = await exchange.outcome
            return outcome
        finally:
            self._gate.leave(send)
            if connection.serves(exchange) and isinstance(outcome, Ending) and outcome.reason != "truncated":
                connection.release()
            elif connection.serves(exchange) or exchange.sent_at is None:
                connection.close()

    def _leave_gate(self) -> None:
        if self._at_gate:
            self._at_gate = False
            self._gate.leave()

    def _retry(self, setback: Setback, request: Request) -> Retry | None:
        """How to go on after a setback, or None to give up. Never after a piece of the answer has come."""
        failure = setback.failure
        if self._patience.answered:
            return None
        dropped = unsupported_parameters(failure, request.body)
        if dropped and self._first(f"without {sorted(dropped)}"):
            body = self._without(dropped, request.body, setback.stamp)
            return Retry(0.0, Request(request.path, body, request.headers), counted=False)
        refused = failure.status == 401 and not self._lane.wrong_key
        if refused and self._keyring.forget(self._lane.target) and self._first("token"):
            return Retry(0.0, request, counted=False)
        if not failure.transient or self._retries <= 0:
            return None
        wait = failure.retry_after
        if wait is None:
            tries = self._lane.params.retries - self._retries
            wait = min(MAX_BACKOFF, BACKOFF * 2**tries) * random.uniform(0.8, 1.2)  # noqa: S311
        if wait > min(MAX_RETRY_AFTER, self._patience.left(setback.stamp)):
            return None
        return Retry(wait, request, counted=True)

    def _without(
        self, dropped: Mapping[str, str | None], body: Mapping[str, object], stamp: int
    ) -> dict[str, object]:
        """The body without the fields, those with another name under that; said."""
        gone = ", ".join(name for name, other in dropped.items() if other is None)
        if gone:
            self._narrator.note(stamp, "dropped_parameter", f"the host does not take {gone}: sent without")
        for name, other in dropped.items():
            if other is not None:
                self._narrator.note(stamp, "renamed_field", f"the host wants {other}, not {name}: sent so")
        return {dropped.get(name) or name: body[name] for name in body if dropped.get(name, name)}

    def _first(self, what: str) -> bool:
        if what in self._once:
            return False
        self._once.add(what)
        return True

    async def _say_and_wait(self, setback: Setback, retry: Retry) -> None:
        failure = setback.failure
        self._attempt += 1
        if retry.counted:
            self._retries -= 1
        wait = int(retry.wait * 1e9)
        self._narrator.retried(
            setback.stamp, self._attempt, wait, failure.kind, failure.status, failure.message
        )
        await asyncio.sleep(retry.wait)
