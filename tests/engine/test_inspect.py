"""A close look at a host tells what is there, piece by piece, and never the key."""

from __future__ import annotations

import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from osstui.engine import inspect
from osstui.engine.api import HostFacts
from osstui.engine.client import EngineProcess
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.job import Quirks
from tests.engine.asking import KEY, target
from tests.engine.scripted_host import Host, Peer, error, says, whole


def listed(*ids: str) -> bytes:
    return json.dumps({"object": "list", "data": [{"id": id, "object": "model"} for id in ids]}).encode()


MODELS = says(whole(listed("openai/gpt-oss-120b", "openai/gpt-oss-20b"), kind="application/json"))


async def test_a_plain_host_has_an_address_a_connection_and_models_and_no_certificate(
    engine: LocalEngine,
) -> None:
    async with Host(MODELS) as host:
        facts = await engine.inspect(target(host.url))
    assert (facts.provider, facts.address) == ("here", "127.0.0.1")
    assert facts.connect_ns is not None
    assert facts.models_ns is not None
    assert min(facts.connect_ns, facts.models_ns) > 0
    assert facts.models_status == 200
    assert facts.models == ("openai/gpt-oss-120b", "openai/gpt-oss-20b")
    assert (facts.tls_ns, facts.tls_version, facts.certificate_expires, facts.certificate_issuer) == (
        None,
    ) * 4
    assert (facts.error_kind, facts.error, facts.models_error) == (None, None, None)
    assert [(asked.method, asked.path) for asked in host.asked] == [("GET", "/v1/models")]
    assert host.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert host.connections == len(facts.tries_ns) == 3
    assert min(facts.tries_ns) > 0


async def test_each_look_opens_a_connection_of_its_own(engine: LocalEngine) -> None:
    async with Host(MODELS) as host:
        for _ in range(2):
            facts = await engine.inspect(target(host.url))
            assert facts.connect_ns is not None
    assert [asked.connection for asked in host.asked] == [1, 4]


async def test_a_certificate_is_told_with_its_end_and_its_issuer(
    engine: LocalEngine, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    end = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    authority.issue_cert("localhost", not_after=end).configure_cert(context)
    async with Host(MODELS, tls=context, name="localhost") as host:
        facts = await engine.inspect(target(host.url))
    assert facts.tls_version == "TLSv1.3"
    assert facts.tls_ns is not None
    assert facts.tls_ns > 0
    assert facts.certificate_expires is not None
    assert datetime.fromisoformat(facts.certificate_expires) == end
    assert facts.certificate_days == pytest.approx(30, abs=0.01)
    assert (facts.certificate_issuer or "").startswith("trustme")
    assert facts.models_status == 200


async def test_a_certificate_that_does_not_hold_is_why_there_is_no_connection(
    engine: LocalEngine, authority: trustme.CA
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("elsewhere.test").configure_cert(context)
    async with Host(MODELS, tls=context, name="localhost") as host:
        facts = await engine.inspect(target(host.url))
    assert facts.error_kind == "tls"
    assert (facts.error or "").startswith("localhost: ")
    assert facts.models_status is None


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("http://127.0.0.1:9/v1", "connect", "127.0.0.1:9"),
        ("https://{region}.example/v1", "bad_request", "here needs its region"),
        ("ftp://127.0.0.1/v1", "bad_request", "base_url of here"),
    ],
)
async def test_no_connection_is_told_with_its_reason(
    engine: LocalEngine, url: str, kind: str, said: str
) -> None:
    facts = await engine.inspect(target(url))
    assert facts == HostFacts("here", error_kind=facts.error_kind, error=facts.error)
    assert facts.error_kind == kind
    assert said in (facts.error or "")


