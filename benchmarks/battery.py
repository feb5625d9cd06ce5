"""Does each check find its lie every time, and none cry at an honest host? Twenty runs of each.

    python -m benchmarks.battery [RUNS]

A row a check and lie: in how many runs the check told it. The last rows count false alarms at honest hosts.
What looks at the clock is run one host at a time.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator

from osstui.checks.table import BY_ID, choose
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.engine.loop import run
from osstui.simulator.process import SimulatorProcess
from tests.checks.hosts import KEY, check, results, target
from tests.checks.liars import SLOW, SPECIAL, cases, found_out, liar

RUNS = 20
SPEED = {"stream": "tps=1500;"}
"""An honest stream must be no faster than this machine reads."""


async def battery(fleet: str, runs: int) -> bool:
    engine = LocalEngine(Keyring({"CHECKED_KEY": KEY}))
    good = True
    try:
        for row, lie in cases():
            hosts = {f"run {n}": liar(fleet, row, lie, n, SLOW.get(row, "")) for n in range(runs)}
            together = [{name: host} for name, host in hosts.items()] if BY_ID[row].timed else [hosts]
            found = [results(await check(engine, some, [row])) for some in together]
            told = sum(found_out(row, result[row]) for some in found for result in some.values())
            good &= told == runs
            print(
                f"{'ok ' if told == runs else 'BAD'}  {row:<16} {lie:<20} told {told:>2} of {runs}",
                flush=True,
            )
        async for row, alarms in false_alarms(engine, fleet, runs):
            good &= not alarms
            print(f"{'BAD' if alarms else 'ok '}  {row:<37} cried {alarms:>2} of {runs}", flush=True)
    finally:
        await engine.close()
    return good


async def false_alarms(engine: LocalEngine, fleet: str, runs: int) -> AsyncIterator[tuple[str, int]]:
    """Each check with the runs in which it warned of an honest host, or failed it. One host at a time, as
    twenty batteries at once would keep a small machine from reading in time."""
    alarms: dict[str, int] = {}
    for n in range(runs):
        rows = choose("deep", skip=("distribution", *SPECIAL, *SPEED))
        found = [results(await check(engine, {"run": target(fleet, f"seed={n + 1}")}, rows))["run"]]
        for row in (*SPECIAL, *SPEED):
            host = liar(fleet, row, "", n, SPEED.get(row, ""))
            found.append(results(await check(engine, {"run": host}, [row]))["run"])
        for result in found:
            for row, said in result.items():
                alarms[row] = alarms.get(row, 0) + (said in ("warn", "fail"))
    for row, count in alarms.items():
        yield row, count


def main() -> int:
    runs = int(sys.argv[1]) if sys.argv[1:] else RUNS
    with SimulatorProcess(key=KEY) as fleet:
        return 0 if run(battery(fleet.url, runs)) else 1


if __name__ == "__main__":
    sys.exit(main())
