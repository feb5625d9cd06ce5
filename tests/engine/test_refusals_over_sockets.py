"""What becomes of a request that a host refuses, misunderstands or never answers."""

from __future__ import annotations

import asyncio
import gzip
import json
from itertools import pairwise
from pathlib import Path

import pytest

from osstui.engine import exchange, framing, wire
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.events import Connected, Delta, Failed, Opened, Retried, Sent
from osstui.job import Params, Quirks
from tests.engine.asking import KEY, Told, ask, job, target
from tests.engine.scripted_host import (
    Host,
    Peer,
    answer,
    chunked,
    data,
    delta,
    error,
    finish,
    head,
    says,
    whole,
)

HELLO = says(whole(answer("Hello")))


async def told_by(engine: LocalEngine, *scripts: object, **params: object) -> Told:
    async with Host(*scripts) as host:  # type: ignore[arg-type]
        return await ask(engine, job(target(host.url), params=Params(**params)))  # type: ignore[arg-type]


async def test_a_rate_limited_lane_waits_as_told_and_tries_again(engine: LocalEngine) -> None:
    busy = says(error("slow down", "429 Too Many Requests", retry_after="0.05"))
    async with Host(busy, HELLO) as host:
        told = await ask(engine, job(target(host.url)))
    retried = told.of(Retried)[0]
    assert (retried.kind, retried.status, retried.attempt) == ("rate_limit", 429, 2)
    assert retried.wait == 50_000_000
    assert retried.message == "slow down"
    assert [sent.attempt for sent in told.of(Sent)] == [1, 2]
    assert told.of(Sent)[1].t - retried.t >= retried.wait
    assert told.text() == "Hello"
    assert told.ended().reason == "stop"


async def test_a_limit_s_reset_is_waited_for_where_no_retry_after_is_told(engine: LocalEngine) -> None:
    limits = {"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "20ms"}
    async with Host(says(error("slow down", "429 Too Many Requests", **limits)), HELLO) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.of(Retried)[0].wait == 20_000_000
    assert told.text() == "Hello"


async def test_a_wait_longer_than_a_minute_is_left_to_the_user(engine: LocalEngine) -> None:
    told = await told_by(engine, says(error("later", "429 Too Many Requests", retry_after="3600")))
    failed = told.failed()
    assert (failed.kind, failed.status, failed.retry_after) == ("rate_limit", 429, 3600.0)
    assert told.of(Retried) == []


async def test_a_host_that_stays_broken_is_given_up(engine: LocalEngine) -> None:
    broken = says(error("out of order", "503 Service Unavailable"))
    async with Host(broken) as host:
        told = await ask(engine, job(target(host.url), params=Params(retries=2)))
    assert len(host.asked) == 3
    assert [retried.attempt for retried in told.of(Retried)] == [2, 3]
    assert (told.failed().kind, told.failed().status, told.failed().message) == (
        "server",
        503,
        "out of order",
    )


async def test_no_retries_means_one_request(engine: LocalEngine) -> None:
    async with Host(says(error("no", "500 Internal Server Error"))) as host:
        told = await ask(engine, job(target(host.url), params=Params(retries=0)))
    assert len(host.asked) == 1
    assert told.failed().kind == "server"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("401 Unauthorized", "auth"),
        ("402 Payment Required", "auth"),
        ("403 Forbidden", "auth"),
        ("404 Not Found", "not_found"),
        ("413 Payload Too Large", "bad_request"),
        ("418 I'm a teapot", "bad_request"),
    ],
)
async def test_a_refusal_is_not_asked_again(engine: LocalEngine, status: str, kind: str) -> None:
    async with Host(says(error("not like this", status))) as host:
        told = await ask(engine, job(target(host.url)))
    assert len(host.asked) == 1
    failed = told.failed()
    assert (failed.kind, failed.status, failed.message) == (kind, int(status[:3]), "not like this")


async def test_an_unsupported_parameter_is_dropped_once_and_said(engine: LocalEngine) -> None:
    refusal = says(error("Unsupported parameter: 'seed'", "400 Bad Request"))
    async with Host(refusal, HELLO) as host:
        told = await ask(engine, job(target(host.url), params=Params(seed=1, top_p=0.5, retries=0)))
    assert "seed" in host.asked[0].json
    assert "seed" not in host.asked[1].json
    assert host.asked[1].json["top_p"] == 0.5
    assert told.notes() == ["dropped_parameter"]
    assert told.text() == "Hello"


