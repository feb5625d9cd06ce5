"""Each fault does what its line in the table says."""

from __future__ import annotations

import asyncio
import json
import re
import time
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from osstui.simulator.process import SimulatorProcess
from osstui.simulator.wishes import STATUS_FAULTS

from .talk import ask, body, get, truth

BASE = "tokens=30;reasoning=10;chunk=1;tps=20000;ttft=0.01;"


@pytest.mark.parametrize("status", STATUS_FAULTS)
async def test_an_error_status_has_a_body_with_a_message(fleet: str, status: int) -> None:
    reply = await ask(fleet, "groq", "Hello", sim=f"status{status}")
    assert reply.status == status
    assert reply.document["error"]["message"]
    assert ("retry-after" in reply.headers) == (status == 429)


@pytest.mark.parametrize(
    ("provider", "path"),
    [
        ("openrouter", ("error", "metadata", "raw")), ("google-vertex", (0, "error", "status")),
        ("llamacpp", ("error", "code")), ("fireworks", ("request_id",)), ("novita", ("reason",)),
        ("deepinfra", ("detail",)), ("ncompass", ("detail", 0, "msg")), ("baseten", ("error",)),
        ("sglang", ("message",)), ("siliconflow", ("code",)), ("cerebras", ("message",)),
    ],
)  # fmt: skip
async def test_an_error_body_has_the_hosts_shape(fleet: str, provider: str, path: tuple[Any, ...]) -> None:
    found = (await ask(fleet, provider, "Hello", sim="fault=404")).document
    for step in path:
        found = found[step]
    assert found


async def test_two_hosts_hide_their_errors(fleet: str) -> None:
    labs = await ask(fleet, "modelslab", "Hello", sim="status401")
    assert (labs.status, labs.document["status"]) == (200, "error")
    parasail = await ask(fleet, "parasail", "Hello", sim="status401")
    assert (parasail.status, parasail.raw) == (401, b"Unauthorized. Invalid token format.")


async def test_retry_after_comes_in_three_notations(fleet: str) -> None:
    def after(reply: Any) -> str:
        return str(reply.headers["retry-after"])

    assert after(await ask(fleet, "groq", "Hello", sim="status429;retry_after=2.5")) == "2.5"
    assert after(await ask(fleet, "groq", "Hello", sim="status503;retry_after=go:90")) == "1m30s"
    date = after(await ask(fleet, "groq", "Hello", sim="status429;retry_after=date:30"))
    assert 25 < parsedate_to_datetime(date).timestamp() - time.time() <= 31


async def test_a_fault_may_end_after_some_attempts(fleet: str) -> None:
    sim = BASE + "status503;times=2"
    got = [(await ask(fleet, "groq", "Try me", sim=sim)).status for _ in range(4)]
    assert got == [503, 503, 200, 200]
    assert (await ask(fleet, "together", "Try me", sim=sim)).status == 503


async def test_a_directive_in_the_prompt_is_heard_and_removed(fleet: str) -> None:
    heard = await ask(fleet, "groq", "Say [[sim: echo=1]] hello [[sim cerebras: status500]]", sim=BASE)
    assert heard.joined("content") == "Say hello"
    assert (await ask(fleet, "cerebras", "Say hello [[sim cerebras: status500]]")).status == 500


async def test_a_misspelt_wish_is_answered_with_the_nearest_one(fleet: str) -> None:
    reply = await ask(fleet, "groq", "Hello", sim="tokns=3")
    assert reply.status == 400
    assert "did you mean 'tokens'?" in reply.document["error"]["message"]


async def test_a_cut_resets_the_connection_after_the_text_so_far(fleet: str) -> None:
    reply = await ask(fleet, "vllm", "Hello", sim=BASE + "cut;after=15", headers={"x-sim-id": "cut-1"})
    assert reply.broken
    assert reply.finishes == []
    record = await truth(fleet, "cut-1")
    assert (record["ended"], record["total_tokens"]) == ("cut", 15)
    assert record["text"] == reply.joined("content")
    assert record["reasoning"] == reply.joined("reasoning")


async def test_eof_is_a_clean_end_without_a_finish(fleet: str) -> None:
    reply = await ask(fleet, "vllm", "Hello", sim=BASE + "eof;after=12")
    assert not reply.broken
    assert reply.finishes == []
    assert "[DONE]" not in reply.data
    assert reply.joined("reasoning")


