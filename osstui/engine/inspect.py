"""A close look at one host: its name, its connection, its certificate, and the models it lists."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from osstui.engine.address import AddressError, base_url, encode_get, secrets_of
from osstui.engine.api import HostFacts
from osstui.engine.dialects import DIALECTS
from osstui.engine.dialects.errors import host_error
from osstui.engine.fetch import collect
from osstui.engine.http1 import Origin, split_url
from osstui.engine.inflate import BodyError
from osstui.engine.keys import Keyring, NoKeyError, redact_all, redact_body
from osstui.engine.pool import Pool
from osstui.engine.probe import model_ids
from osstui.engine.wire import WireError, now, wall_clock
from osstui.job import Target

CONNECT_SECONDS = 15.0
MODELS_SECONDS = 30.0
MORE = 2
"""Connections after the first: a host behind several machines may be there only now and then."""


async def inspect(target: Target, keyring: Keyring) -> HostFacts:
    """Opens a connection of its own and asks for the models on it. What fails is told, never raised."""
    pool = Pool()
    try:
        return await _inspect(target, keyring, pool)
    finally:
        pool.close()


async def _inspect(target: Target, keyring: Keyring, pool: Pool) -> HostFacts:
    try:
        url = base_url(target)
        origin = split_url(url)[0]
        connection, _ = await pool.connect(origin, CONNECT_SECONDS, fresh=True)
    except AddressError as error:
        return HostFacts(target.provider, error_kind="bad_request", error=str(error))
    except WireError as error:
        return HostFacts(target.provider, error_kind=error.kind, error=str(error))
    dns, connect, tls = connection.phases
    certificate = connection.certificate
    expires = certificate.expires if certificate else None
    days = (expires - wall_clock()).total_seconds() / 86_400 if expires else None
    if connection.on_idle is not None:
        connection.on_idle(connection)
    more = [await _try(pool, origin) for _ in range(MORE)]
    start = now()
    listing = await _models(target, keyring, pool, url)
    return HostFacts(
        provider=target.provider,
        address=connection.peer,
        dns_ns=dns,
        connect_ns=connect,
        tls_ns=tls,
        tls_version=certificate.tls_version if certificate else None,
        certificate_expires=expires.isoformat() if expires else None,
        certificate_days=days,
        certificate_issuer=certificate.issuer if certificate else None,
        models_status=listing.status,
        models_ns=now() - start,
        models=listing.models,
        models_error=listing.error,
        http_version=listing.http_version,
        tries_ns=(connect or 0, *(one for one in more if isinstance(one, int))),
        tries_failed=tuple(one for one in more if isinstance(one, str)),
    )


async def _try(pool: Pool, origin: Origin) -> int | str:
    """What TCP took in ns, or why there is no connection."""
    try:
        connection, _ = await pool.connect(origin, CONNECT_SECONDS, fresh=True)
    except WireError as error:
        return str(error)
    taken = connection.phases.connect or 0
    connection.close()
    return taken


class _Listing(NamedTuple):
    """What came of asking for the models; `error` is what went wrong."""

    status: int | None = None
    models: tuple[str, ...] = ()
    error: str | None = None
    http_version: str | None = None


async def _models(target: Target, keyring: Keyring, pool: Pool, url: str) -> _Listing:
    dialect = DIALECTS.get(target.dialect)
    secrets = secrets_of(target)
    try:
        key = await keyring.key(target)
        secrets += [key] if key else []
        asked = url + (dialect.models_path if dialect else "/models")
        async with asyncio.timeout(MODELS_SECONDS):
            reply = await collect(pool, asked, encode_get(target, asked, key), CONNECT_SECONDS)
    except TimeoutError:
        return _Listing(error=f"no answer within {MODELS_SECONDS:g} s")
    except (WireError, BodyError, AddressError, NoKeyError, ValueError) as error:
        return _Listing(error=redact_all(str(error), secrets))
    if reply.status != 200:
        message = redact_all(host_error(redact_body(reply.body, secrets)).message, secrets)
        return _Listing(reply.status, (), message or None, reply.http_version)
    return _Listing(reply.status, model_ids(reply.body), None, reply.http_version)
