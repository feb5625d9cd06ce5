"""Running the battery: all hosts at once, each host's checks side by side over a few connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from osstui.checks.model import Check, Host, Observation, Probe, Result, Verdict, failed, not_applicable
from osstui.checks.observe import observe, worst_cost
from osstui.checks.table import BY_ID, CHAT_DIALECTS
from osstui.engine.api import InspectingEngine
from osstui.job import Target
from osstui.measure.cost import cost_of

WIDTH = 4
"""Requests that one host gets at a time."""
PATIENCE = 8
"""Failures in a row after which a host is not asked on: each may take a minute, and the battery is long."""
_DOWN = frozenset(("server", "timeout", "connect", "rate_limit"))
_NOT_RUN = "not run: "
_NOT_CONNECTED = _NOT_RUN + "there is no connection"
_NOT_LET_IN = _NOT_RUN + "the host does not let us in"
_INTERRUPTED = _NOT_RUN + "interrupted"
_TOO_DEAR = _NOT_RUN + "it could pass the limit of cost"


@dataclass(slots=True)
class Cell:
    """One check at one host. `ms`: time of the requests that it looked at; `cost_usd`: of those that it was
    the first to ask, None when none of their costs is known."""

    check: Check
    verdict: Verdict
    ms: float = 0.0
    cost_usd: float | None = None
    requests: int = 0


@dataclass(slots=True, eq=False)
class HostReport:
    """One lane's row of the matrix."""

    lane: str
    target: Target
    cells: dict[str, Cell] = field(default_factory=dict)
    host: Host | None = None

    @property
    def verdict(self) -> Result:
        """The worst result; what was not run for want of money or of a key is no pass either."""
        results = {cell.verdict.result for cell in self.cells.values()}
        unfinished = any(cell.verdict.reason.startswith(_NOT_RUN) for cell in self.cells.values())
        return "fail" if "fail" in results else "warn" if "warn" in results or unfinished else "pass"

    @property
    def ordered(self) -> list[Cell]:
        """The cells in the table's order, however they came."""
        return [self.cells[name] for name in BY_ID if name in self.cells]

    @property
    def locked(self) -> bool:
        """There is no key, so nothing could be asked."""
        errors = [seen.lane.error for seen in self.host.seen] if self.host else []
        return bool(errors) and all(error is not None and error.kind == "no_key" for error in errors)


class BudgetSpentError(Exception):
    """The next request could pass the limit."""


class GivenUpError(Exception):
    """The host has failed too often in a row to be asked on; says how."""


class Budget:
    """Money for all hosts together. Each request first sets aside the most that it can cost."""

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self._aside = 0.0

    def set_aside(self, worst: float | None) -> float:
        """Raises BudgetSpentError where the limit could be passed; a host without a price counts
        nothing."""
        amount = worst or 0.0
        if self.limit is not None and self.spent + self._aside + amount > self.limit:
            raise BudgetSpentError
        self._aside += amount
        return amount

    def settle(self, aside: float, usd: float | None) -> None:
        self._aside -= aside
        self.spent += usd or 0.0


Told = Callable[[str, Check, Cell | None], None]
"""Lane, check, and its cell; None when it begins."""
Saw = Callable[[Host, Observation], None]