async def test_a_stall_falls_silent_and_keeps_the_connection(fleet: str) -> None:
    reader, writer = await send(fleet, "vllm", BASE + "stall;after=12", {"x-sim-id": "stall-1"})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), 0.3)
    record = await truth(fleet, "stall-1")
    assert (record["ended"], record["total_tokens"]) == ("stalled", 12)
    writer.close()
    await writer.wait_closed()


async def test_slow_first_says_nothing_for_a_long_time(fleet: str) -> None:
    reader, writer = await send(fleet, "vllm", "slow_first", {})
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    writer.close()
    await writer.wait_closed()


async def test_a_client_that_leaves_is_noted(fleet: str) -> None:
    reader, writer = await send(fleet, "vllm", "tps=10;ttft=0.01", {"x-sim-id": "left-1"})
    await reader.readuntil(b"data:")
    writer.close()
    await writer.wait_closed()
    async with asyncio.timeout(2):
        while (await truth(fleet, "left-1"))["ended"] != "client left":
            await asyncio.sleep(0.01)


async def test_a_broken_event_is_followed_by_the_rest(fleet: str) -> None:
    reply = await ask(fleet, "vllm", "Hello", sim=BASE + "broken_event")
    broken = [data for data in reply.data if data != "[DONE]" and not is_json(data)]
    assert len(broken) == 1
    assert reply.data[-1] == "[DONE]"


async def test_an_error_in_the_stream_has_the_hosts_form(fleet: str) -> None:
    groq = await ask(fleet, "groq", "Hello", sim=BASE + "error_event;after=5")
    assert b"event: error\ndata: " in groq.raw
    assert groq.chunks[-1]["error"]["status_code"] == 400
    assert "[DONE]" not in groq.data
    router = await ask(fleet, "openrouter", "Hello", sim=BASE + "error_event;after=5")
    assert router.chunks[-1]["error"]
    assert router.chunks[-1]["choices"]
    assert router.data[-1] == "[DONE]"
    ollama = await ask(fleet, "ollama", "Hello", sim=BASE + "error_event;after=5")
    assert ollama.chunks[-1]["choices"][0]["delta"]["content"] == ""
    assert ollama.finishes == []
    undone = await ask(fleet, "vllm", "Hello", sim=BASE + "error_event,no_done;after=5")
    assert "[DONE]" not in undone.data
    assert undone.chunks[-1]["error"]


async def test_an_error_may_follow_the_finish(fleet: str) -> None:
    reply = await ask(fleet, "openrouter", "Hello", sim=BASE + "error_after_finish")
    assert reply.finishes
    assert reply.chunks[-1]["error"]
    assert reply.data[-1] == "[DONE]"


async def test_usage_and_the_end_marker_may_be_missing(fleet: str) -> None:
    reply = await ask(fleet, "groq", "Hello", sim=BASE + "no_usage;no_done")
    assert reply.usages == []
    assert "[DONE]" not in reply.data
    assert reply.finishes == ["stop"]


async def test_usage_may_leave_the_reasoning_out_and_tell_a_cache(fleet: str) -> None:
    reply = await ask(fleet, "vllm", "Hello", sim=BASE + "thin_usage;cached=9")
    assert reply.usages[-1]["completion_tokens"] == 40
    assert reply.usages[-1]["completion_tokens_details"] == {"reasoning_tokens": 10}
    assert reply.usages[-1]["prompt_tokens_details"] == {"cached_tokens": 9}


async def test_a_field_of_a_wrong_type_is_refused(fleet: str) -> None:
    assert (await ask(fleet, "groq", "Hello", stream_options=[1])).status == 400
    assert (await ask(fleet, "groq", "Hello", tools=7)).status == 400


async def test_a_stream_request_may_be_answered_with_something_else(fleet: str) -> None:
    document = await ask(fleet, "groq", "Hello", sim=BASE + "json_answer")
    assert document.headers["content-type"].startswith("application/json")
    assert document.document["choices"][0]["message"]["content"]
    page = await ask(fleet, "groq", "Hello", sim="html")
    assert (page.status, page.raw[:6]) == (502, b"<html>")


async def test_a_parameter_is_refused_only_while_it_is_sent(fleet: str) -> None:
    sim = BASE + "unsupported_param=seed"
    refused = await ask(fleet, "groq", "Hello", sim=sim, seed=1)
    assert (refused.status, refused.document["error"]["param"]) == (400, "seed")
    assert (await ask(fleet, "groq", "Hello", sim=sim)).status == 200


