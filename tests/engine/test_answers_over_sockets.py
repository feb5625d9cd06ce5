"""What becomes of an answer, however its bytes travel."""

from __future__ import annotations

import asyncio
import errno
import gzip
import json
import os
import zlib

import pytest

from osstui.engine import patience
from osstui.engine.local import LocalEngine
from osstui.events import Connected, Delta, Ended, Noted, Opened, Sent, Started, ToolCall, Usage
from osstui.job import Params, Quirks
from tests.engine.asking import KEY, ask, job, target
from tests.engine.scripted_host import (
    Host,
    Peer,
    answer,
    chunked,
    data,
    delta,
    finish,
    head,
    says,
    usage,
    whole,
)

HELLO = answer("Hel", "lo", " 😀", reasoning=["Greet", " back."])

WAYS = {
    "with a length": [whole(HELLO)],
    "in one chunk": [head(transfer_encoding="chunked"), *chunked(HELLO)],
    "in small chunks": [
        head(transfer_encoding="chunked"),
        *chunked(*(HELLO[at : at + 7] for at in range(0, len(HELLO), 7))),
    ],
    "byte by byte, with CRLF": [
        bytes([byte])
        for byte in head(transfer_encoding="chunked") + b"".join(chunked(HELLO.replace(b"\n", b"\r\n")))
    ],
    "after an early hint": [b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n", whole(HELLO)],
    "after 100 Continue": [b"HTTP/1.1 100 Continue\r\n\r\n" + whole(HELLO)],
    "with gzip, unasked": [whole(gzip.compress(HELLO), content_encoding="gzip")],
    "with gzip in pieces": [
        head(transfer_encoding="chunked", content_encoding="gzip"),
        *chunked(*(bytes([byte]) for byte in gzip.compress(HELLO))),
    ],
    "with gzip in two members": [
        whole(gzip.compress(HELLO[:50]) + gzip.compress(HELLO[50:]), content_encoding="gzip")
    ],
    "with deflate": [whole(zlib.compress(HELLO), content_encoding="deflate")],
    "with deflate and no zlib around it": [
        whole(zlib.compress(HELLO, wbits=-zlib.MAX_WBITS), content_encoding="deflate")
    ],
    "with an empty encoding": [whole(HELLO, content_encoding="")],
    "with a chunk extension and a trailer": [
        head(transfer_encoding="chunked"),
        b"%x;a=b\r\n%b\r\n0\r\nx-trailer: 1\r\n\r\n" % (len(HELLO), HELLO),
    ],
    "with HTTP/2 on offer": [whole(HELLO, connection="upgrade, keep-alive", upgrade="h2,h2c")],
    "with lines that end in LF alone": [whole(HELLO).replace(b"\r\n", b"\n")],
    "with chunk sizes padded by spaces": [
        head(transfer_encoding="chunked"),
        b"%x  \r\n%b\r\n0  \r\n\r\n" % (len(HELLO), HELLO),
    ],
    "in chunks and with a length": [
        head(transfer_encoding="chunked", content_length="7"),
        b"%x\r\n%b\r\n0\r\n\r\n" % (len(HELLO), HELLO),
    ],
    "with a header per line of two hundred": [
        whole(HELLO, **{f"x_{number}": "v" * 20 for number in range(200)})
    ],
}


@pytest.mark.parametrize("way", WAYS)
async def test_an_answer_is_the_same_however_it_travels(engine: LocalEngine, way: str) -> None:
    async with Host(says(*WAYS[way])) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello 😀"
    assert told.text("reasoning") == "Greet back."
    assert told.ended().reason == "stop"
    report = told.of(Usage)[-1]
    assert (report.input, report.output) == (20, 12)
    assert told.notes() == []


@pytest.mark.parametrize("first_line", ["HTTP/1.1 200 OK", "HTTP/1.0 200 OK", "HTTP/1.1 200"])
async def test_a_body_that_ends_with_the_connection_is_whole(engine: LocalEngine, first_line: str) -> None:
    start = f"{first_line}\r\ncontent-type: text/event-stream\r\n\r\n".encode()
    async with Host(says(start, HELLO, close=True)) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello 😀"
    assert told.ended().reason == "stop"


async def test_the_events_come_in_order_with_growing_stamps(engine: LocalEngine) -> None:
    async with Host(says(whole(HELLO, x_request_id="req-7", x_ratelimit_remaining_requests="41"))) as host:
        told = await ask(engine, job(target(host.url), prompt="Say hello"))
    started = told.events[0]
    assert isinstance(started, Started)
    assert started.prompt == "Say hello"
    assert [type(e) for e in told.events[1:5]] == [Connected, Sent, Opened, Delta]
    stamps = [event.t for event in told.events[1:]]  # type: ignore[union-attr]
    assert stamps == sorted(stamps)
    assert stamps[0] > 0
    opened = told.of(Opened)[0]
    assert (opened.status, opened.http_version, opened.request_id) == (200, "1.1", "req-7")
    assert opened.rate_limits == {"x-ratelimit-remaining-requests": "41"}
    assert isinstance(told.events[-1], Ended)


async def test_all_events_of_one_read_carry_its_stamp(engine: LocalEngine) -> None:
    first, second = asyncio.Event(), asyncio.Event()

    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="a"), delta(content="b")))
        await first.wait()
        await peer.send(data(delta(content="c"), delta(content="d"), finish(), "[DONE]"))
        second.set()

    stamps: list[int] = []
    async with Host(script) as host, asyncio.timeout(20):
        async for event in engine.run(job(target(host.url))):
            if isinstance(event, Delta):
                stamps.append(event.t)
                if len(stamps) == 2:
                    first.set()
    assert stamps[0] == stamps[1] < stamps[2] == stamps[3]


