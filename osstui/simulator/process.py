"""The simulated fleet as a child process that never outlives its parent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_STOP_S = 3.0


class SimulatorError(RuntimeError):
    """The simulator did not come up; the message is one line."""


class SimulatorProcess:
    """`python -m osstui.simulator` as a child. It ends with its stdin: on `close()` or the parent's death.

    `faults` are `PROVIDER=wishes` options (see `osstui.simulator.wishes`); stderr goes to `log`, or nowhere.
    Use it as a context manager, plain or async.
    """

    def __init__(
        self,
        *,
        faults: Sequence[str] = (),
        speed: float = 1.0,
        seed: int = 0,
        key: str | None = None,
        log: Path | None = None,
    ) -> None:
        self._command = [sys.executable, "-P", "-m", "osstui.simulator", "--port", "0", "--until-eof"]
        self._command += ["--speed", str(speed), "--seed", str(seed)]
        for fault in faults:
            self._command += ["--fault", fault]
        if key is not None:
            self._command += ["--require-key", key]
        self._log = log
        self._child: subprocess.Popen[bytes] | None = None
        self._port: int | None = None

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, once started."""
        if self._port is None:
            raise SimulatorError("the simulator is not running; call start() first")
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid

    def spawn(self) -> None:
        """Starts the child without waiting for it."""
        if self._child is not None:
            return
        stderr = subprocess.DEVNULL if self._log is None else self._log.open("ab")
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                start_new_session=True,
            )
        finally:
            if not isinstance(stderr, int):
                stderr.close()

    def start(self) -> str:
        """Starts the child, waits until it listens, and returns its URL. Raises SimulatorError."""
        self.spawn()
        assert self._child is not None
        assert self._child.stdout is not None
        if self._port is None:
            line = self._child.stdout.readline()
            try:
                self._port = int(json.loads(line)["port"])
            except (ValueError, KeyError, TypeError):
                code = self._child.wait(_STOP_S)
                self.close()
                raise SimulatorError(f"the simulated providers did not start (exit code {code})") from None
        return self.url

    async def start_async(self) -> str:
        """`start()` that lets the event loop run meanwhile."""
        self.spawn()
        return await asyncio.to_thread(self.start)

    def close(self) -> None:
        """Ends the child; safe to call twice."""
        child, self._child, self._port = self._child, None, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.close()
        try:
            child.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stdout.close()

    def __enter__(self) -> SimulatorProcess:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> SimulatorProcess:
        await self.start_async()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.close)
