"""HTTP proxies, as the environment names them: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from osstui.engine.http1 import authority

MAX_REPLY_BYTES = 64 * 1024


class Proxy(NamedTuple):
    host: str
    port: int
    authorization: str
    """The header line that carries the user's name and password for it, or nothing."""


def proxy_for(scheme: str, host: str, port: int) -> Proxy | None:
    """The proxy on the way to this host, if there is one. Raises ValueError for SOCKS."""
    proxies = getproxies()
    if proxy_bypass(f"{host}:{port}") or _in_a_network(host, proxies.get("no", "")):
        return None
    url = proxies.get(scheme) or proxies.get("all")
    if not url:
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"the proxy of {scheme}_proxy is not an http proxy; only those are supported")
    return Proxy(parts.hostname, parts.port or 80, _authorization(parts))


def _in_a_network(host: str, exceptions: str) -> bool:
    """Whether an address belongs to a network that NO_PROXY names, as in `10.0.0.0/8`."""
    with contextlib.suppress(ValueError):
        address = ip_address(host)
        for exception in exceptions.split(","):
            with contextlib.suppress(ValueError):
                if address in ip_network(exception.strip(), strict=False):
                    return True
    return False


def _authorization(parts: SplitResult) -> str:
    if not parts.username:
        return ""
    user = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"proxy-authorization: Basic {base64.b64encode(user.encode()).decode()}\r\n"


async def request_tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """CONNECT through an HTTP proxy (RFC 9110 §9.3.6). Raises OSError when the proxy refuses."""
    loop = asyncio.get_running_loop()
    sock.setblocking(False)
    asked = authority(host, port)
    request = f"CONNECT {asked} HTTP/1.1\r\nhost: {asked}\r\n{proxy.authorization}\r\n"
    await loop.sock_sendall(sock, request.encode())
    reply = b""
    while b"\r\n\r\n" not in reply:
        data = await loop.sock_recv(sock, 4096)
        reply += data
        if not data or len(reply) > MAX_REPLY_BYTES:
            raise OSError("the proxy closed the connection")
    status = reply.split(b"\r\n", 1)[0].decode("latin-1")
    if not status.startswith("HTTP/1.") or status.split(" ")[1:2] != ["200"]:
        raise OSError(f"the proxy refused the tunnel: {status}")
