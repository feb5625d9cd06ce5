from __future__ import annotations

from collections.abc import Iterator

import pytest

from osstui.simulator.process import SimulatorProcess


@pytest.fixture(scope="session")
def fleet() -> Iterator[str]:
    """The URL of a fleet that is fifty times as fast as it pretends."""
    with SimulatorProcess(speed=50) as simulator:
        yield simulator.url
