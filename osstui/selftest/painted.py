"""A scenario with the screen painting: the app itself in a terminal that nobody sees."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from osstui import events
from osstui.measure.run import RunState
from osstui.selftest.compare import LaneError, compare, fetch_truths
from osstui.selftest.scenario import PROMPT, Scenario

ROWS, COLUMNS = 50, 200
STARTUP_SECONDS = 20.0
POLL_SECONDS = 0.1


class PaintedError(RuntimeError):
    """The app could not be watched; the message is one line."""


def painted(scenario: Scenario, url: str) -> list[LaneError]:
    """The errors of every lane, from what the app recorded. Blocks until the run is over. POSIX only."""
    mark = uuid4().hex[:8]
    with tempfile.TemporaryDirectory(prefix="osstui-") as folder:
        catalog, record = Path(folder) / "catalog.yaml", Path(folder) / "record.jsonl"
        scenario.write_catalog(catalog, url, mark)
        with _app(catalog, record, scenario.lane_names()) as app:
            state = _watch(app, record, STARTUP_SECONDS + 2 * scenario.seconds)
    return compare(state, fetch_truths(url), mark)


@contextlib.contextmanager
def _app(catalog: Path, record: Path, lanes: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    assert sys.platform != "win32"
    import fcntl
    import pty
    import struct
    import termios

    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    command = [sys.executable, "-P", "-m", "osstui", "--catalog-only", str(catalog), "--record", str(record)]
    command.append("--no-history")
    for lane in lanes:
        command += ["-p", lane]
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    app = subprocess.Popen(
        [*command, PROMPT], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    drain = threading.Thread(target=_drain, args=(master,), daemon=True)
    drain.start()
    try:
        yield app
    finally:
        app.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            app.wait(3)
        if app.poll() is None:
            app.kill()
            app.wait()
        drain.join(1)
        os.close(master)


def _drain(master: int) -> None:
    """What a terminal would read; without it the app would stop when the pty is full."""
    with contextlib.suppress(OSError):
        while os.read(master, 65536):
            pass


def _watch(app: subprocess.Popen[bytes], record: Path, seconds: float) -> RunState:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if app.poll() is not None:
            raise PaintedError(f"the app ended by itself (exit code {app.returncode})")
        state = _read(record)
        if state.done:
            return state
        time.sleep(POLL_SECONDS)
    raise PaintedError(f"the app's run was not over after {seconds:.0f} s")


def _read(record: Path) -> RunState:
    """The recorded run so far; a last line that is still being written is left for later."""
    state = RunState()
    if record.exists():
        for line in record.read_bytes().split(b"\n")[:-1]:
            state.apply(events.decode(line))
    return state
