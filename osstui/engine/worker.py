"""The engine in a process of its own: commands come in on stdin, events go out on stdout, EOF ends it.

It never touches the terminal. Arrival stamps taken here are right whatever the screen is doing; a thread
beside the screen would share its interpreter lock and be 30 to 300 ms late.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import queue
import signal
import sys
import threading
from collections.abc import Coroutine
from typing import BinaryIO

import msgspec

from osstui.engine import pipe, tokens
from osstui.engine.core import Core
from osstui.engine.loop import run
from osstui.engine.trust import tls_context
from osstui.events import AnyEvent
from osstui.job import Job, Target

FLUSH_SECONDS = 0.008
"""Events are gathered this long before they are written: a screen frame is several times longer."""


class _JobOf(msgspec.Struct):
    run: str


class _RunOf(msgspec.Struct):
    """What a command from an app of another version must have at least, for its run to be given up."""

    job: _JobOf


_run_of = msgspec.json.Decoder(_RunOf)


class Outbox:
    """Gathers lines and hands them to a writing thread, so that a slow reader never delays a stamp."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encoder = msgspec.json.Encoder()
        self._lines: list[bytes] = []
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="outbox", daemon=True)
        self._thread.start()

    def put(self, line: AnyEvent | pipe.Reply | pipe.RunOver) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self._flush)
        self._lines.append(self._encoder.encode(line))

    def _flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._queue.put(b"\n".join(lines) + b"\n")

    def close(self) -> None:
        self._flush()
        self._queue.put(None)
        self._thread.join(timeout=1.0)

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while (data := self._queue.get()) is not None:
                self._stream.write(data)
                self._stream.flush()


class Worker:
    """Carries out commands until the pipe ends."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._core = Core()
        self._decoder: msgspec.json.Decoder[pipe.Command] = msgspec.json.Decoder(pipe.Command)
        self._tasks: set[asyncio.Task[None]] = set()

    def line(self, line: bytes) -> None:
        try:
            command = self._decoder.decode(line)
        except msgspec.MsgspecError:
            with contextlib.suppress(msgspec.MsgspecError):  # no run, or nothing that is known of one
                self._outbox.put(pipe.RunOver(_run_of.decode(line).job.run))
            raise
        match command:
            case pipe.Run(job):
                self._spawn(self._run(job))
            case pipe.Cancel(run, lane):
                # After the run's own first step, if its command came in the same loop turn.
                asyncio.get_running_loop().call_soon(self._core.cancel, run, lane)
            case pipe.Keys(ask, targets):
                self._outbox.put(pipe.Reply(ask, keys=tuple(self._core.keys(targets))))
            case pipe.Probe(ask, targets):
                self._spawn(self._probe(ask, targets))
            case pipe.Count(ask, messages, effort):
                self._outbox.put(pipe.Reply(ask, count=self._core.count(messages, effort)))
            case pipe.Inspect(ask, target):
                self._spawn(self._inspect(ask, target))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, job: Job) -> None:
        try:
            await self._core.run(job, self._outbox.put)
        finally:
            self._outbox.put(pipe.RunOver(job.run))

    async def _probe(self, ask: int, targets: tuple[Target, ...]) -> None:
        self._outbox.put(pipe.Reply(ask, servers=tuple(await self._core.probe(targets))))

    async def _inspect(self, ask: int, target: Target) -> None:
        self._outbox.put(pipe.Reply(ask, facts=await self._core.inspect(target)))

    async def close(self) -> None:
        await self._core.close()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    outbox = Outbox(sys.stdout.buffer)
    worker = Worker(outbox)

    def read_commands() -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in sys.stdin.buffer:
                loop.call_soon_threadsafe(worker.line, line)
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(over.set)

    threading.Thread(target=read_commands, name="commands", daemon=True).start()
    # What takes long comes before the first command: it would run out a probe's time, or delay a stamp.
    tokens.load()
    tls_context()
    gc.freeze()
    await over.wait()
    await worker.close()
    outbox.close()


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    run(_serve())


if __name__ == "__main__":
    main()
