"""A command of the user's that answers a tool call: no shell, no provider's key, an end in time."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from osstui.safe_text import visible_line

SECONDS = 60.0
"""The longest that a command may take."""
PARTING_SECONDS = 1.0
"""How long the pipes of an ended command are read."""
LARGEST_OUTPUT = 64 * 1024
"""Bytes that are kept; a command that writes more is ended."""
_TOLD = 300
"""Characters of what a command said on stderr."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command gave. `told` is one line about it; `ok`: it ended by itself with exit code 0."""

    text: str
    told: str
    ok: bool


class _TooMuchError(Exception):
    """The output has reached its limit."""


async def run_command(
    words: Sequence[str],
    folder: Path,
    arguments: str,
    *,
    hidden: Collection[str] = (),
    seconds: float = SECONDS,
) -> Outcome:
    """Runs the words as they are in `folder`, with the arguments on stdin. `hidden` are the environment
    variables that it does not get. When this is cancelled the command and its children are ended."""
    began = time.monotonic()
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env=environment(os.environ, hidden),
            start_new_session=sys.platform != "win32",
        )
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return Outcome("", visible_line(f"{words[0]} can't be run: {why}", _TOLD), ok=False)
    output, said = bytearray(), bytearray()
    ended = ""
    try:
        async with asyncio.timeout(seconds):
            await _talk(process, arguments, output, said)
    except TimeoutError:
        ended = f"ended after {seconds:g} s"
    except _TooMuchError:
        ended = f"ended: it wrote more than {LARGEST_OUTPUT // 1024} KiB"
    finally:
        _end(process)
        await _emptied(process)
    took = f"{time.monotonic() - began:.1f} s"
    how = ended or f"exit code {process.returncode} after {took}"
    errors = said.decode("utf-8", "replace").strip()
    told = visible_line(f"{how} · stderr: {errors}" if errors else how, _TOLD)
    return Outcome(output.decode("utf-8", "replace"), told, ok=not ended and process.returncode == 0)


def environment(whole: Mapping[str, str], hidden: Collection[str]) -> dict[str, str]:
    """The variables without the hidden ones, whatever the case of their names."""
    names = {name.upper() for name in hidden}
    return {name: value for name, value in whole.items() if name.upper() not in names}


async def _talk(
    process: asyncio.subprocess.Process, arguments: str, output: bytearray, said: bytearray
) -> None:
    """Arguments in, output and errors out, until both are closed and the process has ended."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    reading = [
        asyncio.ensure_future(_read(process.stdout, output, strict=True)),
        asyncio.ensure_future(_read(process.stderr, said, strict=False)),
    ]
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # a command need not read its arguments
            process.stdin.write(arguments.encode("utf-8", "replace"))
            await process.stdin.drain()
        process.stdin.close()
        await asyncio.gather(*reading)
        await process.wait()
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)


async def _read(stream: asyncio.StreamReader, into: bytearray, *, strict: bool) -> None:
    """Up to the limit; what comes beyond it is dropped, or raises _TooMuchError."""
    while chunk := await stream.read(65536):
        room = LARGEST_OUTPUT - len(into)
        into += chunk[:room]
        if strict and len(chunk) > room:
            raise _TooMuchError


async def _emptied(process: asyncio.subprocess.Process) -> None:
    """Drops what is left in the pipes: a process whose pipes are full is never told to have ended. Something
    that fled from the command's group may hold them open, and is not waited for."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PARTING_SECONDS):
            for stream in (process.stdout, process.stderr):
                while stream is not None and await stream.read(65536):
                    pass
            await process.wait()


def _end(process: asyncio.subprocess.Process) -> None:
    """The command with all that it has started, if anything is left."""
    with suppress(ProcessLookupError, PermissionError):
        if sys.platform != "win32":
            os.killpg(process.pid, signal.SIGKILL)
        elif process.returncode is None:
            process.kill()
