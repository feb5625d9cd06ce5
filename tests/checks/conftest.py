from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from osstui.engine import lane
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.simulator.process import SimulatorProcess
from tests.checks.hosts import KEY


@pytest.fixture(scope="session")
def fleet() -> Iterator[str]:
    """Simulated hosts that want a key."""
    with SimulatorProcess(key=KEY) as simulator:
        yield simulator.url


@pytest.fixture
async def engine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalEngine]:
    monkeypatch.setattr(lane, "BACKOFF", 0.001)
    engine = LocalEngine(Keyring({"CHECKED_KEY": KEY}))
    yield engine
    await engine.close()
