"""The app's end of the pipe: starts the engine process, sends it jobs, hands its events to whoever asked.

This module imports nothing that opens a socket. It is used from one event loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from osstui import events
from osstui.engine import pipe
from osstui.engine.api import HostFacts, KeyStatus, LocalServer
from osstui.events import AnyEvent, Failed, LaneEvent
from osstui.job import Effort, Job, Message, Target

READ_BYTES = 256 * 1024
CLOSE_SECONDS = 2.0

Up = AnyEvent | pipe.Reply | pipe.RunOver


class EngineDiedError(RuntimeError):
    """The engine process ended while a question to it was open."""


class _Flow:
    """The events of one run on their way to its reader, and what is needed to end it if the engine dies."""

    def __init__(self, job: Job) -> None:
        self.queue: asyncio.Queue[AnyEvent | None] = asyncio.Queue()
        self.process: subprocess.Popen[bytes] | None = None
        """The engine that runs it."""
        self.ended = False
        self._run = job.run
        self._live = {lane.lane for lane in job.lanes}
        self._last = 0

    def put(self, event: AnyEvent) -> None:
        if isinstance(event, LaneEvent):
            self._last = max(self._last, event.t)
            if isinstance(event, events.Ended | Failed):
                self._live.discard(event.lane)
        self.queue.put_nowait(event)

    def over(self, why: str = "the engine left this lane without an ending") -> None:
        if self.ended:
            return
        self.ended = True
        for lane in sorted(self._live):
            self.queue.put_nowait(Failed(self._run, lane, self._last, "server", None, why))
        self._live.clear()
        self.queue.put_nowait(None)


class _Question(NamedTuple):
    process: subprocess.Popen[bytes]
    answer: asyncio.Future[pipe.Reply]


def _write(process: subprocess.Popen[bytes], line: bytes) -> bool:
    """Whether the process took the whole line; a pipe may take it in parts."""
    assert process.stdin is not None
    left = memoryview(line)
    try:
        while left:
            left = left[process.stdin.write(left) :]
    except OSError:
        return False
    return True


class EngineProcess:
    """Satisfies `Engine`. A process that has died is started again; `log` takes its stderr."""

    def __init__(self, log: Path | None = None) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None
        self._flows: dict[str, _Flow] = {}
        self._asked: dict[int, _Question] = {}
        self._next_ask = 0
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[Up] = msgspec.json.Decoder(Up)

    def start(self) -> None:
        """Start the process, if none runs. Needs no event loop, so it can run beside the app's imports."""
        if self._process is not None and self._process.poll() is None:
            return
        self._reader = None
        with self._stderr() as stderr:
            self._process = subprocess.Popen(
                # -P: a module of the same name in the folder where osstui was started is none of ours
                [sys.executable, "-P", "-m", "osstui.engine.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                bufsize=0,
            )

    def _stderr(self) -> contextlib.AbstractContextManager[BinaryIO | int]:
        """The log, or nowhere where it can't be written: that is no reason not to start."""
        if self._log is not None:
            with contextlib.suppress(OSError):
                return open(self._log, "ab")
        return contextlib.nullcontext(subprocess.DEVNULL)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def run(self, job: Job) -> AsyncIterator[AnyEvent]:
        flow = self._flows[job.run] = _Flow(job)
        try:
            flow.process = self._send(pipe.Run(job))
            while (event := await flow.queue.get()) is not None:
                yield event
        finally:
            del self._flows[job.run]
            if not flow.ended and flow.process is self._process:
                self.cancel(job.run)

    def cancel(self, run: str, lane: str | None = None) -> None:
        if self._process is not None and self._process.poll() is None:
            self._send(pipe.Cancel(run, lane))

    async def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        return list((await self._ask(pipe.Keys(self._number(), tuple(targets)))).keys)

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        return list((await self._ask(pipe.Probe(self._number(), tuple(targets)))).servers)

    async def count(self, messages: Sequence[Message], effort: Effort | None = None) -> int | None:
        return (await self._ask(pipe.Count(self._number(), tuple(messages), effort))).count

    async def inspect(self, target: Target) -> HostFacts:
        facts = (await self._ask(pipe.Inspect(self._number(), target))).facts
        assert facts is not None
        return facts

    async def close(self) -> None:
        """EOF on its stdin ends the process; after two seconds it is killed."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        try:
            await asyncio.to_thread(process.wait, CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        if self._reader is not None:
            await asyncio.to_thread(self._reader.join)
        assert process.stdout is not None
        process.stdout.close()

    def _number(self) -> int:
        self._next_ask += 1
        return self._next_ask

    async def _ask(self, question: pipe.Keys | pipe.Probe | pipe.Inspect | pipe.Count) -> pipe.Reply:
        answer: asyncio.Future[pipe.Reply] = asyncio.get_running_loop().create_future()
        try:
            self._asked[question.ask] = _Question(self._send(question), answer)
            return await answer
        finally:
            del self._asked[question.ask]

    def _send(self, command: pipe.Command) -> subprocess.Popen[bytes]:
        """Hands the command to the process that it returns; if it dies, `_died` tells who waits."""
        line = self._encoder.encode(command) + b"\n"
        process = self._listen()
        if not _write(process, line):
            self._process = None
            process = self._listen()
            _write(process, line)
        return process

    def _listen(self) -> subprocess.Popen[bytes]:
        """The running process, with a thread that reads what it says."""
        self.start()
        process = self._process
        assert process is not None
        if self._reader is None:
            loop = asyncio.get_running_loop()
            self._reader = threading.Thread(
                target=self._read, args=(process, loop), name="engine events", daemon=True
            )
            self._reader.start()
        return process

    def _read(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        """In a thread: whole lines go to the loop, a batch at a time."""
        assert process.stdout is not None
        rest = b""
        with contextlib.suppress(RuntimeError, ValueError, OSError):
            while data := process.stdout.read(READ_BYTES):
                *lines, rest = (rest + data).split(b"\n")
                if lines:
                    loop.call_soon_threadsafe(self._take, lines)
            code = process.wait()
            loop.call_soon_threadsafe(self._died, process, code)

    def _take(self, lines: list[bytes]) -> None:
        for line in lines:
            match self._decoder.decode(line):
                case pipe.Reply() as reply:
                    if (question := self._asked.get(reply.ask)) and not question.answer.done():
                        question.answer.set_result(reply)
                case pipe.RunOver(run):
                    if flow := self._flows.get(run):
                        flow.over()
                case event:
                    if flow := self._flows.get(event.run):
                        flow.put(event)

    def _died(self, process: subprocess.Popen[bytes], code: int) -> None:
        """Every run and question that this process had open learns it; the next command starts a new one."""
        if process is self._process:
            self._process, self._reader = None, None
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()
        why = f"the engine process died (exit {code}); what had arrived is kept, send again to go on"
        for flow in self._flows.values():
            if flow.process is process:
                flow.over(why)
        for question in self._asked.values():
            if question.process is process and not question.answer.done():
                question.answer.set_exception(EngineDiedError(why))
