"""Thinking that a host has signed goes back to it with the results of the calls that it led to."""

from __future__ import annotations

import json

import pytest

from osstui.engine.dialects import DIALECTS, anthropic_messages
from osstui.engine.dialects.base import Seal
from osstui.engine.local import LocalEngine
from osstui.engine.sse import ServerSentEvent
from osstui.events import Sealed
from osstui.job import CallSent, Job, Lane, Message, Tool
from tests.engine.asking import KEY, Told, ask, target
from tests.engine.scripted_host import Host, data, says, whole

TOOL = Tool("now", "The time", {"type": "object", "properties": {}})
THOUGHT = {"type": "thinking", "thinking": "I need the time.", "signature": "SIG=="}
REDACTED = {"type": "redacted_thinking", "data": "OPAQUE"}


def stream(
    signature: str = "SIG==", redacted: str = "OPAQUE", stop: str = "tool_use"
) -> list[dict[str, object]]:
    def start(index: int, **block: object) -> dict[str, object]:
        return {"type": "content_block_start", "index": index, "content_block": block}

    def more(index: int, **delta: object) -> dict[str, object]:
        return {"type": "content_block_delta", "index": index, "delta": delta}

    return [
        {"type": "message_start", "message": {"model": "m", "usage": {"input_tokens": 9}}},
        start(0, type="thinking", thinking="", signature=""),
        more(0, type="thinking_delta", thinking="I need "),
        more(0, type="thinking_delta", thinking="the time."),
        start(1, type="redacted_thinking", data=redacted),
        start(2, type="tool_use", id="toolu_1", name="now", input={}),
        more(0, type="signature_delta", signature=signature),
        {"type": "message_delta", "delta": {"stop_reason": stop}, "usage": {"output_tokens": 20}},
        {"type": "message_stop"},
    ]


def seals(events: list[dict[str, object]]) -> list[object]:
    parser = DIALECTS["anthropic-messages"].parser()
    read = [
        item for event in events for item in parser.event(ServerSentEvent("", json.dumps(event).encode()))
    ]
    return [json.loads(item.text) for item in read if isinstance(item, Seal)]


async def asked(engine: LocalEngine, url: str, *after: Message) -> Told:
    talk = (Message("user", "What time is it?"), *after)
    lane = Lane("a", target(url, dialect="anthropic-messages"), talk, tools=(TOOL,))
    return await ask(engine, Job("r", "What time is it?", (lane,)))


async def test_signed_thinking_comes_before_the_call_that_it_led_to(engine: LocalEngine) -> None:
    async with Host(says(whole(data(*stream())))) as host:
        told = await asked(engine, host.url)
        call = CallSent("toolu_1", "now", "{}")
        said = Message("assistant", "", told.text("reasoning"), (call,), told.of(Sealed)[0].text)
        await asked(engine, host.url, said, Message("tool", "noon", answers=call))
    turns = host.asked[1].json["messages"]
    assert isinstance(turns, list)
    assert turns[1]["content"] == [
        THOUGHT,
        REDACTED,
        {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}},
    ]


def test_a_whole_answer_has_its_seal_too() -> None:
    blocks = [THOUGHT, REDACTED, {"type": "tool_use", "id": "toolu_1", "name": "now", "input": {}}]
    body = {"content": blocks, "stop_reason": "tool_use"}
    items = DIALECTS["anthropic-messages"].parser().document(json.dumps(body).encode())
    assert [json.loads(item.text) for item in items if isinstance(item, Seal)] == [[THOUGHT, REDACTED]]


def test_what_is_not_signed_or_led_to_no_call_does_not_go_back() -> None:
    assert seals(stream()) == [[THOUGHT, REDACTED]]
    assert seals(stream(signature="")) == [[REDACTED]]
    assert seals(stream(signature="", redacted="")) == []
    assert seals([event for event in stream(stop="end_turn") if "tool_use" not in str(event)]) == []


def test_a_signature_that_never_ends_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anthropic_messages, "MAX_SEALED", 100)
    assert seals(stream(signature="S" * 100)) == []


async def test_a_seal_that_holds_the_key_is_not_told(engine: LocalEngine) -> None:
    async with Host(says(whole(data(*stream(signature=KEY))))) as host:
        told = await asked(engine, host.url)
    assert told.of(Sealed) == []
    assert KEY not in str(told.events)


@pytest.mark.parametrize("sealed", ["{", "7", '["x"]', "[" * 100_000])
async def test_a_seal_that_a_file_has_spoiled_is_left_out(engine: LocalEngine, sealed: str) -> None:
    call = CallSent("toolu_1", "now", "{}")
    async with Host(says(whole(data(*stream())))) as host:
        said = Message("assistant", "So", None, (call,), sealed)
        await asked(engine, host.url, said, Message("tool", "noon", answers=call))
    turns = host.asked[0].json["messages"]
    assert isinstance(turns, list)
    assert [block["type"] for block in turns[1]["content"]] == ["text", "tool_use"]