async def test_the_request_is_what_the_user_asked_for(engine: LocalEngine) -> None:
    params = Params(effort="low", temperature=0.5, top_p=0.9, max_tokens=77, seed=3, stop=("END",))
    async with Host(says(whole(HELLO))) as host:
        await ask(engine, job(target(host.url), prompt="Grüß\u2028dich", params=params))
    asked = host.asked[0]
    assert (asked.method, asked.path) == ("POST", "/v1/chat/completions")
    assert asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["host"] == f"127.0.0.1:{host.port}"
    assert asked.headers["user-agent"].startswith("osstui/")
    assert asked.json == {
        "model": "openai/gpt-oss-120b",
        "messages": [{"role": "user", "content": "Grüß\u2028dich"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_tokens": 77,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 3,
        "stop": ["END"],
        "reasoning_effort": "low",
    }


async def test_a_key_may_travel_in_the_body_alone(engine: LocalEngine) -> None:
    quirks = Quirks(key_style="none", key_body_field="key")
    async with Host(says(whole(HELLO))) as host:
        await ask(engine, job(target(host.url, quirks=quirks)))
    assert host.asked[0].json["key"] == KEY
    assert "authorization" not in host.asked[0].headers


async def test_a_large_prompt_is_sent_whole_before_the_clock_starts(engine: LocalEngine) -> None:
    prompt = "all work and no play " * 100_000
    async with Host(says(whole(HELLO))) as host:
        told = await ask(engine, job(target(host.url), prompt=prompt))
    messages = host.asked[0].json["messages"]
    assert messages == [{"role": "user", "content": prompt}]
    assert len(told.of(Sent)) == 1
    assert told.text() == "Hello 😀"


async def test_a_whole_json_answer_to_a_stream_request_is_taken(engine: LocalEngine) -> None:
    message = {"role": "assistant", "reasoning": "Greet.", "content": "Hello"}
    body = json.dumps(
        {
            "model": "gpt-oss-120b",
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 15},
        }
    ).encode()
    async with Host(says(whole(body, kind="application/json"))) as host:
        told = await ask(engine, job(target(host.url)))
    assert (told.text("reasoning"), told.text()) == ("Greet.", "Hello")
    assert told.of(Usage)[-1].output == 15
    assert (told.ended().reason, told.ended().model) == ("stop", "gpt-oss-120b")


async def test_a_cut_stream_keeps_its_text(engine: LocalEngine) -> None:
    parts = [head(transfer_encoding="chunked"), chunked(data(delta(content="Half a")))[0]]
    async with Host(says(*parts, close=True)) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Half a"
    assert told.ended().reason == "truncated"
    assert told.notes() == ["truncated"]
    assert len(host.asked) == 1, "a paid answer must not be asked for twice"


async def test_a_reset_in_the_middle_keeps_the_text(engine: LocalEngine) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="Half a")))
        await seen.wait()
        peer.reset()

    seen = asyncio.Event()
    events = []
    async with Host(script) as host, asyncio.timeout(20):
        async for event in engine.run(job(target(host.url))):
            events.append(event)
            if isinstance(event, Delta):
                seen.set()
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "truncated"
    cut = events[-2].message
    assert cut == f"cut: {os.strerror(errno.ECONNRESET)}", "no number, no second address"


async def test_a_body_shorter_than_its_length_is_cut(engine: LocalEngine) -> None:
    body = data(delta(content="Half a"))
    start = head(content_length=str(len(body) + 100))
    async with Host(says(start + body, close=True)) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Half a"
    assert told.ended().reason == "truncated"


async def test_a_body_may_break_off_after_the_finish(engine: LocalEngine) -> None:
    start = head(transfer_encoding="chunked")
    body = chunked(data(delta(content="All"), finish("length")))[0]
    async with Host(says(start, body, close=True)) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "All"
    assert (told.ended().reason, told.ended().finish_reason) == ("length", "length")


async def test_the_end_marker_ends_a_lane_whose_host_keeps_the_connection(engine: LocalEngine) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(head(transfer_encoding="chunked"), chunked(HELLO)[0])
        await peer.gone()

    async with Host(script) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello 😀"
    assert told.ended().reason == "stop"


async def test_usage_after_the_finish_is_waited_for_but_not_for_long(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="All"), finish()), data(usage(3, 4)))
        await peer.gone()

    monkeypatch.setattr(patience, "LINGER", 0.2)
    async with Host(script) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.of(Usage)[-1].output == 4
    assert told.ended().reason == "stop"