async def test_a_refused_list_of_models_is_told_without_the_key(engine: LocalEngine) -> None:
    async with Host(says(error(f"unknown key {KEY}", "401 Unauthorized"))) as host:
        facts = await engine.inspect(target(host.url))
    assert (facts.models_status, facts.models, facts.error_kind) == (401, (), None)
    assert (facts.models_error or "").startswith("unknown key ")
    assert KEY not in repr(facts)


async def test_a_missing_key_does_not_hide_the_connection(engine: LocalEngine) -> None:
    async with Host(MODELS) as host:
        facts = await engine.inspect(target(host.url, api_key_env=("NO_SUCH_KEY",)))
    assert facts.connect_ns is not None
    assert facts.models_status is None
    assert "NO_SUCH_KEY" in (facts.models_error or "")
    assert host.asked == []


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": "none"}', b'{"data": [1, {"id": 2}]}'])
async def test_a_list_of_another_form_holds_no_models(engine: LocalEngine, body: bytes) -> None:
    async with Host(says(whole(body, kind="application/json"))) as host:
        facts = await engine.inspect(target(host.url))
    assert (facts.models_status, facts.models) == (200, ())


async def test_ollama_lists_its_models_elsewhere(engine: LocalEngine) -> None:
    body = json.dumps({"models": [{"name": "gpt-oss:20b", "size": 1}]}).encode()
    async with Host(says(whole(body, kind="application/json"))) as host:
        facts = await engine.inspect(target(host.url, dialect="ollama-chat"))
    assert host.asked[0].path == "/v1/tags"
    assert facts.models == ("gpt-oss:20b",)


async def test_the_key_goes_into_the_header_that_the_host_wants(engine: LocalEngine) -> None:
    async with Host(MODELS) as host:
        await engine.inspect(target(host.url, quirks=Quirks(key_style="x-api-key")))
    assert host.asked[0].headers["x-api-key"] == KEY
    assert "authorization" not in host.asked[0].headers


async def test_a_host_that_says_nothing_is_not_waited_for(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def silent(peer: Peer) -> None:
        await peer.gone()

    monkeypatch.setattr(inspect, "MODELS_SECONDS", 0.1)
    async with Host(silent) as host:
        facts = await engine.inspect(target(host.url))
    assert (facts.models_status, facts.models_error) == (None, "no answer within 0.1 s")
    assert facts.connect_ns is not None


async def test_a_key_that_looks_like_a_tag_is_not_torn_apart_in_a_web_page() -> None:
    key = "sk-made-up-<0123456789>-abcdef"
    page = f"<html><body><b>Who</b> is {key}?</body></html>".encode()
    engine = LocalEngine(Keyring({"HERE_API_KEY": key}))
    async with Host(says(whole(page, "403 Forbidden", "text/html"))) as host:
        facts = await engine.inspect(target(host.url))
    await engine.close()
    assert facts.models_error == "a web page instead of an answer: Who is [key]?"


async def test_a_token_in_the_address_is_hidden_where_the_list_of_models_is_refused(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH_SECRET", "ps-0123456789abcdef")

    async def echo(peer: Peer) -> None:
        await peer.send(error(f"nothing at {peer.asked.path}", "404 Not Found"))

    async with Host(echo) as host:
        facts = await engine.inspect(target(host.url + "/{PATH_SECRET}"))
    assert facts.models_error == "nothing at /v1/[key]/models"


async def test_a_host_that_hangs_up_is_told(engine: LocalEngine) -> None:
    async with Host(says(b"", close=True)) as host:
        facts = await engine.inspect(target(host.url))
    assert facts.models_status is None
    assert facts.models_error


async def test_the_engine_process_tells_the_same(tmp_path: Path) -> None:
    engine = EngineProcess(log=tmp_path / "engine.log")
    engine.start()
    try:
        async with Host(MODELS) as host:
            facts = await engine.inspect(target(host.url, api_key_env=(), key_required=False))
    finally:
        await engine.close()
    assert facts.models == ("openai/gpt-oss-120b", "openai/gpt-oss-20b")
    assert facts.address == "127.0.0.1"
