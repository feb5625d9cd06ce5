from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trustme

from osstui.engine.local import LocalEngine
from osstui.engine.proxy import proxy_for
from osstui.events import Connected
from osstui.job import Params
from tests.engine.asking import KEY, ask, job, target
from tests.engine.scripted_host import Host, answer, listening, says, whole

HELLO = says(whole(answer("Hello")))


class Proxy:
    """A CONNECT proxy that leads every name to one port; it notes the requests and what passes through."""

    def __init__(self, to: int, reply: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n") -> None:
        self.requests: list[str] = []
        self.passed = b""
        self._to = to
        self._reply = reply

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        async with listening(self._serve) as port:
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(self._reply)
        await writer.drain()
        if b" 200 " not in self._reply:
            return
        there, onward = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            await asyncio.gather(self._pump(reader, onward, keep=True), self._pump(there, writer))
        finally:
            onward.transport.abort()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: bool = False
    ) -> None:
        while data := await reader.read(65536):
            self.passed += data if keep else b""
            writer.write(data)
        writer.close()


async def test_an_answer_comes_through_the_tunnel_encrypted_end_to_end(
    engine: LocalEngine, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.example.test").configure_cert(context)
    async with Host(HELLO, tls=context, name="api.example.test") as host:
        proxy = Proxy(host.port)
        async with proxy.running() as port:
            monkeypatch.setenv("HTTPS_PROXY", f"http://us%20er:pa%3Ass@127.0.0.1:{port}")
            told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"
    assert told.of(Connected)[0].tls is not None
    assert host.asked[0].headers["authorization"] == f"Bearer {KEY}"
    request = proxy.requests[0]
    assert request.startswith(f"CONNECT api.example.test:{host.port} HTTP/1.1\r\n")
    assert f"Basic {base64.b64encode(b'us er:pa:ss').decode()}" in request
    assert KEY not in request
    assert KEY.encode() not in proxy.passed


async def test_each_scheme_has_its_own_proxy_and_its_own_password(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Host(HELLO, name="api.example.test") as host:
        proxy = Proxy(host.port)
        async with proxy.running() as port:
            monkeypatch.setenv("HTTPS_PROXY", "http://other:secret@127.0.0.1:9")
            monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
            told = await ask(engine, job(target(host.url, api_key_env=())))
    assert told.text() == "Hello"
    assert "proxy-authorization" not in proxy.requests[0]


@pytest.mark.parametrize(
    "reply",
    [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"HTTP/1.1 403 No\r\n\r\n", b"nonsense\r\n\r\n"],
)
async def test_a_proxy_that_refuses_is_a_failed_connection(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    async with Proxy(0, reply).running() as port:
        monkeypatch.setenv("ALL_PROXY", f"http://u:password@127.0.0.1:{port}")
        told = await ask(engine, job(target("https://api.example.test/v1"), params=Params(retries=0)))
    failed = told.failed()
    assert failed.kind == "connect"
    assert reply.split(b"\r\n")[0].decode() in failed.message
    assert "password" not in failed.message


async def test_a_proxy_that_hangs_up_is_a_failed_connection(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Proxy(0, b"").running() as port:
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{port}")
        told = await ask(engine, job(target("https://api.example.test/v1"), params=Params(retries=0)))
    assert told.failed().kind == "connect"
    assert "the proxy closed the connection" in told.failed().message


async def test_a_socks_proxy_is_refused_by_name(engine: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    told = await ask(engine, job(target("https://api.example.test/v1"), params=Params(retries=0)))
    assert told.failed().kind == "connect"
    assert "not an http proxy" in told.failed().message


async def test_this_machine_is_never_asked_through_a_proxy(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    async with Host(HELLO) as host:
        for name in ("127.0.0.1", "127.0.0.9", "localhost"):
            told = await ask(
                engine, job(target(host.url.replace("127.0.0.1", name)), params=Params(retries=0))
            )
            assert name == "127.0.0.9" or told.text() == "Hello"
            assert "proxy" not in repr(told.events)


@pytest.mark.parametrize(
    ("environment", "host", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p:8080"}, "api.example.test", ("p", 8080)),
        ({"HTTPS_PROXY": "p:8080"}, "api.example.test", ("p", 8080)),
        ({"HTTPS_PROXY": "http://p"}, "api.example.test", ("p", 80)),
        ({"ALL_PROXY": "http://p:8080"}, "api.example.test", ("p", 8080)),
        ({"HTTP_PROXY": "http://p:8080"}, "api.example.test", None),
        ({"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "example.test"}, "api.example.test", None),
        ({"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "other.test,.example.test"}, "api.example.test", None),
        ({"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "api.example.test:443"}, "api.example.test", None),
        (
            {"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "api.example.test:80"},
            "api.example.test",
            ("p", 8080),
        ),
        ({"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "*"}, "api.example.test", None),
        ({"HTTPS_PROXY": "http://p:8080", "NO_PROXY": "ample.test"}, "api.example.test", ("p", 8080)),
        ({}, "api.example.test", None),
        ({"HTTPS_PROXY": "http://p:80", "NO_PROXY": "example.test, 10.0.0.0/8"}, "10.1.2.3", None),
        ({"HTTPS_PROXY": "http://p:80", "NO_PROXY": "10.1.2.3"}, "10.1.2.3", None),
        ({"HTTPS_PROXY": "http://p:80", "NO_PROXY": "fd00::/8"}, "fd12::1", None),
        ({"HTTPS_PROXY": "http://p:80", "NO_PROXY": "fd00::/8,nonsense/8"}, "10.1.2.3", ("p", 80)),
    ],
)
def test_the_environment_names_the_proxy(
    environment: dict[str, str], host: str, proxy: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = proxy_for("https", host, 443)
    assert (found and (found[0], found[1])) == proxy
