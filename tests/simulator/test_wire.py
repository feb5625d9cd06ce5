"""Each host's wire shape, over a real socket."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from osstui.catalog import DEFAULT_MODEL, load_catalog
from osstui.catalog.presets import FIGURES, newest
from osstui.simulator import tokens
from osstui.simulator.hosts import HOSTS

from .talk import ask, body, get, post

SHORT = "tokens=6;reasoning=5;chunk=2"
TOOL = {"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}


def test_every_host_has_the_model_the_speed_and_the_price_that_the_catalog_gives() -> None:
    for provider in load_catalog(environ={}, user=Path("absent")).providers.values():
        if provider.route_of is not None:
            continue
        offer, host = provider.models[DEFAULT_MODEL], HOSTS[provider.id]
        ttft, speed = (newest(offer, FIGURES[figure][0]) for figure in ("ttft_s", "output_tps"))
        assert host.model == offer.id
        assert ttft in (None, host.ttft_s), provider.id
        assert speed in (None, host.output_tps), provider.id
        assert host.context == (offer.context or host.context), provider.id
        if host.cost is not None:
            assert offer.price is not None
            assert host.price == (offer.price.input, offer.price.output)


async def test_together_ends_with_a_word_of_its_own(fleet: str) -> None:
    reply = await ask(fleet, "together", "Explain queues", sim=SHORT)
    assert reply.chunks[-1]["choices"][0]["finish_reason"] == "eos"
    cut = await ask(fleet, "together", "Explain queues", sim="tokens=60", max_tokens=20)
    assert cut.chunks[-1]["choices"][0]["finish_reason"] == "length"


async def test_vertex_numbers_no_tool_call_and_sambanova_tells_the_time_with_a_fraction(fleet: str) -> None:
    reply = await ask(fleet, "google-vertex", "What is the weather?", tools=[TOOL], tool_choice="required")
    calls = [call for c in reply.chunks for x in c["choices"] for call in x["delta"].get("tool_calls", ())]
    assert [(call["function"]["name"], "index" in call) for call in calls] == [("weather", False)]
    first = (await ask(fleet, "sambanova", "Explain queues", sim=SHORT)).chunks[0]
    assert isinstance(first["created"], float)


async def test_groq_tells_usage_three_times_and_the_channel(fleet: str) -> None:
    reply = await ask(fleet, "groq", "Explain queues", sim=SHORT)
    first, second = reply.chunks[0], reply.chunks[1]
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert set(first["x_groq"]) == {"id", "seed"}
    assert second["choices"][0]["delta"]["channel"] == "analysis"
    finish, trailing = reply.chunks[-2:]
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert finish["usage"] == finish["x_groq"]["usage"] == trailing["usage"]
    assert {"queue_time", "prompt_time", "completion_time", "total_time"} <= set(finish["usage"])
    assert trailing["choices"] == []
    assert reply.data[-1] == "[DONE]"
    assert reply.headers["x-ratelimit-reset-requests"].endswith("s")


async def test_cerebras_leaves_out_null_keys_and_tells_its_time(fleet: str) -> None:
    reply = await ask(fleet, "cerebras", "Explain queues", sim=SHORT)
    assert reply.chunks[0]["choices"] == [{"index": 0, "delta": {"role": "assistant"}}]
    assert all("logprobs" not in chunk["choices"][0] for chunk in reply.chunks)
    last = reply.chunks[-1]
    assert last["choices"][0] == {"index": 0, "delta": {}, "finish_reason": "stop"}
    assert set(last["time_info"]) == {"queue_time", "prompt_time", "completion_time", "total_time", "created"}
    assert last["usage"]["completion_tokens"] == 6 + 5 + 10
    assert float(reply.headers["x-ratelimit-reset-tokens-minute"]) > 0
    assert "inference-id" in reply.headers


async def test_openrouter_sends_comments_double_reasoning_and_its_cost(fleet: str) -> None:
    reply = await ask(fleet, "openrouter", "Explain queues", sim=SHORT, stream_options=None)
    assert reply.raw.startswith(b": OPENROUTER PROCESSING\n\n")
    delta = reply.deltas[0]
    assert delta["content"] == ""
    assert delta["reasoning_details"][0]["text"] == delta["reasoning"]
    last = reply.chunks[-1]
    assert last["choices"]
    assert last["usage"]["cost"] > 0
    assert all(chunk["provider"] for chunk in reply.chunks)


async def test_bedrock_wraps_every_piece_of_reasoning_and_ends_with_text(fleet: str) -> None:
    reply = await ask(fleet, "bedrock", "Explain queues", sim=SHORT)
    assert reply.deltas[:2] == [{"role": "assistant", "content": ""}, {"role": None, "content": None}]
    assert reply.joined("content").count("<reasoning>") == 3
    last_with_choices = [chunk for chunk in reply.chunks if chunk["choices"]][-1]["choices"][0]
    assert last_with_choices["finish_reason"] == "stop"
    assert last_with_choices["delta"]["content"]
    once = await ask(fleet, "bedrock", "Explain queues", sim=SHORT + ";reasoning_form=tags-once")
    assert once.joined("content").count("<reasoning>") == once.joined("content").count("</reasoning>") == 1


async def test_llamacpp_begins_with_null_and_ends_with_timings(fleet: str) -> None:
    reply = await ask(fleet, "llamacpp", "Explain queues", sim=SHORT)
    assert reply.deltas[0] == {"role": "assistant", "content": None}
    assert reply.joined("reasoning_content")
    assert reply.chunks[-1]["choices"] == []
    assert reply.chunks[-1]["timings"]["predicted_n"] == 21
    bare = await ask(fleet, "llamacpp", "Explain queues", sim=SHORT, stream_options=None)
    assert bare.usages == []
    assert "timings" in bare.chunks[-1]
    assert bare.chunks[-1]["choices"]


async def test_sambanova_tells_usage_and_timings_unasked(fleet: str) -> None:
    reply = await ask(fleet, "sambanova", "Explain queues", sim=SHORT, stream_options=None)
    (usage,) = reply.usages
    assert usage["time_to_first_token"] > 0
    assert usage["completion_tokens_after_first_per_sec"] > 0
    assert float(reply.headers["x-ratelimit-reset-requests"]) > 1.7e9


async def test_siliconflow_counts_on_every_chunk(fleet: str) -> None:
    reply = await ask(fleet, "siliconflow", "Explain queues", sim=SHORT)
    counts = [usage["completion_tokens"] for usage in reply.usages]
    assert counts == [2, 4, 5, 7, 9, 11, 21]


async def test_continuous_usage_is_cumulative_where_it_is_asked_for(fleet: str) -> None:
    options = {"include_usage": True, "continuous_usage_stats": True}
    reply = await ask(fleet, "vllm", "Explain queues", sim=SHORT, stream_options=options)
    assert [usage["completion_tokens"] for usage in reply.usages] == [2, 4, 5, 7, 9, 11, 21, 21]


async def test_vllm_tells_usage_on_request_only(fleet: str) -> None:
    assert (await ask(fleet, "vllm", "Explain queues", sim=SHORT, stream_options=None)).usages == []
    reply = await ask(fleet, "vllm", "Explain queues", sim=SHORT)
    assert reply.chunks[-1]["usage"]["completion_tokens_details"] == {"reasoning_tokens": 5}
    assert reply.chunks[1]["choices"][0]["token_ids"] is None


async def test_deepinfra_estimates_the_cost(fleet: str) -> None:
    (usage,) = (await ask(fleet, "deepinfra", "Explain queues", sim=SHORT)).usages
    price = (usage["prompt_tokens"] * 0.037 + usage["completion_tokens"] * 0.17) / 1e6
    assert usage["estimated_cost"] == pytest.approx(price)
    assert usage["completion_tokens_details"] is None


async def test_fireworks_tells_its_metrics_when_asked(fleet: str) -> None:
    assert "perf_metrics" not in (await ask(fleet, "fireworks", "Hello", sim=SHORT)).chunks[-1]
    reply = await ask(fleet, "fireworks", "Hello", sim=SHORT, perf_metrics_in_response=True)
    assert reply.chunks[-1]["perf_metrics"]["completion-tokens"] == 21


@pytest.mark.parametrize("provider", [*HOSTS, "never-heard-of"])
async def test_every_host_streams_the_text_that_its_usage_counts(fleet: str, provider: str) -> None:
    reply = await ask(fleet, provider, "Compare heaps with sorted arrays", sim="tokens=40;reasoning=20")
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/event-stream"
    assert (HOSTS[provider].stop_word if provider in HOSTS else "stop") in reply.finishes
    assert reply.usages[-1]["completion_tokens"] == 70
    content = reply.joined("content")
    inline = "".join(re.findall(r"<reasoning>(.*?)</reasoning>", content, re.DOTALL))
    assert tokens.count(inline + reply.joined("reasoning") + reply.joined("reasoning_content")) == 20
    assert tokens.count(re.sub(r"<reasoning>.*?</reasoning>", "", content, flags=re.DOTALL)) == 40


async def test_an_answer_without_streaming_is_one_document(fleet: str) -> None:
    sent = body("Explain queues", stream=False)
    reply = await post(f"{fleet}/groq/openai/v1/chat/completions", sent, {"x-sim": SHORT})
    document = reply.document
    assert document["object"] == "chat.completion"
    assert document["choices"][0]["message"]["reasoning"]
    assert tokens.count(document["choices"][0]["message"]["content"]) == 6
    assert document["usage"]["completion_tokens"] == 21
    assert document["usage"]["total_time"] > 0


async def test_a_length_limit_counts_reasoning_and_markers(fleet: str) -> None:
    reply = await ask(fleet, "fireworks", "Explain queues", max_tokens=32, stream=False)
    choice = reply.document["choices"][0]
    assert choice["finish_reason"] == "length"
    assert "content" not in choice["message"]
    assert reply.document["usage"]["completion_tokens"] == 32


async def test_tools_are_called_with_arguments_of_their_schema(fleet: str) -> None:
    properties = {"city": {"type": "string"}, "unit": {"enum": ["celsius", "kelvin"]}}
    function = {"name": "weather", "parameters": {"type": "object", "properties": properties}}
    tools = [{"type": "function", "function": function}]
    reply = await ask(fleet, "llamacpp", "What is the weather in Oslo in kelvin?", tools=tools)
    calls = [delta["tool_calls"][0] for delta in reply.deltas if "tool_calls" in delta]
    assert len(calls) > 1
    assert calls[0]["function"]["name"] == "weather"
    assert "id" not in calls[1]
    arguments = "".join(call["function"]["arguments"] for call in calls)
    assert arguments == '{"city":"Oslo","unit":"kelvin"}'
    assert reply.finishes == ["tool_calls"]
    whole = await ask(fleet, "groq", "What is the weather in Oslo in kelvin?", tools=tools)
    assert sum("tool_calls" in delta for delta in whole.deltas) == 1


async def test_a_schema_shapes_the_answer(fleet: str) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    reply = await ask(fleet, "groq", "Give me 7", response_format=form)
    assert reply.joined("content") == '{"n":7}'


async def test_a_stop_sequence_ends_the_answer_before_it(fleet: str) -> None:
    reply = await ask(fleet, "groq", "Please count from 1 to 10", stop=["7"])
    assert reply.joined("content") == "1 2 3 4 5 6 "
    assert reply.finishes == ["stop"]


async def test_nonsense_is_refused_in_the_hosts_own_words(fleet: str) -> None:
    too_hot = await ask(fleet, "novita", "Hello", temperature=3)
    assert (too_hot.status, too_hot.document["reason"]) == (400, "INVALID_REQUEST_BODY")
    no_json = await post(f"{fleet}/groq/v1/chat/completions", [1], {})
    assert no_json.status == 400
    too_long = await ask(fleet, "inferencenet", "word " * 100_100)
    assert "maximum context length is 100000" in too_long.document["error"]["message"]
    assert (await ask(fleet, "groq", "x", tool_choice="required")).status == 400


async def test_models_are_listed_and_health_is_told(fleet: str) -> None:
    status, listing = await get(f"{fleet}/groq/openai/v1/models")
    assert status == 200
    assert "openai/gpt-oss-120b" in [model["id"] for model in listing["data"]]
    assert (await get(f"{fleet}/health"))[1] == {"status": "ok"}
    assert (await get(f"{fleet}/groq/openai/v1/nothing"))[0] == 404
