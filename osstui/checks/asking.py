"""One host's questions: each asked once, a few at a time, within the limit of cost, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from osstui.checks.model import NOT_RUN, Host, Observation, Probe
from osstui.checks.observe import observe, worst_cost
from osstui.engine.api import InspectingEngine
from osstui.measure.cost import cost_of
from osstui.measure.run import RunState

WIDTH = 4
"""Requests that one host gets at a time."""
PATIENCE = 8
"""Failures in a row after which a host is not asked on: each may take a minute, and the battery is long."""
_DOWN = frozenset(("server", "timeout", "connect", "rate_limit"))
_TOO_DEAR = NOT_RUN + "it could pass the limit of cost"
_PRICE_UNKNOWN = NOT_RUN + "no price is known, so no limit of cost can be kept"

Saw = Callable[[Host, Observation], None]


class BudgetSpentError(Exception):
    """The next request could pass the limit; says so in a verdict's words."""


class GivenUpError(Exception):
    """The host has failed too often in a row to be asked on; says how."""


class Budget:
    """Money for all hosts together. Each request first sets aside the most that it can cost."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self._aside = 0.0

    def set_aside(self, worst: float | None) -> float:
        """Raises BudgetSpentError where the limit could be passed: without a price, by any request."""
        if self.limit is not None and worst is None:
            raise BudgetSpentError(_PRICE_UNKNOWN)
        amount = worst or 0.0
        if self.limit is not None and self.spent + self._aside + amount > self.limit:
            raise BudgetSpentError(_TOO_DEAR)
        self._aside += amount
        return amount

    def settle(self, aside: float, usd: float | None) -> None:
        self._aside -= aside
        self.spent += usd or 0.0


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
        self._starting = starting
        self._asked: dict[bytes, asyncio.Task[Observation]] = {}
        self._down = 0

    async def ask(self, probes: Sequence[Probe], tally: Tally) -> list[Observation]:
        """The answers in the order of the probes. Raises BudgetSpentError."""
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
        return seen

    def _check_patience(self) -> None:
        if self._down >= PATIENCE:
            error = self.seen[-1].lane.error
            why = error.message if error is not None else ""
            raise GivenUpError(f"not asked: the last {self._down} requests failed, the last with: {why}")

    async def _one(self, probe: Probe, tally: Tally) -> Observation:
        async with self._width:
            self._check_patience()
            aside = self._budget.set_aside(worst_cost(self._host, probe))
            run = RunState()
            try:
                seen = await observe(self._engine, self._host, probe, self._starting, run)
            finally:
                usd = next((cost_of(lane).usd for lane in run.lanes.values()), None)
                self._budget.settle(aside, usd)
        self.seen.append(seen)
        self._host.seen.append(seen)
        error = seen.lane.error
        self._down = self._down + 1 if error is not None and error.kind in _DOWN else 0
        self._saw(self._host, seen)
        tally.requests += 1
        if usd is not None:
            tally.usd = (tally.usd or 0.0) + usd
        return seen
