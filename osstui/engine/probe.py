"""A quick look at who is there: `GET …/models`, above all on the loopback ports of local servers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec

from osstui.engine.address import AddressError, base_url, encode_get
from osstui.engine.api import LocalServer
from osstui.engine.dialects import DIALECTS
from osstui.engine.fetch import Reply, collect
from osstui.engine.keys import Keyring, NoKeyError
from osstui.engine.pool import Pool
from osstui.engine.wire import WireError
from osstui.job import Target

SECONDS = 0.5


async def probe(targets: Sequence[Target], pool: Pool, keyring: Keyring) -> list[LocalServer]:
    """All at once; a target that doesn't answer within half a second is not up."""
    return list(await asyncio.gather(*(_probe(target, pool, keyring) for target in targets)))


async def _probe(target: Target, pool: Pool, keyring: Keyring) -> LocalServer:
    try:
        async with asyncio.timeout(SECONDS):
            reply = await _get(target, pool, keyring)
    except (TimeoutError, WireError, AddressError, NoKeyError, ValueError):
        return LocalServer(target.provider, up=False)
    if reply.status not in (200, 401, 403):
        return LocalServer(target.provider, up=False)
    return LocalServer(target.provider, up=True, models=model_ids(reply.body) if reply.status == 200 else ())


async def _get(target: Target, pool: Pool, keyring: Keyring) -> Reply:
    key = await keyring.key(target)
    dialect = DIALECTS.get(target.dialect)
    url = base_url(target) + (dialect.models_path if dialect else "/models")
    return await collect(pool, url, encode_get(target, url, key), SECONDS)


def model_ids(body: bytes) -> tuple[str, ...]:
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
