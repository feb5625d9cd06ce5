"""The battery against the simulator: every check finds its lies, and none cries at an honest host."""

from __future__ import annotations

import pytest

from osstui.checks.knowledge import CHOICES, TAKES, compare_distributions
from osstui.checks.model import Verdict
from osstui.checks.table import CHECKS, choose
from osstui.engine.local import LocalEngine
from osstui.job import Price
from osstui.simulator.answers import compose
from osstui.simulator.wishes import FAULTS, LIES, Wishes, parse
from tests.checks.hosts import check, reason, results, target

RUNS = 20

LIARS: dict[str, tuple[str, ...]] = {
    "reach": ("nobody listens",),
    "auth": ("status401", "status402", "status403"),
    "wrong-key": ("any_key",),
    "listed": ("unlisted",),
    "answer": ("empty", "text=Hello"),
    "stream": ("buffered", "json_answer"),
    "ending": ("no_done", "eof", "cut"),
    "usage": ("no_usage", "inflate_usage", "thin_usage", "hidden_reasoning"),
    "cost": ("wrong_cost",),
    "reasoning": ("think_tags", "hidden_reasoning", "reasoning=0"),
    "max-tokens": ("ignore_max_tokens",),
    "same-text": ("drop_tokens",),
    "cancel": ("busy_after_cancel",),
    "prompt-tokens": ("inflate_usage", "ignore_tools"),
    "effort": ("ignore_effort",),
    "system": ("ignore_system",),
    "stop": ("ignore_stop",),
    "seed": ("ignore_seed",),
    "unicode": ("mojibake",),
    "json-object": ("ignore_schema",),
    "json-schema": ("ignore_schema",),
    "tools": ("bad_tools", "ignore_tools"),
    "tool-arguments": ("bad_tools",),
    "tool-choice": ("ignore_tool_choice", "bad_tools"),
    "parallel-tools": ("bad_tools",),
    "bad-parameter": ("any_parameter",),
    "no-such-model": ("any_model",),
    "canaries": ("degraded",),
    "needle": ("truncate_context",),
    "too-long": ("truncate_context",),
    "long-answer": ("short_output",),
    "distribution": ("degraded",),
    "error-shape": ("plain_errors",),
    "identity": ("wrong_model",),
    "markers": ("leak_markers",),
    "limits": ("odd_limits",),
}
"""For each check the lies and faults that it exists for."""

SPECIAL = {"cost": "openrouter", "limits": "groq"}
"""Hosts that tell their cost or their limits; the others don't."""
SLOW = {"cancel": "tps=500;"}
"""There must be something left to hang up on."""
ALONE = ("reach", "distribution")
"""Checks whose liar is no wish of one host."""


def liar(fleet: str, check: str, lie: str, run: int, speed: str = ""):
    provider = SPECIAL.get(check, "plain")
    price = Price(0.037, 0.17) if provider == "openrouter" else Price(0.15, 0.60)
    return target(fleet, f"seed={run + 1};{speed}{lie}", provider=provider, price=price)


def test_every_check_has_its_lie_and_every_lie_its_check() -> None:
    assert LIARS.keys() == {row.id for row in CHECKS}
    named = {lie for lies in LIARS.values() for lie in lies}
    assert named >= LIES.keys()
    assert {lie for lie in named if "=" not in lie} - {"nobody listens"} <= FAULTS.keys()


@pytest.mark.parametrize(
    ("row", "lie"), [(row, lie) for row, lies in LIARS.items() if row not in ALONE for lie in lies]
)
async def test_a_check_finds_its_lie_in_every_run(
    fleet: str, engine: LocalEngine, row: str, lie: str
) -> None:
    hosts = {f"run {run}": liar(fleet, row, lie, run, SLOW.get(row, "")) for run in range(RUNS)}
    battery = await check(engine, hosts, [row])
    missed = {
        lane: found[row] for lane, found in results(battery).items() if found[row] not in ("warn", "fail")
    }
    assert not missed, reason(battery, row)


async def test_no_check_cries_at_an_honest_host_in_any_run(fleet: str, engine: LocalEngine) -> None:
    """But for streaming, which wants a machine that is not busy with twenty batteries."""
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
