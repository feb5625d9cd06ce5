"""The battery against the simulator: every check finds its lies, and none cries at an honest host."""

from __future__ import annotations

import pytest

from osstui.checks.knowledge import CHOICES, TAKES, compare_distributions
from osstui.checks.model import Verdict
from osstui.checks.table import CHECKS, choose
from osstui.engine.local import LocalEngine
from osstui.simulator.answers import compose
from osstui.simulator.wishes import FAULTS, LIES, Wishes, parse
from tests.checks.hosts import check, reason, results, target
from tests.checks.liars import LIARS, SLOW, cases, found_out, liar

RUNS = 4
"""Enough to notice a check that is broken; `python -m benchmarks.battery` does twenty."""


def test_every_check_has_its_lie_and_every_lie_its_check() -> None:
    assert LIARS.keys() == {row.id for row in CHECKS}
    named = {lie for lies in LIARS.values() for lie in lies}
    assert named >= LIES.keys()
    assert {lie for lie in named if "=" not in lie} - {"nobody listens"} <= FAULTS.keys()


@pytest.mark.parametrize(("row", "lie"), [*cases()])
async def test_a_check_finds_its_lie_in_every_run(
    fleet: str, engine: LocalEngine, row: str, lie: str
) -> None:
    hosts = {f"run {run}": liar(fleet, row, lie, run, SLOW.get(row, "")) for run in range(RUNS)}
    battery = await check(engine, hosts, [row])
    said = {lane: found[row] for lane, found in results(battery).items()}
    assert all(found_out(row, result) for result in said.values()), (said, reason(battery, row))


async def test_no_check_cries_at_an_honest_host_in_any_run(fleet: str, engine: LocalEngine) -> None:
    """But for streaming, which wants a machine that is not busy with several batteries."""
    rows = choose("deep", skip=("stream", "distribution", "cost", "limits"))
    hosts = {f"run {run}": target(fleet, f"seed={run + 1}") for run in range(RUNS)}
    battery = await check(engine, hosts, rows)
    cried = {
        f"{lane}: {cell.check.id}: {cell.verdict.reason}"
        for lane, report in battery.reports.items()
        for cell in report.cells.values()
        if cell.verdict.result in ("warn", "fail")
    }
    assert not cried
    passed = {name for row in results(battery).values() for name, found in row.items() if found == "pass"}
    assert passed == {row.id for row in rows} - {"parallel-tools"}
    assert {report.verdict for report in battery.reports.values()} == {"pass"}


@pytest.mark.parametrize(("row", "speed"), [("stream", "tps=1500;"), ("cost", ""), ("limits", "")])
async def test_these_too_are_quiet_at_honest_hosts(
    fleet: str, engine: LocalEngine, row: str, speed: str
) -> None:
    hosts = {f"run {run}": liar(fleet, row, "", run, speed) for run in range(RUNS)}
    battery = await check(engine, hosts, [row])
    assert {found[row] for found in results(battery).values()} == {"pass"}, reason(battery, row)


async def test_where_nobody_listens_nothing_else_is_run(engine: LocalEngine) -> None:
    battery = await check(engine, {"nobody": target("http://127.0.0.1:9")}, choose("full"))
    found = results(battery)["nobody"]
    assert found.pop("reach") == "fail"
    assert set(found.values()) == {"n/a"}
    assert battery.reports["nobody"].verdict == "fail"


async def test_a_host_that_answers_like_no_other_stands_out(fleet: str, engine: LocalEngine) -> None:
    hosts = {name: target(fleet, f"seed={n + 1}") for n, name in enumerate(("one", "two", "three"))}
    hosts["odd"] = target(fleet, "seed=9;degraded")
    found = results(await check(engine, hosts, ["distribution"]))
    assert found.pop("odd")["distribution"] == "warn"
    assert {row["distribution"] for row in found.values()} == {"pass"}


@pytest.mark.parametrize("run", range(RUNS))
def test_distributions_are_told_apart_by_chance_alone_in_no_run(run: int) -> None:
    verdicts = {name: sampled(name, run, Wishes()) for name in ("one", "two", "three")}
    assert {verdict.result for verdict in compare_distributions(verdicts).values()} == {"pass"}
    verdicts["odd"] = sampled("odd", run, parse("degraded"))
    assert compare_distributions(verdicts)["odd"].result == "warn"


def sampled(host: str, run: int, wishes: Wishes) -> Verdict:
    """What the check would have sampled, straight from the simulated model."""
    words = [
        [
            compose(text, provider=host, effort="low", seed=run, wishes=wishes, draw=take).answer
            for take in range(TAKES)
        ]
        for text in CHOICES
    ]
    return Verdict("n/a", "", {}, (), words)