class Battery:
    """The matrix. `reports` fills while `run` runs and stays readable if that is cancelled."""

    def __init__(
        self,
        engine: InspectingEngine,
        lanes: Iterable[tuple[str, Target]],
        checks: Sequence[Check],
        *,
        budget: Budget | None = None,
        told: Told = lambda lane, check, cell: None,
        saw: Saw = lambda host, seen: None,
    ) -> None:
        self.checks = checks
        self.reports = {lane: HostReport(lane, target) for lane, target in lanes}
        self.budget = budget or Budget()
        self._engine = engine
        self._told = told
        self._saw = saw
        self._starting = asyncio.Lock()

    async def run(self) -> None:
        """Every host's checks, then what compares hosts. Cancelled, it names what was not run."""
        try:
            await asyncio.gather(*(self._host(report) for report in self.reports.values()))
        except asyncio.CancelledError:
            for report in self.reports.values():
                for check in self.checks:
                    report.cells.setdefault(check.id, Cell(check, not_applicable(_INTERRUPTED)))
            raise
        self._compare()

    async def _host(self, report: HostReport) -> None:
        facts = await self._engine.inspect(report.target)
        report.host = host = Host(report.lane, report.target, facts)
        asker = _Asker(self._engine, host, self.budget, self._saw, self._starting)
        gates = [check for check in self.checks if check.id in ("reach", "auth")]
        timed = [check for check in self.checks if check.timed]
        rest = [check for check in self.checks if not (check in gates or check.timed or check.last)]
        last = [check for check in self.checks if check.last]
        barred = None
        for check in gates:
            await self._check(report, check, asker, barred)
            if facts.error is not None:
                barred = _NOT_CONNECTED
            elif any(one.lane.error and one.lane.error.kind in ("auth", "no_key") for one in host.seen):
                barred = _NOT_LET_IN
        if facts.error is not None and "reach" not in report.cells:
            barred = _NOT_RUN + facts.error
        for group in (timed, rest, last):
            await asyncio.gather(*(self._check(report, check, asker, barred) for check in group))

    async def _check(self, report: HostReport, check: Check, asker: _Asker, barred: str | None) -> Cell:
        assert report.host is not None
        self._told(report.lane, check, None)
        if barred is not None:
            cell = Cell(check, not_applicable(barred))
        elif check.chat and report.target.dialect not in CHAT_DIALECTS:
            cell = Cell(
                check, not_applicable(f"written for Chat Completions, not for {report.target.dialect}")
            )
        else:
            cell = await _carry_out(check, report.host, asker)
        report.cells[check.id] = cell
        self._told(report.lane, check, cell)
        return cell

    def _compare(self) -> None:
        models = {report.target.model for report in self.reports.values()}
        for check in self.checks:
            for model in models if check.across else ():
                rows = [report for report in self.reports.values() if report.target.model == model]
                assert check.across is not None
                verdicts = {row.lane: row.cells[check.id].verdict for row in rows if check.id in row.cells}
                for lane, verdict in check.across(verdicts).items():
                    cell = self.reports[lane].cells[check.id]
                    cell.verdict = verdict
                    self._told(lane, check, cell)


async def _carry_out(check: Check, host: Host, asker: _Asker) -> Cell:
    """Steps through the check's generator. Whatever goes wrong in it is a fail: nothing leaves the
    count."""
    tally = _Tally()
    try:
        plan = check.run(host)
        wanted = next(plan)
        while True:
            wanted = plan.send(await asker.ask(wanted, tally))
    except StopIteration as ending:
        verdict: Verdict = ending.value
    except BudgetSpentError:
        verdict = not_applicable(_TOO_DEAR)
    except GivenUpError as error:
        verdict = failed(str(error))
    except Exception as error:
        verdict = failed(f"the check itself failed: {type(error).__name__}: {error}")
    return Cell(check, verdict, tally.ms or _looked_ms(check, host), tally.usd, tally.requests)


def _looked_ms(check: Check, host: Host) -> float:
    """How long the look at the host took, for the checks that rest on nothing else."""
    facts = host.facts
    if check.id == "reach":
        return sum(part or 0 for part in (facts.dns_ns, facts.connect_ns, facts.tls_ns)) / 1e6
    return (facts.models_ns or 0) / 1e6 if check.id == "listed" else 0.0


@dataclass(slots=True)
class _Tally:
    ms: float = 0.0
    usd: float | None = None
    requests: int = 0


class _Asker:
    """Asks one host, a few requests at a time, and each question once."""

    def __init__(
        self, engine: InspectingEngine, host: Host, budget: Budget, saw: Saw, starting: asyncio.Lock
    ) -> None:
        self._engine = engine
        self._host = host
        self._budget = budget
        self._saw = saw
        self._width = asyncio.Semaphore(WIDTH)
        self._starting = starting
        self._asked: dict[bytes, asyncio.Task[Observation]] = {}
        self._down = 0

    async def ask(self, probes: Sequence[Probe], tally: _Tally) -> list[Observation]:
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
            error = self._host.seen[-1].lane.error
            why = error.message if error is not None else ""
            raise GivenUpError(f"not asked: the last {self._down} requests failed, the last with: {why}")

    async def _one(self, probe: Probe, tally: _Tally) -> Observation:
        async with self._width:
            self._check_patience()
            aside = self._budget.set_aside(worst_cost(self._host, probe))
            usd = None
            try:
                seen = await observe(self._engine, self._host, probe, self._starting)
                usd = cost_of(seen.lane).usd
            finally:
                self._budget.settle(aside, usd)
        self._host.seen.append(seen)
        error = seen.lane.error
        self._down = self._down + 1 if error is not None and error.kind in _DOWN else 0
        self._saw(self._host, seen)
        tally.requests += 1
        if usd is not None:
            tally.usd = (tally.usd or 0.0) + usd
        return seen
