"""One host's questions: each asked once, a few at a time, within the limit of cost, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from osstui.checks.exchange import Observation, Probe
from osstui.checks.model import NOT_RUN, Host
from osstui.checks.observe import observe, worst_cost
from osstui.engine.api import InspectingEngine
from osstui.events import Failed
from osstui.measure.cost import cost_of
from osstui.measure.run import RunState

WIDTH = 4
"""Requests that one host gets at a time, until it says that they are too many: then one."""
PATIENCE = 8
"""Failures in a row after which a host is not asked on: each may take a minute, and the battery is long."""
LIMIT_PATIENCE = 120.0
"""Seconds in all that a host's rate limit is waited for."""
LIMIT_WAIT = 2.0
"""Seconds before the next try where the host names no time."""
_DOWN = frozenset(("server", "timeout", "connect", "rate_limit"))
_TOO_DEAR = NOT_RUN + "it could pass the limit of cost"
_PRICE_UNKNOWN = NOT_RUN + "no price is known, so no limit of cost can be kept"

Saw = Callable[[Host, Observation], None]


class NotAskedError(Exception):
    """There is no money left for the next request, or the host's rate limit is reached; says so in a
    verdict's words."""


class GivenUpError(Exception):
    """The host has failed too often in a row to be asked on; says how."""


class Budget:
    """Money for all hosts together. Each request first sets aside the most that it can cost."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self._aside = 0.0
        self._under_way = 0
        self._settled = asyncio.Event()

    async def set_aside(self, worst: float | None) -> float:
        """Waits while requests under way hold what they may not need. Raises NotAskedError where the limit
        could be passed: without a price, by any request."""
        if self.limit is not None and worst is None:
            raise NotAskedError(_PRICE_UNKNOWN)
        amount = worst or 0.0
        while self.limit is not None and self.spent + self._aside + amount > self.limit:
            if not self._under_way or self.spent + amount > self.limit:
                raise NotAskedError(_TOO_DEAR)
            self._settled.clear()
            await self._settled.wait()
        self._aside += amount
        self._under_way += 1
        return amount

    def settle(self, aside: float, usd: float | None) -> None:
        self._under_way -= 1
        self._aside = self._aside - aside if self._under_way else 0.0
        self.spent += usd or 0.0
        self._settled.set()


@dataclass(slots=True)
class Tally:
    ms: float = 0.0
    usd: float | None = None
    requests: int = 0


class Asker:
    """Asks one host, a few requests at a time, and each question once."""

    def __init__(
        self, engine: InspectingEngine, host: Host, budget: Budget, saw: Saw, starting: asyncio.Lock
    ) -> None:
        self._engine = engine
        self.seen: list[Observation] = []
        """Answers to its own questions."""
        self._host = host
        self._budget = budget
        self._saw = saw
        self._width = asyncio.Semaphore(WIDTH)
        self._surplus = 0
        """Requests under way after which none follows: the host wants fewer at a time."""
        self._narrowed = False
        self._starting = starting
        self._asked: dict[bytes, asyncio.Task[Observation]] = {}
        self._down = 0
        self._wait_left = LIMIT_PATIENCE

    async def ask(
        self, probes: Sequence[Probe], tally: Tally, *, judges_limits: bool = False
    ) -> list[Observation]:
        """The answers in the order of the probes. Raises NotAskedError, also where a rate limit is the
        answer, unless the check judges that itself, and GivenUpError."""
        tasks = []
        for probe in probes:
            name = msgspec.json.encode(probe)
            if name not in self._asked:
                self._asked[name] = asyncio.create_task(self._one(probe, tally))
            tasks.append(self._asked[name])
        seen = []
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome
            seen.append(outcome)
        tally.ms += sum((one.lane.t_end or 0) / 1e6 for one in seen)
        limited = next((one for one in seen if one.limited), None)
        if limited is not None and not judges_limits:
            raise NotAskedError(f"{NOT_RUN}the host's limit is reached: {limited.trouble}")
        return seen

    async def _one(self, probe: Probe, tally: Tally) -> Observation:
        """Asked again where the host says that it was asked too often, as long as there is patience."""
        async with self._turn():
            while True:
                self._check_patience()
                seen = await self._once(probe, tally)
                error = seen.lane.error
                if not seen.limited or error is None:
                    self._count(error)
                    return seen
                wait = max(LIMIT_WAIT if error.retry_after is None else error.retry_after, 0.1)
                if wait > self._wait_left:
                    self._down += 1
                    return seen
                self._wait_left -= wait
                self._narrow()
                await asyncio.sleep(wait)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        await self._width.acquire()
        try:
            yield
        finally:
            if self._surplus:
                self._surplus -= 1
            else:
                self._width.release()

    def _count(self, error: Failed | None) -> None:
        """A host that has never answered is not waited for again and again."""
        if error is None or error.kind not in _DOWN:
            self._down = 0
        elif error.kind == "timeout" and not any(one.ok for one in self.seen):
            self._down += PATIENCE // 2
        else:
            self._down += 1

    def _narrow(self) -> None:
        if not self._narrowed:
            self._narrowed, self._surplus = True, WIDTH - 1

    def _check_patience(self) -> None:
        if self._down < PATIENCE:
            return
        last = self.seen[-1]
        if last.limited:
            raise NotAskedError(f"{NOT_RUN}the host's limit is reached: {last.trouble}")
        raise GivenUpError(f"not asked, as too many requests have failed, the last with {last.trouble}")

    async def _once(self, probe: Probe, tally: Tally) -> Observation:
        aside = await self._budget.set_aside(worst_cost(self._host, probe))
        run = RunState()
        try:
            seen = await observe(self._engine, self._host, probe, self._starting, run)
        finally:
            usd = next((cost_of(lane).usd for lane in run.lanes.values()), None)
            self._budget.settle(aside, usd)
        self.seen.append(seen)
        self._host.seen.append(seen)
        self._saw(self._host, seen)
        tally.requests += 1
        if usd is not None:
            tally.usd = (tally.usd or 0.0) + usd
        return seen
