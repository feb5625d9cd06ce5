"""The simulated fleet for `--demo`, as long as a command lasts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from osstui.cli.group import wrong


@contextlib.contextmanager
def simulator() -> Iterator[str]:
    """Its base URL. Ends the command where it cannot be started."""
    from osstui.simulator.process import SimulatorError, SimulatorProcess

    fleet = SimulatorProcess()
    try:
        url = fleet.start()
    except SimulatorError as error:
        wrong(str(error))
    try:
        yield url
    finally:
        fleet.close()