async def test_a_host_may_refuse_one_parameter_after_the_other(engine: LocalEngine) -> None:
    refusals = [says(error(f"Unknown parameter: {name}", "400 Bad Request")) for name in ("seed", "top_p")]
    async with Host(*refusals, HELLO) as host:
        told = await ask(engine, job(target(host.url), params=Params(seed=1, top_p=0.5, retries=0)))
    assert {"seed", "top_p"}.isdisjoint(host.asked[2].json)
    assert told.text() == "Hello"


async def test_a_host_that_refuses_again_what_it_no_longer_gets_is_not_asked_for_ever(
    engine: LocalEngine,
) -> None:
    names = "max_tokens", "max_completion_tokens"
    turns = [f"'{one}' is not supported. Use '{other}' instead." for one, other in (names, names[::-1])]
    async with Host(*[says(error(turn, "400 Bad Request")) for turn in turns * 5]) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.failed().kind == "bad_request"
    assert len(host.asked) == 3


async def test_a_limit_goes_by_the_other_name_where_the_host_asks_for_that(engine: LocalEngine) -> None:
    refusal = "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."
    async with Host(says(error(refusal, "400 Bad Request")), HELLO) as host:
        told = await ask(engine, job(target(host.url), params=Params(max_tokens=50)))
    assert host.asked[0].json["max_tokens"] == 50
    assert host.asked[1].json["max_completion_tokens"] == 50
    assert "max_tokens" not in host.asked[1].json
    assert told.notes() == ["renamed_field"]
    assert told.text() == "Hello"


async def test_a_parameter_may_be_named_beside_the_message(engine: LocalEngine) -> None:
    body = json.dumps({"error": {"message": "Unsupported parameter", "param": "seed"}}).encode()
    refused = says(whole(body, "400 Bad Request", "application/json"))
    async with Host(refused, HELLO) as host:
        told = await ask(engine, job(target(host.url), params=Params(seed=1)))
    assert "seed" in host.asked[0].json
    assert "seed" not in host.asked[1].json
    assert told.text() == "Hello"


@pytest.mark.parametrize("where", ["body", "status line", "header", "cut by the length limit"])
async def test_a_key_that_the_host_quotes_never_leaves_the_engine(engine: LocalEngine, where: str) -> None:
    refusals = {
        "body": error(f"Incorrect API key provided: {KEY}.", "401 Unauthorized"),
        "status line": whole(b"", f"401 {KEY}"),
        "header": error("no", "401 Unauthorized", x_request_id=KEY, x_ratelimit_key="v" * 190 + KEY),
        "cut by the length limit": error("x" * 590 + KEY, "401 Unauthorized"),
    }
    told = await told_by(engine, says(refusals[where]))
    assert told.failed().kind == "auth"
    assert KEY[:8] not in repr(told.events)


async def test_a_key_that_the_host_echoes_in_an_answer_never_leaves_the_engine(engine: LocalEngine) -> None:
    call = {"id": KEY, "index": 0, "function": {"name": "f", "arguments": KEY}}
    first = {**delta(content=f"You are {KEY}"), "model": KEY, "system_fingerprint": KEY}
    body = data(first, delta(reasoning=KEY), delta(tool_calls=[call]), finish(KEY), "[DONE]")
    told = await told_by(engine, says(whole(body)))
    assert told.text() == "You are [key]"
    assert KEY not in repr(told.events)


