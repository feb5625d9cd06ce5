"""API keys: read here and nowhere else, from the environment or from a command the catalog names."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from html import escape
from urllib.parse import quote

from osstui.engine.api import KeyStatus
from osstui.job import Target

COMMAND_SECONDS = 30.0
REFRESH_SECONDS = 45 * 60.0
"""Tokens of cloud tools live an hour or more; they are fetched again well before."""
HIDDEN = "[key]"
WRONG_KEY = "osstui-made-this-key-up-0000000000000000"
"""Sent where a host shall show that it refuses a wrong key: nobody's key, and no part of one."""
SHORTEST = 4
"""Keys shorter than this are not looked for; they would hit ordinary words."""
SHORTEST_IN_OUTPUT = 16


class NoKeyError(Exception):
    """No key could be had; the message says which variable or command, never a value."""


class Keyring:
    """Finds a target's key. Values stay in here and in the request's bytes."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._tokens: dict[str, str] = {}
        self._pending: dict[str, asyncio.Task[str]] = {}

    async def key(self, target: Target) -> str | None:
        """The key, or None where none is needed. Raises NoKeyError with the way out."""
        for name in target.api_key_env:
            if value := self._environ.get(name, "").strip():
                return value
        if target.api_key_command:
            return await self._token(target.api_key_command)
        if target.key_required and target.api_key_env:
            raise NoKeyError(f"no key: set {' or '.join(target.api_key_env)}")
        return None

    def forget(self, target: Target) -> bool:
        """Drop a token that the host refused; true if asking the command again may give another."""
        return target.api_key_command is not None and bool(self._tokens.pop(target.api_key_command, None))

    def statuses(self, targets: Sequence[Target]) -> list[KeyStatus]:
        return [self._status(target) for target in targets]

    def _status(self, target: Target) -> KeyStatus:
        required = target.key_required and bool(target.api_key_env or target.api_key_command)
        source = next((name for name in target.api_key_env if self._environ.get(name, "").strip()), None)
        if source is None and target.api_key_command and _installed(target.api_key_command):
            source = "command"
        missing = [names[0] for names in target.variables_env.values() if names]
        if source is None and required:
            missing.insert(0, target.api_key_env[0] if target.api_key_env else "api_key_command")
        present = source is not None and not missing
        return KeyStatus(target.provider, present, required, source, tuple(missing))

    async def _token(self, command: str) -> str:
        if command in self._tokens:
            return self._tokens[command]
        if command not in self._pending:
            self._pending[command] = asyncio.create_task(_run(command))
        try:
            token = await asyncio.shield(self._pending[command])
        finally:
            task = self._pending.get(command)
            if task is not None and task.done():
                del self._pending[command]
        self._tokens[command] = token
        asyncio.get_running_loop().call_later(REFRESH_SECONDS, self._tokens.pop, command, None)
        return token


def _installed(command: str) -> bool:
    import shutil

    words = _words(command)
    return bool(words) and shutil.which(words[0]) is not None


def _words(command: str) -> list[str]:
    """The command's words; none where a quote isn't closed."""
    try:
        return shlex.split(command)
    except ValueError:
        return []


async def _run(command: str) -> str:
    """What the command prints. Its output and errors may hold the secret, so neither is ever quoted."""
    words = _words(command)
    if not words:
        raise NoKeyError("no key: api_key_command is not a command: empty, or a quote is not closed")
    program = words[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "can't be started"
        raise NoKeyError(f"no key: api_key_command {program!r}: {reason}") from None
    try:
        async with asyncio.timeout(COMMAND_SECONDS):
            output, _ = await process.communicate()
    except TimeoutError:
        message = f"no key: api_key_command {program!r} took more than {COMMAND_SECONDS:g} s"
        raise NoKeyError(message) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    token = output.decode("utf-8", "replace").strip()
    if process.returncode or not token or "\n" in token:
        raise NoKeyError(
            f"no key: api_key_command {program!r} ended with {process.returncode} and printed no key"
        )
    return token


def _spellings(key: str) -> set[str]:
    """The key as a URL, a web page or JSON writes it, where that is different."""
    ways = {quote(key), quote(key, safe=""), escape(key), json.dumps(key)[1:-1]}
    return ways - {key}


def redact_output(text: str, key: str | None) -> str:
    """A model's output without the key, should a host echo it. Short ones (`EMPTY`, `ollama`) are no secret
    and may be part of an answer."""
    return text if not key or len(key) < SHORTEST_IN_OUTPUT else text.replace(key, HIDDEN)


def redact_body(body: bytes, secrets: Iterable[str]) -> bytes:
    """A body without the long ones: before the tags of a web page are stripped, which might take a part of a
    key and leave the rest. A short one may be a word of the body's own form."""
    text = body.decode("utf-8", "replace")
    found = redact_all(text, (secret for secret in secrets if len(secret) >= SHORTEST_IN_OUTPUT))
    return body if found == text else found.encode()


def redact_all(text: str, secrets: Iterable[str]) -> str:
    return reduce(redact, secrets, text)


def redact(text: str, key: str | None) -> str:
    """`text` without the key, even if its end was cut off: some hosts quote it in their errors."""
    if not key or len(key) < SHORTEST:
        return text
    text = text.replace(key, HIDDEN)
    for written in _spellings(key):
        text = text.replace(written, HIDDEN)
    if text.endswith("…"):
        for size in range(len(key) - 1, SHORTEST - 1, -1):
            if text.endswith(key[:size] + "…"):
                return text[: -size - 1] + HIDDEN + "…"
    return text
