"""GET of a whole document: model lists of hosts, and public price lists. No key is ever added here."""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from urllib.parse import urljoin

from osstui.engine.http1 import request_bytes, split_url
from osstui.engine.inflate import BodyError, Inflater, inflater_for
from osstui.engine.pool import Pool
from osstui.engine.wire import Head, WireError

CONNECT_SECONDS = 10.0
SECONDS = 30.0
MAX_BYTES = 32 * 1024 * 1024
MAX_REDIRECTS = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))


class FetchError(Exception):
    """The document could not be had; the message is one line that names the host."""


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    http_version: str = ""


class _Collector:
    """A `wire.Receiver` that keeps the whole body."""

    def __init__(self, limit: int) -> None:
        self.reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._limit = limit
        self._head: Head | None = None
        self._body = bytearray()
        self._inflater: Inflater | None = None

    def head(self, stamp: int, head: Head) -> None:
        self._head = head
        try:
            self._inflater = inflater_for(head.headers)
        except BodyError as error:
            self._fail(error)

    def body(self, stamp: int, data: bytes) -> None:
        if self.reply.done():
            return
        try:
            self._body += self._inflater.feed(data) if self._inflater is not None else data
        except BodyError as error:
            self._fail(error)
        if len(self._body) > self._limit:
            self._fail(BodyError(f"more than {self._limit:,} bytes"))

    def ended(self, stamp: int, error: Exception | None) -> None:
        if self.reply.done():
            return
        if error is not None or self._head is None:
            self._fail(error or WireError("protocol", "no answer"))
        else:
            head = self._head
            self.reply.set_result(Reply(head.status, head.headers, bytes(self._body), head.http_version))

    def _fail(self, error: Exception) -> None:
        if not self.reply.done():
            self.reply.set_exception(error)


async def collect(pool: Pool, url: str, request: bytes, seconds: float, limit: int = MAX_BYTES) -> Reply:
    """One exchange with the host of `url`, its body kept whole; `seconds` is for connecting.

    Raises WireError, BodyError (too long, or broken compression) or ValueError for no http(s) address.
    """
    connection, _ = await pool.connect(split_url(url)[0], seconds)
    collector = _Collector(limit)
    try:
        connection.send(request, collector, lambda stamp: None)
        return await collector.reply
    finally:
        if connection.serves(collector):
            connection.close()


async def get(url: str, *, seconds: float = SECONDS, limit: int = MAX_BYTES) -> bytes:
    """The document at a public address. Up to three redirects are followed, on the same host alone.

    Raises FetchError for anything but a complete answer with status 200. Off loopback only https will do.
    """
    pool = Pool()
    asked = url
    try:
        async with asyncio.timeout(seconds):
            for _ in range(MAX_REDIRECTS + 1):
                reply = await _one(pool, asked, limit)
                if reply.status not in _REDIRECTS:
                    break
                asked = _redirected(asked, reply)
            else:
                raise FetchError(f"{_host(url)}: more than {MAX_REDIRECTS} redirects")
    except TimeoutError:
        raise FetchError(f"{_host(url)}: no complete answer within {seconds:g} s") from None
    except (WireError, BodyError) as error:
        raise FetchError(_named(_host(url), str(error))) from None
    finally:
        pool.close()
    if reply.status != 200:
        raise FetchError(f"{_host(url)}: it answers with status {reply.status}")
    return reply.body


async def _one(pool: Pool, url: str, limit: int) -> Reply:
    try:
        origin, _ = split_url(url)
        request = request_bytes("GET", url, {"accept": "application/json"}, b"")
    except ValueError as error:
        raise FetchError(str(error)) from None
    if origin.scheme != "https" and not origin.loopback:
        raise FetchError(f"{origin.host}: prices are not taken over plain http; use https")
    return await collect(pool, url, request, CONNECT_SECONDS, limit)


def _redirected(url: str, reply: Reply) -> str:
    target = urljoin(url, reply.headers.get("location", ""))
    if _host(target) != _host(url):
        raise FetchError(f"{_host(url)}: it redirects to another host ({_host(target)})")
    return target


def _host(url: str) -> str:
    try:
        return split_url(url)[0].host
    except ValueError:
        return url


def _named(host: str, message: str) -> str:
    return message if host in message else f"{host}: {message}"