async def test_a_token_in_a_header_or_in_the_address_never_leaves_the_engine(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_TOKEN", "gw-0123456789abcdef")
    monkeypatch.setenv("PATH_SECRET", "ps-0123456789abcdef")
    monkeypatch.setenv("GATEWAY_PROJECT", "my-project-0123456789")
    headers = {"x-gateway": "Bearer {GATEWAY_TOKEN}", "x-project": "{GATEWAY_PROJECT}"}

    async def echo(peer: Peer) -> None:
        said = f"{peer.asked.headers['x-gateway']} at {peer.asked.path} in {peer.asked.headers['x-project']}"
        await peer.send(error(said, "401 Unauthorized", x_request_id=said))

    async with Host(echo) as host:
        told = await ask(engine, job(target(host.url + "/{PATH_SECRET}", headers=headers)))
    assert "Bearer [key] at /v1/[key]/chat" in told.failed().message
    assert "my-project-0123456789" in told.failed().message
    assert "0123456789abcdef" not in repr(told.events)


async def test_a_key_cut_off_where_a_document_is_quoted_never_leaves_the_engine(engine: LocalEngine) -> None:
    body = json.dumps({"echo": "x" * 178 + KEY}).encode()
    told = await told_by(engine, says(whole(body, kind="application/json")), retries=0)
    assert told.failed().message.endswith("[key]…")
    assert KEY[:8] not in repr(told.events)


async def test_a_redirect_is_not_followed(engine: LocalEngine) -> None:
    async with Host(HELLO) as other:
        moved = says(whole(b"", "307 Temporary Redirect", location=other.url + "/chat/completions"))
        async with Host(moved) as host:
            told = await ask(engine, job(target(host.url)))
    assert other.connections == 0
    assert told.failed().kind == "protocol"
    assert told.failed().message.endswith(f"correct base_url to what the host names: {other.url}")


async def test_of_a_long_redirect_the_beginning_is_told_without_the_key(engine: LocalEngine) -> None:
    moved = whole(b"", "302 Found", location="https://elsewhere/?" + "x" * 270 + KEY + "x" * 5000)
    failed = (await told_by(engine, says(moved))).failed()
    assert "https://elsewhere/?xxx" in failed.message
    assert len(failed.message) < 400
    assert KEY[:4] not in failed.message


async def test_a_web_page_is_called_one(engine: LocalEngine) -> None:
    page = b"<!doctype html><html><head><title>Login &amp; pay</title></head><body>Hi</body></html>"
    async with Host(says(whole(page, kind="text/html"))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.failed().kind == "protocol"
    assert told.failed().message == "a web page instead of an answer: Login & pay (is base_url right?)"
    assert len(host.asked) == 1, "asked again, it would show the same page"
    assert told.text() == ""


async def test_plain_text_instead_of_a_stream_is_shown(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(b"upstream is away", kind="text/plain")))
    assert (told.failed().kind, told.failed().message) == ("protocol", "upstream is away")


async def test_plain_text_that_calls_itself_a_stream_is_quoted(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(b"upstream\nis away")), retries=0)
    assert told.failed().kind == "protocol"
    assert told.failed().message == "the host sent text instead of a stream: upstream is away"


async def test_a_stream_of_comments_alone_is_cut_and_no_text(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(b": ping\n\nid: 7\nretry: 10\n\n")), retries=0)
    assert told.ended().reason == "truncated"


@pytest.mark.parametrize("status", ["200 OK", "401 Unauthorized"])
async def test_a_key_that_looks_like_a_tag_is_not_torn_apart_in_a_web_page(status: str) -> None:
    key = "sk-made-up-<0123456789>-abcdef"
    page = f"<html><body><b>Who</b> is {key}?</body></html>".encode()
    engine = LocalEngine(Keyring({"HERE_API_KEY": key}))
    async with Host(says(whole(page, status, "text/html"))) as host:
        failed = (await ask(engine, job(target(host.url), params=Params(retries=0)))).failed()
    await engine.close()
    assert failed.message.startswith("a web page instead of an answer: Who is [key]?")
    assert key not in (failed.body or "")


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "model overloaded", "code": 503}},
        {"error": "model overloaded"},
        {"detail": "model overloaded"},
        {"code": 503, "reason": "OVERLOADED", "message": "model overloaded"},
        {"message": "model overloaded"},
        {"status": "error", "message": "model overloaded"},
    ],
    ids=str,
)
@pytest.mark.parametrize("streamed", [True, False])
async def test_an_error_under_status_200_is_an_error(
    engine: LocalEngine, body: object, streamed: bool
) -> None:
    sent = data(body) if streamed else json.dumps(body).encode()
    kind = "text/event-stream" if streamed else "application/json"
    told = await told_by(engine, says(whole(sent, kind=kind)), retries=0)
    failed = told.failed()
    assert failed.message == "model overloaded"
    assert failed.kind == "server"
    assert failed.status in (503, None), "a status that nobody sent must not be told"


async def test_an_error_may_be_a_list(engine: LocalEngine) -> None:
    body = b'[{"error": {"message": "model overloaded", "code": 503}}]'
    told = await told_by(engine, says(whole(body, kind="application/json")), retries=0)
    assert (told.failed().message, told.failed().status) == ("model overloaded", 503)