async def test_markers_and_tags_leak_into_the_content(fleet: str) -> None:
    markers = await ask(fleet, "vllm", "Hello", sim=BASE + "leak_markers")
    assert markers.joined("content").startswith("<|channel|>analysis<|message|>The user")
    assert "<|start|>assistant<|channel|>final<|message|>" in markers.joined("content")
    assert markers.joined("reasoning") == ""
    tags = await ask(fleet, "vllm", "Hello", sim=BASE + "think_tags")
    assert tags.joined("content").startswith("<think>The user")
    assert "</think>\n\n" in tags.joined("content")
    assert not any("<think>" in (delta.get("content") or "") for delta in tags.deltas)


async def test_tool_calls_come_whole_or_in_pieces(fleet: str) -> None:
    whole = await ask(fleet, "vllm", "Hello", sim=BASE + "tools_whole")
    pieces = await ask(fleet, "groq", "Hello", sim=BASE + "tools_pieces")
    assert sum("tool_calls" in delta for delta in whole.deltas) == 1
    assert sum("tool_calls" in delta for delta in pieces.deltas) > 3
    assert whole.finishes == pieces.finishes == ["tool_calls"]


async def test_an_empty_answer_is_only_a_finish(fleet: str) -> None:
    reply = await ask(fleet, "vllm", "Hello", sim="empty;ttft=0.01")
    assert reply.finishes == ["stop"]
    assert reply.joined("content") == reply.joined("reasoning") == ""
    assert reply.usages[-1]["completion_tokens"] == 10


async def test_crlf_changes_the_framing_and_not_the_text(fleet: str) -> None:
    plain = await ask(fleet, "vllm", "Hello", sim=BASE)
    reply = await ask(fleet, "vllm", "Hello", sim=BASE + "crlf")
    assert reply.raw.startswith(b"\xef\xbb\xbf")
    assert b": between events\r\n" in reply.raw
    assert reply.raw.endswith(b"data: [DONE]")
    assert reply.joined("content") == plain.joined("content")


async def test_drip_writes_byte_by_byte(fleet: str) -> None:
    reader, writer = await send(fleet, "vllm", "tokens=3;reasoning=2;drip;ttft=0.01;tps=20000", {})
    raw = await reader.readuntil(b"0\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    chunked = raw.split(b"\r\n\r\n", 1)[1]
    assert len(chunked) > 5000
    assert re.fullmatch(rb"(?:1\r\n.\r\n)+0\r\n\r\n", chunked, re.DOTALL)


async def test_a_hostile_answer_holds_what_a_terminal_must_survive(fleet: str) -> None:
    text = (await ask(fleet, "vllm", "Hello", sim="hostile;ttft=0.01;tps=20000")).joined("content")
    for sign in ("\x1b]52;c;", "\x9b", "\u202e", "[/x]", "a[i]", "\u2028", "\x00", "\r"):
        assert sign in text


async def test_keep_open_leaves_the_socket_after_the_end_marker(fleet: str) -> None:
    reader, writer = await send(fleet, "vllm", BASE + "keep_open", {})
    await reader.readuntil(b"data: [DONE]\n\n\r\n")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    writer.close()
    await writer.wait_closed()


async def test_another_model_may_answer(fleet: str) -> None:
    reply = await ask(fleet, "groq", "Hello", sim=BASE + "wrong_model")
    assert {chunk["model"] for chunk in reply.chunks} == {"meta-llama/llama-3.1-8b-instruct"}


async def test_server_options_and_the_key_hold_for_every_request() -> None:
    with SimulatorProcess(
        faults=["groq=status500", "*=tokens=5;reasoning=2"], key="sesame", speed=50
    ) as simulator:
        url = simulator.url
        assert (await ask(url, "vllm", "Hello")).status == 401
        bearer = {"Authorization": "Bearer sesame"}
        assert (await ask(url, "groq", "Hello", headers=bearer)).status == 500
        reply = await ask(url, "vllm", "Hello", headers={"x-api-key": "sesame"})
        assert len([delta for delta in reply.deltas if delta.get("content")]) == 5
        assert (await ask(url, "modelslab", "Hello", key="sesame")).status == 200
        assert (await get(f"{url}/vllm/v1/models"))[0] == 401


async def send(
    url: str, provider: str, sim: str, headers: dict[str, str]
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A request over a bare socket, for what an HTTP client would hide."""
    place = urlsplit(url)
    reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=2**20)
    sent = json.dumps(body("Hello")).encode()
    lines = [f"POST /{provider}/v1/chat/completions HTTP/1.1", "Host: sim", f"x-sim: {sim}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"Content-Length: {len(sent)}", "", ""]
    writer.write("\r\n".join(lines).encode() + sent)
    return reader, writer


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
