"""A quick look at who is there: `GET …/models`, above all on the loopback ports of local servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from osstui.engine.address import AddressError, base_url, encode_get
from osstui.engine.api import LocalServer
from osstui.engine.dialects import DIALECTS
from osstui.engine.framing import Document
from osstui.engine.keys import Keyring, NoKeyError
from osstui.engine.wire import Head, Pool, WireError, split_url
from osstui.job import Target

SECONDS = 0.5


class _Answer:
    """A `wire.Receiver` that keeps the whole body."""

    def __init__(self) -> None:
        self.done: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self._document = Document()
        self._status = 0

    def head(self, stamp: int, head: Head) -> None:
        self._status = head.status

    def body(self, stamp: int, data: bytes) -> None:
        self._document.feed(data)

    def ended(self, stamp: int, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result((0 if error else self._status, self._document.end()[0].data))


async def probe(targets: Sequence[Target], pool: Pool, keyring: Keyring) -> list[LocalServer]:
    """All at once; a target that doesn't answer within half a second is not up."""
    return list(await asyncio.gather(*(_probe(target, pool, keyring) for target in targets)))


async def _probe(target: Target, pool: Pool, keyring: Keyring) -> LocalServer:
    try:
        async with asyncio.timeout(SECONDS):
            status, body = await _get(target, pool, keyring)
    except (TimeoutError, WireError, AddressError, NoKeyError, ValueError):
        return LocalServer(target.provider, up=False)
    if status not in (200, 401, 403):
        return LocalServer(target.provider, up=False)
    return LocalServer(target.provider, up=True, models=_models(body) if status == 200 else ())


async def _get(target: Target, pool: Pool, keyring: Keyring) -> tuple[int, bytes]:
    key = await keyring.key(target)
    dialect = DIALECTS.get(target.dialect)
    url = base_url(target) + (dialect.models_path if dialect else "/models")
    request = encode_get(target, url, key)
    connection, _ = await pool.connect(split_url(url)[0], SECONDS)
    answer = _Answer()
    try:
        connection.send(request, answer, lambda stamp: None)
        return await answer.done
    finally:
        if connection.serves(answer):
            connection.close()


def _models(body: bytes) -> tuple[str, ...]:
    """The ids of an OpenAI model list; an answer of another shape has none."""
    try:
        value = msgspec.json.decode(body)
    except ValueError:
        return ()
    entries = (value.get("data") or value.get("models")) if isinstance(value, dict) else value
    if not isinstance(entries, list):
        return ()
    ids = (entry.get("id") or entry.get("name") for entry in entries if isinstance(entry, dict))
    return tuple(name for name in ids if isinstance(name, str))[:1000]
