"""TLS: timed apart, verified always."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
import trustme

from osstui.engine import trust, wire
from osstui.engine.local import LocalEngine
from osstui.events import Connected, Delta, Retried, Sent
from osstui.job import Params
from tests.engine.asking import Told, ask, job, target
from tests.engine.scripted_host import (
    Host,
    Peer,
    answer,
    data,
    delta,
    head,
    listening,
    says,
    whole,
)

HELLO = says(whole(answer("Hello")))


def server_side(ca: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


@pytest.mark.parametrize("prompt", ["Say hello", "all work and no play " * 50_000], ids=["short", "long"])
async def test_an_answer_over_tls(engine: LocalEngine, authority: trustme.CA, prompt: str) -> None:
    async with Host(HELLO, tls=server_side(authority, "localhost"), name="localhost") as host:
        told = await ask(engine, job(target(host.url), prompt=prompt))
        warm = await ask(engine, job(target(host.url)))
    connected = told.of(Connected)[0]
    assert connected.tls is not None
    assert connected.tls > 0
    assert connected.dns is not None
    assert len(told.of(Sent)) == 1
    assert told.text() == warm.text() == "Hello"
    assert warm.of(Connected)[0].reused
    assert host.asked[0].json["messages"] == [{"role": "user", "content": prompt}]


async def test_a_long_answer_over_tls_is_whole_although_its_reading_pauses(
    engine: LocalEngine, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_UNPARSED_BYTES", 1000)
    words = [f"{number} and " for number in range(2000)]
    many = Host(says(whole(answer(*words))), tls=server_side(authority, "localhost"), name="localhost")
    async with many as host:
        told = await ask(engine, job(target(host.url)))
        again = await ask(engine, job(target(host.url)))
    assert told.text() == again.text() == "".join(words)
    assert again.of(Connected)[0].reused


@pytest.mark.parametrize("trouble", ["another name", "an unknown authority", "expired"])
async def test_a_certificate_that_does_not_hold_is_refused(
    engine: LocalEngine, authority: trustme.CA, trouble: str
) -> None:
    import datetime

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if trouble == "another name":
        authority.issue_cert("elsewhere.test").configure_cert(context)
    elif trouble == "expired":
        past = datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC)
        authority.issue_cert("localhost", not_after=past).configure_cert(context)
    else:
        trustme.CA().issue_cert("localhost").configure_cert(context)
    async with Host(HELLO, tls=context, name="localhost") as host:
        told = await ask(engine, job(target(host.url)))
    failed = told.failed()
    assert failed.kind == "tls"
    assert failed.message.startswith("localhost: ")
    words = {"another name": "localhost", "expired": "expired", "an unknown authority": "issuer"}
    assert words[trouble] in failed.message
    assert ("SSL_CERT_FILE" in failed.message) == (trouble == "an unknown authority")
    assert host.asked == []
    assert told.of(Retried) == [], "another try won't mend a certificate"


async def test_the_authorities_are_read_once_however_many_connections_are_opened(
    engine: LocalEngine, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, paths = [], ssl.get_default_verify_paths

    def counted() -> ssl.DefaultVerifyPaths:
        asked.append(None)
        return paths()

    monkeypatch.setattr(ssl, "get_default_verify_paths", counted)
    async with Host(HELLO, tls=server_side(authority, "localhost"), name="localhost") as host:
        told = await ask(engine, job(*[target(host.url)] * 3))
    assert [told.text(lane=lane) for lane in "abc"] == ["Hello"] * 3
    assert host.connections == 3
    assert len(asked) == 1, "each reading of them would hold the loop up, and count as the host's TLS"


@pytest.mark.parametrize("name", trust.BUNDLES)
async def test_an_authority_that_the_environment_names_is_trusted(
    engine: LocalEngine, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    company = trustme.CA()
    company.cert_pem.write_to_path(tmp_path / "company.pem")
    monkeypatch.setenv(name, str(tmp_path / "company.pem"))
    async with Host(HELLO, tls=server_side(company, "localhost"), name="localhost") as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"


async def test_a_bundle_that_can_not_be_read_takes_no_trust_away(
    engine: LocalEngine, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.pem").write_text("no certificate")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "notes.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    async with Host(HELLO, tls=server_side(authority, "localhost"), name="localhost") as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"


def test_the_authorities_are_found_where_distributions_keep_them(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "ca.pem"
    nowhere = str(tmp_path / "nowhere")
    monkeypatch.setenv("SSL_CERT_FILE", nowhere)
    monkeypatch.setenv("SSL_CERT_DIR", nowhere)
    monkeypatch.setattr(trust, "_WELL_KNOWN", (nowhere, str(kept)))
    assert trust.tls_context().cert_store_stats()["x509_ca"] == 1


async def test_https_to_a_plain_port_is_a_tls_failure(engine: LocalEngine, authority: trustme.CA) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with listening(plain) as port:
        told = await ask(engine, job(target(f"https://localhost:{port}/v1"), params=Params(retries=0)))
    assert told.failed().kind == "tls"


async def test_a_tls_stream_that_is_cut_keeps_its_text(engine: LocalEngine, authority: trustme.CA) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="Half")))
        await seen.wait()
        peer.reset()

    seen = asyncio.Event()
    events = []
    async with Host(script, tls=server_side(authority, "localhost"), name="localhost") as host:
        async for event in engine.run(job(target(host.url))):
            events.append(event)
            if isinstance(event, Delta):
                seen.set()
    assert Told(events).text() == "Half"
    assert Told(events).ended().reason == "truncated"