@pytest.mark.parametrize("dialect", ["anthropic-messages", "openai-responses", "openai-chat"])
async def test_an_error_event_of_plain_text_ends_the_lane(engine: LocalEngine, dialect: str) -> None:
    async with Host(says(whole(b"event: error\ndata: model overloaded\n\n"))) as host:
        told = await ask(engine, job(target(host.url, dialect=dialect), params=Params(retries=0)))
    assert (told.failed().kind, told.failed().message) == ("server", "model overloaded")


@pytest.mark.parametrize(
    "event",
    [
        b"event: error\ndata: model overloaded\n\n",
        b'event: error\ndata: "model overloaded"\n\n',
        data([{"error": {"message": "model overloaded"}}]),
        data(
            {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "model overloaded"}}]}
        ),
        b'{"error": {"message": "model overloaded"}}\n',
    ],
    ids=["plain text", "a JSON text", "a list", "in the choice", "without data:"],
)
async def test_an_error_in_the_middle_may_have_any_shape(engine: LocalEngine, event: bytes) -> None:
    told = await told_by(engine, says(whole(data(delta(content="Half")) + event + data("[DONE]"))))
    assert told.text() == "Half"
    assert (told.failed().kind, told.failed().message) == ("server", "model overloaded")


async def test_the_finish_reason_error_is_one(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(data(delta(content="Half"), finish("error"), "[DONE]"))))
    assert told.text() == "Half"
    assert told.failed().kind == "server"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_a_refusal_that_can_not_be_unpacked_is_known_by_its_status(
    engine: LocalEngine, encoding: str
) -> None:
    told = await told_by(engine, says(whole(b"\x1bgarbage", "401 No", content_encoding=encoding)))
    failed = told.failed()
    assert (failed.kind, failed.status, failed.message) == ("auth", 401, "the key was refused")


async def test_a_refusal_in_an_unknown_shape_is_quoted(engine: LocalEngine) -> None:
    body = b'{"fault": {"faultstring": "quota  exceeded"}}'
    told = await told_by(engine, says(whole(body, "403 Forbidden", "application/json")))
    assert told.failed().message == '{"fault": {"faultstring": "quota exceeded"}}'


async def test_a_document_that_is_no_answer_is_not_taken_for_one(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(b'{"object": "list"}', kind="application/json")), retries=0)
    assert told.failed().message == 'the host sent JSON that is no answer: {"object": "list"}'


async def test_an_error_in_the_middle_keeps_the_text_and_is_not_retried(engine: LocalEngine) -> None:
    body = data(delta(content="Half")) + b"event: error\n" + data({"error": {"message": "tool gone wrong"}})
    async with Host(says(head(transfer_encoding="chunked"), *chunked(body))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Half"
    assert told.failed().message == "tool gone wrong"
    assert len(host.asked) == 1


async def test_an_error_before_the_first_piece_is_retried(engine: LocalEngine) -> None:
    early = says(whole(data(delta(role="assistant"), {"error": {"message": "busy", "code": 503}})))
    told = await told_by(engine, early, HELLO)
    assert told.of(Retried)[0].message == "busy"
    assert told.text() == "Hello"


async def test_an_error_after_the_finish_is_a_note(engine: LocalEngine) -> None:
    body = data(
        delta(content="All"), finish("length"), {"error": {"message": "limit", "code": 400}}, "[DONE]"
    )
    told = await told_by(engine, says(whole(body)))
    assert told.ended().reason == "length"
    assert told.notes() == ["error_after_finish"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"HTTP/1.1 200 OK\r\nbad header\x00: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-length: 3\r\n\r\nxxx",
    ],
    ids=["ssh", "http2", "tls", "nul in a header", "a bad chunk size", "upgrade", "upgrade with 200"],
)
async def test_what_is_not_an_http_answer_fails_at_once(engine: LocalEngine, garbage: bytes) -> None:
    told = await told_by(engine, says(garbage), retries=0)
    ending = told.ending()
    assert isinstance(ending, Failed) or ending.reason == "truncated"
    assert ending.t < 5_000_000_000


async def test_a_switch_of_protocols_is_called_one(engine: LocalEngine) -> None:
    upgrade = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nxx"
    told = await told_by(engine, says(upgrade), retries=0)
    assert told.failed().message == "the host wants to leave HTTP for another protocol"


async def test_a_connection_closed_without_an_answer_is_tried_again(engine: LocalEngine) -> None:
    told = await told_by(engine, says(close=True), HELLO)
    assert told.of(Retried)[0].kind == "connect"
    assert told.text() == "Hello"