async def test_a_finish_without_a_word_before_it_is_an_empty_answer(engine: LocalEngine) -> None:
    async with Host(says(whole(data(finish("stop"))))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == ""
    assert told.ended().reason == "stop"


async def test_an_end_marker_after_nothing_is_no_answer(engine: LocalEngine) -> None:
    async with Host(says(whole(data(delta(role="assistant", content=""), "[DONE]")))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.ended().reason == "truncated"
    assert told.notes() == ["truncated"]


async def test_of_several_answers_in_one_stream_only_the_first_is_read(engine: LocalEngine) -> None:
    def choice(index: int, word: str | None = None, **fields: object) -> dict[str, object]:
        return {"index": index, "delta": {"content": word}, **fields}

    body = data(
        {"choices": [choice(0, "Yes"), choice(1, "No")]},
        {"choices": [choice(1, " never", finish_reason="length")]},
        {"choices": [choice(0, ", always", finish_reason="stop")]},
        "[DONE]",
    )
    async with Host(says(whole(body))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Yes, always"
    assert told.ended().reason == "stop"
    assert told.notes() == ["other_choices"]


@pytest.mark.parametrize(
    ("word", "reason", "notes"),
    [("MAX_TOKENS", "length", []), ("eos", "stop", []), ("abort", "stop", ["unknown_finish"])],
)
async def test_a_finish_reason_of_another_kind_is_understood_or_told(
    engine: LocalEngine, word: str, reason: str, notes: list[str]
) -> None:
    async with Host(says(whole(data(delta(content="Yes"), finish(word), "[DONE]")))) as host:
        told = await ask(engine, job(target(host.url)))
    assert (told.ended().reason, told.ended().finish_reason) == (reason, word)
    assert told.notes() == notes


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ([b'"Ol\xe9!"'], "Ol\ufffd!"),
        ([rb'"Ol\ud83d!"'], "Ol\ufffd!"),
        ([rb'"Hi \ud83d"', rb'"\ude00!"'], "Hi 😀!"),
        ([rb'"Hi \ud83d"', rb'"oh!"'], "Hi oh!"),
        ([rb'"\udc00Hi"'], "\ufffdHi"),
    ],
    ids=["latin-1", "half an emoji", "an emoji in two events", "half an emoji at an end", "the other half"],
)
async def test_text_that_is_not_unicode_is_kept_as_far_as_it_goes(
    engine: LocalEngine, sent: list[bytes], text: str
) -> None:
    events = b"".join(b'data: {"choices":[{"delta":{"content":%s}}]}\n\n' % content for content in sent)
    async with Host(says(whole(events + data(finish(), "[DONE]")))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == text
    assert told.ended().reason == "stop"


async def test_an_event_with_a_broken_byte_behind_its_text_says_it_once(engine: LocalEngine) -> None:
    event = b'data: {"choices":[{"delta":{"content":"Hi"}}],"usage":{"x":"\xff"}}\n\n'
    async with Host(says(whole(event + data(finish(), "[DONE]")))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hi"
    assert told.notes() == []


async def test_an_old_function_call_is_a_tool_call(engine: LocalEngine) -> None:
    body = data(
        delta(function_call={"name": "weather", "arguments": '{"city"'}),
        delta(function_call={"arguments": ':"Rome"}'}),
        finish("function_call"),
        "[DONE]",
    )
    async with Host(says(whole(body))) as host:
        told = await ask(engine, job(target(host.url)))
    (call,) = told.of(ToolCall)
    assert (call.name, call.arguments) == ("weather", '{"city":"Rome"}')
    assert told.ended().reason == "tool_calls"


async def test_an_end_marker_without_a_finish_is_noted(engine: LocalEngine) -> None:
    async with Host(says(whole(data(delta(content="Hi"), "[DONE]")))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.ended().reason == "stop"
    assert told.notes() == ["no_finish_reason"]


async def test_an_empty_body_is_no_answer(engine: LocalEngine) -> None:
    async with Host(says(whole(b""))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.ended().reason == "truncated"
    assert [note.message for note in told.of(Noted)] == ["cut: the stream ended before a word of the answer"]


async def test_the_counts_of_the_pieces_add_up_to_the_whole_text(engine: LocalEngine) -> None:
    words = ["inter", "nation", "al", "isation is lo", "ng: 国", "际化 👩‍", "👩‍👧"]
    async with Host(says(whole(answer(*words)))) as host:
        told = await ask(engine, job(target(host.url)))
    from osstui.engine import tokens

    count = tokens.load()
    assert count is not None
    assert sum(event.n or 0 for event in told.of(Delta)) == count("".join(words))


async def test_timings_in_the_headers_are_told_with_the_usage(engine: LocalEngine) -> None:
    body = (
        b'{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}],"usage":{"completion_tokens":3}}'
    )
    timed = {"fireworks_server_time_to_first_token": "0.25"}
    async with Host(says(whole(body, kind="application/json", **timed))) as host:
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hi"
    (usage,) = told.of(Usage)
    assert usage.server is not None
    assert (usage.output, usage.server.ttft_ms) == (3, 250.0)
