from __future__ import annotations

from collections.abc import Iterator

import pytest

from osstui.simulator.process import SimulatorProcess


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """The URL of a fleet at its true speed."""
    with SimulatorProcess() as process:
        yield process.url
