"""A scenario without a screen: the engine in this process, as `osstui ask` uses it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import uuid4

from osstui.catalog import load_catalog
from osstui.engine.local import LocalEngine
from osstui.job import Job, Lane, Message, new_run_id
from osstui.measure.run import RunState
from osstui.selftest.compare import LaneError, compare, fetch_truths
from osstui.selftest.scenario import PROMPT, Scenario


async def headless(scenario: Scenario, url: str, rounds: int = 1) -> list[LaneError]:
    """The errors of every lane and round. The first round counts too."""
    engine = LocalEngine()
    errors: list[LaneError] = []
    try:
        for _ in range(rounds):
            mark = uuid4().hex[:8]
            state = RunState()
            async for event in engine.run(_job(scenario, url, mark)):
                state.apply(event)
            errors += compare(state, fetch_truths(url), mark)
    finally:
        await engine.close()
    return errors


def _job(scenario: Scenario, url: str, mark: str) -> Job:
    with tempfile.TemporaryDirectory(prefix="osstui-") as folder:
        path = Path(folder) / "catalog.yaml"
        scenario.write_catalog(path, url, mark)
        catalog = load_catalog(only=path)
    messages = (Message("user", PROMPT),)
    targets = catalog.targets(scenario.lane_names())
    return Job(new_run_id(), PROMPT, tuple(Lane(name, target, messages) for name, target in targets))
