"""The other dialects: Anthropic Messages, OpenAI Responses and Ollama's own."""

from __future__ import annotations

import json
from typing import Any

import pytest

from osstui.simulator import tokens

from .talk import Reply, get, post, truth

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


async def ollama(url: str, sim: dict[str, str] = SIM, **fields: Any) -> Reply:
    turn = {"role": "user", "content": "What is the weather in Oslo?"}
    sent = {"model": "gpt-oss:120b", "messages": [turn], **fields}
    return await post(f"{url}/ollama/api/chat", sent, sim)


def lines(reply: Reply) -> list[Any]:
    return [json.loads(line) for line in reply.raw.splitlines()]


async def test_ollama_streams_lines_and_counts_on_the_last(fleet: str) -> None:
    reply = await ollama(fleet, {**SIM, "x-sim-id": "ollama-1"})
    assert reply.headers["content-type"] == "application/x-ndjson"
    *pieces, end = lines(reply)
    assert tokens.count("".join(piece["message"].get("thinking", "") for piece in pieces)) == 8
    assert tokens.count("".join(piece["message"]["content"] for piece in pieces)) == 12
    assert not any(piece["done"] for piece in pieces)
    assert (end["done"], end["done_reason"], end["eval_count"]) == (True, "stop", 30)
    told = await truth(fleet, "ollama-1")
    assert (end["prompt_eval_count"], told["dialect"]) == (told["prompt_tokens"], "ollama-chat")
    assert end["eval_duration"] > 0


async def test_ollama_heeds_its_own_names_for_the_limit_the_stop_and_the_effort(fleet: str) -> None:
    short = await ollama(fleet, {}, options={"num_predict": 5})
    assert lines(short)[-1]["done_reason"] == "length"
    stopped = await ollama(fleet, {"x-sim": "text=one two three;reasoning=0"}, options={"stop": [" two"]})
    assert "".join(line["message"]["content"] for line in lines(stopped)) == "one"
    thought = {}
    for effort in ("low", "high"):
        reply = await ollama(fleet, {}, think=effort)
        thought[effort] = sum(len(line["message"].get("thinking", "")) for line in lines(reply))
    assert thought["low"] < thought["high"]
    assert (await ollama(fleet, {}, think="enormous")).status == 400


async def test_ollama_calls_tools_whole_and_fails_with_a_line(fleet: str) -> None:
    function = {"name": TOOL["name"], "parameters": {"type": "object", "properties": TOOL["properties"]}}
    reply = await ollama(fleet, tools=[{"type": "function", "function": function}], stream=False)
    (call,) = reply.document["message"]["tool_calls"]
    assert call["function"] == {"name": "weather", "arguments": {"city": "Oslo"}}
    failing = await ollama(fleet, {"x-sim": "error_event;after=3"})
    assert set(lines(failing)[-1]) == {"error"}
    refused = await ollama(fleet, {"x-sim": "status500"})
    assert isinstance(refused.document["error"], str)


async def test_ollama_lists_its_models_as_tags(fleet: str) -> None:
    status, listing = await get(f"{fleet}/ollama/api/tags")
    assert (status, listing["models"][0]["name"]) == (200, "gpt-oss:120b")


async def test_another_route_to_a_host_is_played_by_that_host(fleet: str) -> None:
    _, listing = await get(f"{fleet}/deepinfra-messages/anthropic/v1/models")
    _, direct = await get(f"{fleet}/deepinfra/v1/openai/models")
    assert [model["id"] for model in listing["data"]] == [model["id"] for model in direct["data"]]
