"""Requests as HTTP/1.1 writes them: addresses, and the bytes of a request. No I/O."""

from __future__ import annotations

import contextlib
import re
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from osstui import __version__

_TARGET = re.compile(r"[\x21-\x7e]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Origin(NamedTuple):
    scheme: str
    host: str
    port: int

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)


def is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_address(host) and ip_address(host).is_loopback


def is_address(host: str) -> bool:
    with contextlib.suppress(ValueError):
        ip_address(host)
        return True
    return False


def authority(host: str, port: int) -> str:
    """Host and port as one word."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def split_url(url: str) -> tuple[Origin, str]:
    """A URL's origin and its request target. Raises ValueError for anything but http(s) with a host."""
    parts: SplitResult = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is not an http or https address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    return Origin(parts.scheme, host, port), target


def request_bytes(method: str, url: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole HTTP/1.1 request. Raises ValueError where a header or the URL could smuggle another line."""
    origin, target = split_url(url)
    host = authority(origin.host, origin.port)
    default_port = 443 if origin.scheme == "https" else 80
    lines = [
        f"{method} {target} HTTP/1.1",
        f"host: {host.removesuffix(f':{default_port}')}",
        f"user-agent: osstui/{__version__}",
        "accept-encoding: identity",
        *(f"{name.lower()}: {value}" for name, value in headers.items()),
    ]
    if body or method == "POST":
        lines.append(f"content-length: {len(body)}")
    if not _TARGET.fullmatch(target):
        raise ValueError(f"{url!r} holds a character that must be percent-encoded")
    if any(_CONTROL.search(line) for line in lines):
        raise ValueError("a header holds a line break or another control character")
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body
