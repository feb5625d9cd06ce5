"""The other dialects: Anthropic Messages and OpenAI Responses."""

from __future__ import annotations

from typing import Any

import pytest

from osstui.simulator import tokens

from .talk import Reply, post, truth

SIM = {"x-sim": "tokens=12;reasoning=8;chunk=3"}
TOOL = {"name": "weather", "properties": {"city": {"type": "string"}}}


async def messages(url: str, sim: dict[str, str] = SIM, **fields: Any) -> Reply:
    turn = {"role": "user", "content": "What is the weather in Oslo?"}
    sent = {"model": "m", "max_tokens": 500, "stream": True, "messages": [turn], **fields}
    return await post(f"{url}/llamacpp/v1/messages", sent, sim)


async def responses(url: str, sim: dict[str, str] = SIM, provider: str = "vllm", **fields: Any) -> Reply:
    sent = {"model": "m", "stream": True, "input": "What is the weather in Oslo?", **fields}
    return await post(f"{url}/{provider}/v1/responses", sent, sim)


def pick(reply: Reply, kind: str) -> list[Any]:
    return [event for event in reply.chunks if event["type"] == kind]


async def test_messages_open_and_close_a_block_for_each_kind(fleet: str) -> None:
    reply = await messages(fleet)
    kinds = [event["type"] for event in reply.chunks if event["type"] != "content_block_delta"]
    block = ["content_block_start", "content_block_stop"]
    assert kinds == ["message_start", *block, *block, "message_delta", "message_stop"]
    deltas = [event["delta"] for event in pick(reply, "content_block_delta")]
    assert tokens.count("".join(delta.get("thinking", "") for delta in deltas)) == 8
    assert tokens.count("".join(delta.get("text", "") for delta in deltas)) == 12
    assert pick(reply, "message_start")[0]["message"]["usage"]["output_tokens"] == 0
    end = pick(reply, "message_delta")[0]
    assert end["delta"]["stop_reason"] == "end_turn"
    assert end["usage"] == {"output_tokens": 30}
    assert b"event: message_stop\ndata: " in reply.raw


async def test_messages_call_tools_and_hear_their_results(fleet: str) -> None:
    schema = {"type": "object", "properties": TOOL["properties"]}
    tools = [{"name": TOOL["name"], "input_schema": schema}]
    reply = await messages(fleet, tools=tools, stream=False)
    (call,) = [part for part in reply.document["content"] if part["type"] == "tool_use"]
    assert (call["name"], call["input"]) == ("weather", {"city": "Oslo"})
    assert reply.document["stop_reason"] == "tool_use"
    result = {"type": "tool_result", "tool_use_id": call["id"], "content": "-3 degrees"}
    turns = [
        {"role": "user", "content": "What is the weather in Oslo?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    after = await messages(fleet, {}, tools=tools, messages=turns, stream=False)
    assert "-3 degrees" in after.document["content"][-1]["text"]


async def test_messages_have_errors_of_their_own(fleet: str) -> None:
    refused = await messages(fleet, {"x-sim": "status529"})
    assert (refused.status, refused.document["error"]["type"]) == (529, "overloaded_error")
    failing = await messages(fleet, {"x-sim": "error_event;after=3"})
    assert failing.chunks[-1]["type"] == "error"
    assert (await messages(fleet, max_tokens=None)).status == 400


async def test_responses_tell_reasoning_text_and_usage(fleet: str) -> None:
    reply = await responses(fleet, {**SIM, "x-sim-id": "responses-1"})
    thought = "".join(event["delta"] for event in pick(reply, "response.reasoning_text.delta"))
    text = "".join(event["delta"] for event in pick(reply, "response.output_text.delta"))
    assert (tokens.count(thought), tokens.count(text)) == (8, 12)
    (completed,) = pick(reply, "response.completed")
    usage = completed["response"]["usage"]
    assert (usage["output_tokens"], usage["output_tokens_details"]) == (30, {"reasoning_tokens": 8})
    assert completed["response"]["output"][1]["content"][0]["text"] == text
    assert (
        len(pick(reply, "response.output_item.added")) == len(pick(reply, "response.output_item.done")) == 2
    )
    record = await truth(fleet, "responses-1")
    assert (record["dialect"], record["text"], record["usage"]) == ("openai-responses", text, usage)


async def test_responses_call_tools_and_stop_at_the_limit(fleet: str) -> None:
    schema = {"type": "object", "properties": TOOL["properties"]}
    tools = [{"type": "function", "name": TOOL["name"], "parameters": schema}]
    reply = await responses(fleet, tools=tools)
    pieces = [event["delta"] for event in pick(reply, "response.function_call_arguments.delta")]
    assert "".join(pieces) == '{"city":"Oslo"}'
    short = await responses(fleet, max_output_tokens=20, stream=False)
    assert short.document["status"] == "incomplete"
    assert short.document["usage"]["output_tokens"] == 20


@pytest.mark.parametrize(("provider", "marked"), [("openrouter", True), ("vllm", False)])
async def test_only_openrouter_marks_the_end_of_responses(fleet: str, provider: str, marked: bool) -> None:
    assert ((await responses(fleet, provider=provider)).data[-1] == "[DONE]") == marked


async def test_responses_fail_in_the_middle(fleet: str) -> None:
    reply = await responses(fleet, {"x-sim": "error_event;after=3"})
    assert reply.chunks[-1]["response"]["error"]["message"]
