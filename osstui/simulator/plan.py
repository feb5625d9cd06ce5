"""From a request to the whole answer in chunks: lengths, limits, tools, and the faults of the text."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, cast

import msgspec

from osstui.simulator import tokens
from osstui.simulator.answers import Texts, compose
from osstui.simulator.chunking import in_chunks, leaking, tool_chunks
from osstui.simulator.fill import value_for
from osstui.simulator.hosts import Host, ReasoningForm
from osstui.simulator.lies import (
    INFLATION,
    bend_arguments,
    bend_chunks,
    bend_host,
    bend_request,
    bend_text,
)
from osstui.simulator.shapes.base import (
    MARKERS,
    MESSAGE_OVERHEAD,
    PROMPT_OVERHEAD,
    Answer,
    Ask,
    Refused,
)  # fmt: skip
from osstui.simulator.tokens import Piece
from osstui.simulator.wishes import Wishes

SLOW_FIRST_S = 60.0
Finish = Literal["stop", "length", "tool_calls"]
_OTHER_MODEL = "meta-llama/llama-3.1-8b-instruct"
_SAMPLE_TOOL = {"type": "object", "properties": {"city": {"const": "Zürich"}, "days": {"const": 3}}}


def as_wished(host: Host, wishes: Wishes, speed: float) -> Host:
    """The host with the speed, chunking and reasoning form of this one request."""
    ttft = wishes.ttft
    if ttft is None:
        ttft = SLOW_FIRST_S if wishes.has("slow_first") else host.ttft_s / speed
    return replace(
        host,
        ttft_s=ttft,
        output_tps=wishes.tps or host.output_tps * speed,
        tokens_per_chunk=wishes.chunk or host.tokens_per_chunk,
        reasoning=cast(ReasoningForm, wishes.reasoning_form or host.reasoning),
        context=wishes.context or host.context,
    )


def make_answer(ask: Ask, host: Host, wishes: Wishes, *, seed: int, request_id: str, created: int) -> Answer:
    """All that will be said to this request. Raises Refused (400) when the prompt exceeds the context."""
    bend_request(ask, wishes)
    prompt_tokens = _count_prompt(ask, host)
    tool = _wanted_tool(ask, wishes)
    texts, finish = _limited(_texts(ask, host, wishes, seed, request_id), ask, wishes, tool)
    thinking, saying = tokens.pieces(texts.reasoning), tokens.pieces(texts.answer)
    calling: list[Piece] = []
    if tool is not None and not wishes.has("empty"):
        calling = tokens.pieces(bend_arguments(_arguments(ask, tool), wishes))
    chunks = [
        *leaking(in_chunks("reasoning", thinking, host, wishes), wishes),
        *in_chunks("text", saying, host, wishes),
        *tool_chunks(calling, host, wishes),
    ]
    inflation = INFLATION if wishes.has("inflate_usage") else 1.0
    n_thinking = sum(piece.tokens for piece in thinking)
    return Answer(
        host=bend_host(host, wishes),
        ask=ask,
        id=f"{host.id_prefix}-{request_id}",
        request_id=request_id,
        created=created,
        model=_OTHER_MODEL if wishes.has("wrong_model") else ask.model,
        chunks=bend_chunks(chunks, wishes, streamed=ask.stream),
        prompt_tokens=round(prompt_tokens * inflation),
        reasoning_tokens=n_thinking,
        visible_tokens=n_thinking + sum(piece.tokens for piece in (*saying, *calling)),
        finish=finish,
        tool_name="" if not calling else tool or "get_weather",
        tool_id=f"call_{request_id}" if calling else "",
        usage_hidden=wishes.has("no_usage"),
        usage_thin=wishes.has("thin_usage"),
        cached_tokens=min(wishes.cached or 0, prompt_tokens),
        inflation=inflation,
    )


def _texts(ask: Ask, host: Host, wishes: Wishes, seed: int, request_id: str) -> Texts:
    """What the model thinks and says, before anything limits it."""
    texts = compose(
        ask.prompt,
        provider=f"{host.id} {request_id}" if wishes.has("ignore_seed") else host.id,
        effort=ask.effort,
        seed=wishes.seed or seed,
        wishes=wishes,
        system=ask.system,
        draw=ask.body.get("seed"),
    )
    return Texts(texts.reasoning, bend_text(_answer_text(ask, texts.answer), wishes))


def _limited(texts: Texts, ask: Ask, wishes: Wishes, tool: str | None) -> tuple[Texts, Finish]:
    """What of it is sent, and why it ends there."""
    if wishes.has("empty"):
        return Texts("", ""), "stop"
    if tool is not None:
        return Texts(texts.reasoning, ""), "tool_calls"
    if ask.max_tokens is None:
        return texts, "stop"
    limited = _limit(texts, max(ask.max_tokens - MARKERS, 0))
    return limited, "stop" if limited == texts else "length"


def _count_prompt(ask: Ask, host: Host) -> int:
    texts = [*ask.texts, *(msgspec.json.encode(schema).decode() for schema in ask.tool_schemas)]
    length = PROMPT_OVERHEAD + sum(tokens.count(text) + MESSAGE_OVERHEAD for text in texts)
    if length > host.context:
        message = f"This model's maximum context length is {host.context} tokens, your prompt has {length}."
        raise Refused(400, message, code="context_length_exceeded", param="messages")
    return length


def _wanted_tool(ask: Ask, wishes: Wishes) -> str | None:
    """The tool to call: where a fault wants one, or tools are offered and none has answered yet."""
    if wishes.has("tools_whole") or wishes.has("tools_pieces"):
        return ask.tool_names[0] if ask.tool_names else "get_weather"
    if not ask.tool_names or ask.tool_results or ask.tool_choice == "none":
        return None
    if isinstance(ask.tool_choice, dict):
        function = ask.tool_choice.get("function") or ask.tool_choice
        named = function.get("name") if isinstance(function, dict) else None
        if named in ask.tool_names:
            return cast(str, named)
    return ask.tool_names[0]


def _arguments(ask: Ask, tool: str) -> str:
    schema = ask.tool_schemas[ask.tool_names.index(tool)] if tool in ask.tool_names else _SAMPLE_TOOL
    return msgspec.json.encode(value_for(schema, ask.prompt)).decode()


def _answer_text(ask: Ask, text: str) -> str:
    """The answer as the request constrains it: JSON by its schema, a tool's result, a stop sequence."""
    if ask.answer_schema is not None:
        text = msgspec.json.encode(value_for(ask.answer_schema, ask.prompt)).decode()
    elif ask.tool_results:
        text = "The tool answered: " + "; ".join(ask.tool_results)
    ends = [place for stop in ask.stop if (place := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text


def _limit(texts: Texts, budget: int) -> Texts:
    """Both texts within so many tokens; reasoning comes first and may leave nothing for the answer."""
    spent = tokens.count(texts.reasoning)
    if spent >= budget:
        return Texts(tokens.fit(texts.reasoning, budget), "")
    return Texts(texts.reasoning, tokens.fit(texts.answer, budget - spent))