async def test_a_header_that_never_ends_is_cut_off(engine: LocalEngine) -> None:
    async def flood(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\nx-flood: ")
        while True:
            await peer.send(b"a" * 65536)

    told = await told_by(engine, flood, retries=0)
    assert told.failed().kind == "protocol"
    assert "headers" in told.failed().message


async def test_headers_without_end_are_cut_off(engine: LocalEngine) -> None:
    async def flood(peer: Peer) -> None:
        await peer.send(b"HTTP/1.1 200 OK\r\n")
        number = 0
        while True:
            number += 1
            await peer.send(b"x-%d: y\r\n" % number * 1000)

    told = await told_by(engine, flood, retries=0)
    assert told.failed().kind == "protocol"


@pytest.mark.parametrize(
    "line",
    [b"data: x" * 1_000_000, b"data:\n" * 3_000_000, b": comment" * 1_000_000],
    ids=["one long line", "empty data lines", "one long comment"],
)
async def test_an_event_that_never_ends_is_cut_off(engine: LocalEngine, line: bytes) -> None:
    told = await told_by(engine, says(head(), line), retries=0)
    assert told.failed().kind == "protocol"
    assert "event" in told.failed().message


async def flood(peer: Peer, begin: bytes, more: bytes) -> None:
    """Never stops by itself."""
    await peer.send(begin)
    while True:
        await peer.send(more)


@pytest.mark.parametrize("bounded", ["MAX_OUTPUT_CHARS", "MAX_BROKEN", "MAX_ERROR_BYTES"])
async def test_what_never_ends_is_given_up(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch, bounded: str
) -> None:
    begin, more, kind = {
        "MAX_OUTPUT_CHARS": (head(), data(delta(content="on and on ")), "protocol"),
        "MAX_BROKEN": (head(), b"data: {\n\n", "protocol"),
        "MAX_ERROR_BYTES": (head("401 No", "text/plain"), b"no and no ", "auth"),
    }[bounded]
    monkeypatch.setattr(exchange, bounded, 2000)
    told = await told_by(engine, lambda peer: flood(peer, begin, more * 50))
    assert told.failed().kind == kind
    assert len(told.text()) <= 2000


async def test_a_whole_answer_that_never_ends_is_given_up(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(framing.Document.__init__, "__defaults__", (2000,))
    begin = head(kind="application/json") + b'{"choices":[{"message":{"content":"'
    told = await told_by(engine, lambda peer: flood(peer, begin, b"on and on " * 50))
    assert told.failed().kind == "protocol"


async def test_a_host_that_floods_does_not_stop_the_others(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "MAX_UNPARSED_BYTES", 1000)
    monkeypatch.setattr(exchange, "MAX_OUTPUT_CHARS", 2_000_000)
    events = data(delta(content="x " * 5000)) * 20
    async with Host(lambda peer: flood(peer, head(), events)) as flooding, Host(HELLO) as other:
        told = await ask(engine, job(target(flooding.url), target(other.url)))
    assert told.failed("a").kind == "protocol"
    assert told.text(lane="b") == "Hello"
    assert told.ended("b").t < told.failed("a").t


async def test_between_the_slices_of_a_flood_other_sockets_are_looked_at(engine: LocalEngine) -> None:
    said, turns, running = [0], [0], True

    def turn() -> None:
        turns.append(said[0])
        if running:
            asyncio.get_running_loop().call_soon(turn)

    async with Host(says(whole(answer(*["word "] * 5_000)))) as host:
        turn()
        async for event in engine.run(job(target(host.url))):
            said[0] += isinstance(event, Delta)
        running = False
    assert said[0] == 5_000
    assert max(after - before for before, after in pairwise(turns)) < 500


async def test_a_gzip_bomb_is_not_unpacked(engine: LocalEngine) -> None:
    bomb = gzip.compress(b"\n" * 200_000_000, 9)
    told = await told_by(engine, says(whole(bomb, content_encoding="gzip")), retries=0)
    assert told.failed().kind == "protocol"


async def test_an_unknown_encoding_is_named(engine: LocalEngine) -> None:
    told = await told_by(engine, says(whole(b"\x1b\x00", content_encoding="br")))
    assert told.failed().kind == "protocol"
    assert "'br'" in told.failed().message


@pytest.mark.parametrize(
    "chunk",
    [
        '{"choices":[{"delta":{"content":' + "[" * 100_000,
        '{"choices":[{"delta":{"content":"\\ud800"}}]}',
        '{"choices":[{"delta":{"content":"cut',
        "[1, 2]",
        '{"choices": 7}',
        "null",
        '{"choices":[{"delta":{}}],"usage":{"completion_tokens":1' + "0" * 400 + "}}",
        '{"choices":[{"delta":{}}],"usage":{"completion_tokens":"nan","cost":"1e999"}}',
    ],
    ids=["too deep", "half a surrogate", "cut", "a list", "a number", "null", "a huge count", "no number"],
)
async def test_one_broken_event_does_not_end_the_lane(engine: LocalEngine, chunk: str) -> None:
    body = data(delta(content="be"), chunk, delta(content="fore"), finish(), "[DONE]")
    told = await told_by(engine, says(whole(body)))
    assert told.text() == "before"
    assert told.ended().reason == "stop"


async def test_many_broken_events_are_counted_not_listed(engine: LocalEngine) -> None:
    body = data(*["{"] * 100, delta(content="Hi"), finish(), "[DONE]")
    told = await told_by(engine, says(whole(body)))
    assert told.notes() == ["broken_event"] * 3 + ["broken_events"]


@pytest.mark.parametrize("value", ["²", "nan", "inf", "-1", "9" * 5000, "soon", "Fri, 99 Foo 9999"])
@pytest.mark.parametrize("name", ["retry_after", "retry_after_ms"])
async def test_a_senseless_retry_after_is_no_reason_to_stumble(
    engine: LocalEngine, name: str, value: str
) -> None:
    busy = says(error("slow down", "429 Too Many Requests", **{name: value}))
    told = await told_by(engine, busy, HELLO)
    assert told.text() == "Hello"


async def test_control_characters_of_an_error_arrive_as_one_line(engine: LocalEngine) -> None:
    told = await told_by(engine, says(error("a\x1b]0;title\x07\r\nb", "400 Bad Request")))
    assert told.failed().message == "a\x1b]0;title\x07 b", "the screen makes controls visible, not the engine"


async def test_a_bad_address_is_the_user_s_to_correct(engine: LocalEngine) -> None:
    for url in ("ftp://example.test/v1", "http://", "example.test/v1", "http://127.0.0.1:99999/v1"):
        failed = (await ask(engine, job(target(url)))).failed()
        assert failed.kind == "bad_request"
        assert "osstui itself" not in failed.message


async def test_a_missing_key_is_named(engine: LocalEngine) -> None:
    told = await ask(engine, job(target("http://127.0.0.1:9/v1", api_key_env=("ONE_KEY", "TWO_KEY"))))
    assert told.failed().kind == "no_key"
    assert told.failed().message == "no key: set ONE_KEY or TWO_KEY"


async def test_a_local_server_is_asked_without_a_key(engine: LocalEngine) -> None:
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url, api_key_env=("NONE",), key_required=False)))
    assert told.text() == "Hello"
    assert "authorization" not in host.asked[0].headers


