"""The checks of a sitting: which hosts, how deep, how each cell stands. The truth of the checks' screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from osstui.checks.asking import Budget
from osstui.checks.model import Check, Level, Result
from osstui.checks.report import document
from osstui.checks.run import Battery, Cell, HostReport
from osstui.checks.table import choose

if TYPE_CHECKING:
    from osstui.checks.showing import Lanes, State
    from osstui.engine.api import InspectingEngine


class Tally(NamedTuple):
    """How many cells stand how."""

    done: int
    all: int
    failed: int
    warned: int


class Checking:
    """Nothing in it paints. `spend` is told what was spent, when a run of checks is over."""

    def __init__(
        self, engine: InspectingEngine, lanes: Lanes, spend: Callable[[float], None], level: Level = "quick"
    ) -> None:
        self._engine, self._spend = engine, spend
        self.lanes = lanes
        self.live = False
        self.changed = False
        """Something is to be drawn; whoever draws it sets it back."""
        self.begin(level, None)

    def begin(self, level: Level, limit: float | None) -> None:
        """A fresh start, with at most `limit` US$; what was found is forgotten."""
        self.level: Level = level
        self.checks: Sequence[Check] = choose(level)
        self.budget = Budget(limit)
        self.battery = Battery(self._engine, self.lanes, self.checks, budget=self.budget, told=self._told)
        self.started_at = ""
        self._running: set[tuple[str, str]] = set()
        self._clock, self._took = 0.0, 0.0

    @property
    def reports(self) -> dict[str, HostReport]:
        return self.battery.reports

    @property
    def begun(self) -> bool:
        return bool(self.started_at)

    async def run(self) -> None:
        """The whole battery."""
        self.started_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._at_work():
            await self.battery.run()

    async def again(self, lane: str, check: Check | None = None) -> None:
        """One host, or one of its cells, once more; within the same limit."""
        with self._at_work():
            await self.battery.again(lane, None if check is None else [check])

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """While checks run: the clock goes; at their end, however it comes, what they cost is told."""
        self.live = self.changed = True
        self._clock, before, budget = time.monotonic(), self.budget.spent, self.budget
        try:
            yield
        finally:
            self._took += time.monotonic() - self._clock
            self.live, self.changed = False, True
            self._running.clear()
            self._spend(budget.spent - before)

    def _told(self, lane: str, check: Check, cell: Cell | None) -> None:
        self.changed = True
        if cell is None:
            self._running.add((lane, check.id))
        else:
            self._running.discard((lane, check.id))

    def cell(self, lane: str, check: str) -> Cell | None:
        return self.reports[lane].cells.get(check)

    def state(self, lane: str, check: str) -> State:
        if (lane, check) in self._running:
            return "running"
        cell = self.cell(lane, check)
        return "waiting" if cell is None else cell.verdict.result

    def tally(self, lane: str | None = None) -> Tally:
        """Of one host, or of all."""
        lanes = self.reports if lane is None else [lane]
        states = [self.state(name, check.id) for name in lanes for check in self.checks]
        left = states.count("waiting") + states.count("running")
        return Tally(len(states) - left, len(states), states.count("fail"), states.count("warn"))

    def verdict(self, lane: str) -> Result | None:
        """None until every check of the host is over."""
        tally = self.tally(lane)
        return self.reports[lane].verdict if tally.done == tally.all else None

    @property
    def seconds(self) -> float:
        """Of checking so far."""
        return self._took + (time.monotonic() - self._clock if self.live else 0.0)

    def document(self) -> dict[str, object]:
        """What `osstui check --json` prints."""
        return document(self.reports.values(), self.started_at, self.budget.spent)
