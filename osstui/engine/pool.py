"""Opening connections, each part timed, and keeping them warm between prompts."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import datetime, timedelta
from weakref import WeakSet

import aiohappyeyeballs

from osstui.engine.http1 import Origin, authority, is_address
from osstui.engine.lookup import addresses_of
from osstui.engine.proxy import proxy_for, request_tunnel
from osstui.engine.trust import refusal, tls_context
from osstui.engine.wire import Connection, Phases, WireError, in_words, now, wall_clock

IDLE_SECONDS = 55.0
"""How long an unused connection is kept; most hosts close theirs after 60 s or more."""


class Pool:
    """Connections by origin; an unused one is kept for IDLE_SECONDS, so that the next prompt is warm."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[tuple[datetime, Connection]]] = {}
        """With the time of day since when: while a machine sleeps its timers stand still, its hosts don't."""
        self._open: WeakSet[Connection] = WeakSet()

    async def connect(
        self, origin: Origin, seconds: float, *, fresh: bool = False
    ) -> tuple[Connection, bool]:
        """An open connection, and whether it had been used before. Raises WireError."""
        idle = self._idle.get(origin, [])
        while idle and not fresh:
            since, connection = idle.pop()
            young = abs(wall_clock() - since) < timedelta(seconds=IDLE_SECONDS)
            if young and connection.reusable and not connection.closed:
                return connection, True
            connection.close()
        try:
            async with asyncio.timeout(seconds):
                connection = await _open(origin)
        except TimeoutError:
            message = f"no connection to {authority(origin.host, origin.port)} within {seconds:g} s"
            raise WireError("timeout", message) from None
        connection.on_idle = self._keep
        self._open.add(connection)
        return connection, False

    def _keep(self, connection: Connection) -> None:
        kept = wall_clock(), connection
        self._idle.setdefault(connection.origin, []).append(kept)
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._expire, *kept)

    def _expire(self, since: datetime, connection: Connection) -> None:
        idle = self._idle.get(connection.origin, [])
        if (since, connection) in idle:
            idle.remove((since, connection))
            connection.close()

    def close(self) -> None:
        for connection in list(self._open):
            connection.close()
        self._idle.clear()


async def _open(origin: Origin) -> Connection:
    try:
        # In a thread: the settings of macOS and Windows may want the host's address looked up.
        proxy = None if origin.loopback else await asyncio.to_thread(proxy_for, *origin)
    except ValueError as error:
        raise WireError("connect", str(error)) from None
    host, port = (proxy.host, proxy.port) if proxy else (origin.host, origin.port)
    context = tls_context() if origin.scheme == "https" else None
    start = now()
    try:
        addresses = await addresses_of(host, port)
    except (OSError, UnicodeError) as error:
        raise WireError("connect", f"{host}: {in_words(error)}") from None
    resolved = now()
    try:
        sock = await aiohappyeyeballs.start_connection(addresses, happy_eyeballs_delay=0.25)
    except OSError as error:
        raise WireError("connect", f"{authority(host, port)}: {in_words(error)}") from None
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        if proxy:
            await request_tunnel(sock, proxy, origin.host, origin.port)
        connected = now()
        connection = await _upgrade(sock, origin, context)
    except OSError as error:
        sock.close()
        raise WireError("connect", f"{authority(host, port)}: {in_words(error)}") from None
    except BaseException:
        sock.close()
        raise
    tls = now() - connected if origin.scheme == "https" else None
    dns = None if is_address(host) else resolved - start
    connection.phases = Phases(dns, connected - resolved, tls)
    connection.origin = origin
    return connection


async def _upgrade(sock: socket.socket, origin: Origin, context: ssl.SSLContext | None) -> Connection:
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(
            Connection,
            sock=sock,
            ssl=context,
            server_hostname=origin.host if context else None,
        )
    except ssl.SSLError as error:
        raise WireError("tls", f"{origin.host}: {refusal(error)}") from None
    except OSError as error:
        raise WireError("tls" if context else "connect", f"{origin.host}: {error}") from None
    return connection