async def test_a_key_is_not_sent_over_plain_http(engine: LocalEngine) -> None:
    told = await ask(engine, job(target("http://api.example.test/v1")))
    assert told.failed().kind == "bad_request"
    assert "plain http" in told.failed().message
    assert told.of(Connected) == []


async def test_an_unknown_dialect_is_named_with_those_there_are(engine: LocalEngine) -> None:
    told = await ask(engine, job(target("http://127.0.0.1:9/v1", dialect="telepathy")))
    assert told.failed().kind == "bad_request"
    assert "openai-chat" in told.failed().message


async def test_a_fresh_token_is_fetched_when_the_old_one_is_refused(
    engine: LocalEngine, tmp_path: Path
) -> None:
    counter = tmp_path / "tokens"
    script = tmp_path / "token.sh"
    script.write_text(f"#!/bin/sh\necho x >> {counter}\necho token-$(wc -l < {counter} | tr -d ' ')\n")
    script.chmod(0o755)
    refusal = says(error("expired", "401 Unauthorized"))
    async with Host(refusal, HELLO) as host:
        lane = target(host.url, api_key_env=(), api_key_command=str(script), quirks=Quirks())
        told = await ask(engine, job(lane, params=Params(retries=0)))
    assert [asked.headers["authorization"] for asked in host.asked] == ["Bearer token-1", "Bearer token-2"]
    assert told.text() == "Hello"


async def test_opened_is_told_of_a_refusal_too(engine: LocalEngine) -> None:
    told = await told_by(engine, says(error("no", "404 Not Found")))
    assert told.of(Opened)[0].status == 404
