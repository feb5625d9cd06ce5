"""Looking a host's name up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from threading import Thread
from typing import TypeAlias

Addresses: TypeAlias = list[tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]]


async def addresses_of(host: str, port: int) -> Addresses:
    """As `socket.getaddrinfo` has them, and raises.

    Each look-up has a thread of its own: libuv, below uvloop, does two at a time, so that of eight hosts the
    last would be told to take four times as long. None of them holds up the end of the process.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Addresses] = loop.create_future()

    def settle(result: Addresses | Exception) -> None:
        if found.cancelled():
            return
        if isinstance(result, Exception):
            found.set_exception(result)
        else:
            found.set_result(result)

    def look_up() -> None:
        result: Addresses | Exception
        try:
            result = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)  # type: ignore[assignment]
        except (OSError, UnicodeError) as error:
            result = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result)

    Thread(target=look_up, name=f"look-up of {host}", daemon=True).start()
    return await found
