"""Running the battery: all hosts at once, each host's checks side by side over a few connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from osstui.checks.asking import Asker, Budget, GivenUpError, NotAskedError, Saw, Tally
from osstui.checks.exchange import Observation
from osstui.checks.model import NOT_RUN, Check, Host, Result, Verdict, failed, not_applicable
from osstui.checks.table import BY_ID
from osstui.engine.api import HostFacts, InspectingEngine
from osstui.job import Target

_NOT_CONNECTED = NOT_RUN + "there is no connection"
_NOT_LET_IN = NOT_RUN + "the host does not let us in"
_INTERRUPTED = NOT_RUN + "interrupted"


@dataclass(slots=True)
class Cell:
    """One check at one host. `ms`: time of the requests that it looked at; `cost_usd`: of those that it was
    the first to ask, None when none of their costs is known."""

    check: Check
    verdict: Verdict
    ms: float = 0.0
    cost_usd: float | None = None
    requests: int = 0
    alone: Verdict | None = None
    """What it was before the hosts were compared."""


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
        unfinished = any(cell.verdict.reason.startswith(NOT_RUN) for cell in self.cells.values())
        return "fail" if "fail" in results else "warn" if "warn" in results or unfinished else "pass"

    @property
    def ordered(self) -> list[Cell]:
        """The cells in the table's order, however they came."""
        return [self.cells[name] for name in BY_ID if name in self.cells]

    @property
    def unchecked(self) -> bool:
        """Nothing could be checked: there is no key, or no money was given."""
        errors = [seen.lane.error for seen in self.host.seen] if self.host else []
        locked = bool(errors) and all(error is not None and error.kind == "no_key" for error in errors)
        return locked or all(cell.verdict.reason.startswith(NOT_RUN) for cell in self.cells.values())


Told = Callable[[str, Check, Cell | None], None]
"""Lane, check, and its cell; None when it begins."""


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
            async with asyncio.TaskGroup() as hosts:
                for report in self.reports.values():
                    hosts.create_task(self._host(report, self.checks))
        except asyncio.CancelledError:
            for report in self.reports.values():
                for check in self.checks:
                    report.cells.setdefault(check.id, Cell(check, not_applicable(_INTERRUPTED)))
            raise
        await self._compare()

    async def again(self, lane: str, checks: Sequence[Check] | None = None) -> None:
        """A host's checks once more, or some of them; not while `run` runs. A host that is checked whole
        begins with nothing; a single check asks anew, but what the host has said before stays for those
        that judge all answers. Cancelled, the cells that were not reached keep what they were."""
        report = self.reports[lane]
        before = [*report.host.seen] if report.host is not None and checks is not None else []
        await self._host(report, self.checks if checks is None else checks, before)
        await self._compare()

    async def _host(
        self, report: HostReport, checks: Sequence[Check], before: Sequence[Observation] = ()
    ) -> None:
        facts = await _look(self._engine, report.target)
        report.host = host = Host(report.lane, report.target, facts, [*before])
        asker = Asker(self._engine, host, self.budget, self._saw, self._starting)
        gates = [check for check in checks if check.id in ("reach", "auth")]
        timed = [check for check in checks if check.timed]
        rest = [check for check in checks if not (check in gates or check.timed or check.last)]
        last = [check for check in checks if check.last]
        barred = None
        for check in gates:
            await self._check(report, check, asker, barred)
            if facts.error is not None:
                barred = _NOT_CONNECTED
            elif any(one.lane.error and one.lane.error.kind in ("auth", "no_key") for one in asker.seen):
                barred = _NOT_LET_IN
        if facts.error is not None and barred is None:
            barred = NOT_RUN + facts.error
        for group in (timed, rest, last):
            async with asyncio.TaskGroup() as together:
                for check in group:
                    together.create_task(self._check(report, check, asker, barred))

    async def _check(self, report: HostReport, check: Check, asker: Asker, barred: str | None) -> Cell:
        assert report.host is not None
        self._told(report.lane, check, None)
        if barred is not None:
            cell = Cell(check, not_applicable(barred))
        else:
            cell = await _carry_out(check, report.host, asker)
        report.cells[check.id] = cell
        self._told(report.lane, check, cell)
        return cell

    async def _compare(self) -> None:
        """Judges the hosts of each model against each other, in a thread: it is a lot of counting."""
        models = {report.target.model for report in self.reports.values()}
        for check in self.checks:
            for model in models if check.across else ():
                rows = [report for report in self.reports.values() if report.target.model == model]
                cells = {row.lane: row.cells[check.id] for row in rows if check.id in row.cells}
                for cell in cells.values():
                    cell.alone = cell.alone or cell.verdict
                verdicts = {lane: cell.alone or cell.verdict for lane, cell in cells.items()}
                assert check.across is not None
                changed = await asyncio.to_thread(check.across, verdicts)
                for lane, cell in cells.items():
                    cell.verdict = changed.get(lane, verdicts[lane])
                    if lane in changed:
                        self._told(lane, check, cell)


async def _look(engine: InspectingEngine, target: Target) -> HostFacts:
    """A host that the engine can't even look at is a result like any other."""
    try:
        return await engine.inspect(target)
    except Exception as error:
        why = f"it could not be looked at: {type(error).__name__}: {error}"
        return HostFacts(target.provider, error_kind="server", error=why)


async def _carry_out(check: Check, host: Host, asker: Asker) -> Cell:
    """Steps through the check's generator. Whatever goes wrong in it is a fail: nothing leaves the
    count."""
    tally = Tally()
    try:
        plan = check.run(host)
        wanted = next(plan)
        while True:
            wanted = plan.send(await asker.ask(wanted, tally, judges_limits=check.judges_limits))
    except StopIteration as ending:
        verdict: Verdict = ending.value
    except NotAskedError as error:
        verdict = not_applicable(str(error))
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
