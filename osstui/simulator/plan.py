"""From a request to the whole answer in chunks: lengths, limits, tools, and the faults of the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, cast

import msgspec

from osstui.simulator import tokens
from osstui.simulator.answers import Texts, compose
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
    Chunk,
    Kind,
    Refused,
)  # fmt: skip
from osstui.simulator.tokens import Piece
from osstui.simulator.wishes import Wishes

SLOW_FIRST_S = 60.0
_LEAKED = ("<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>")
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
    texts = compose(
        ask.prompt,
        provider=f"{host.id} {request_id}" if wishes.has("ignore_seed") else host.id,
        effort=ask.effort,
        seed=wishes.seed or seed,
        wishes=wishes,
        system=ask.system,
        draw=ask.body.get("seed"),
    )
    texts = Texts(texts.reasoning, bend_text(_answer_text(ask, texts.answer), wishes))
    finish: Literal["stop", "length", "tool_calls"] = "stop"
    if wishes.has("empty"):
        texts = Texts("", "")
    elif tool is not None:
        texts, finish = Texts(texts.reasoning, ""), "tool_calls"
    elif ask.max_tokens is not None:
        limited = _limit(texts, max(ask.max_tokens - MARKERS, 0))
        finish = "stop" if limited == texts else "length"
        texts = limited
    thinking, saying = tokens.pieces(texts.reasoning), tokens.pieces(texts.answer)
    calling = (
        []
        if tool is None or wishes.has("empty")
        else tokens.pieces(bend_arguments(_arguments(ask, tool), wishes))
    )
    chunks = [
        *_leaking(_chunks("reasoning", thinking, host, wishes), wishes),
        *_chunks("text", saying, host, wishes),
        *_tool_chunks(calling, host, wishes),
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


def _chunks(kind: Kind, pieces: list[Piece], host: Host, wishes: Wishes) -> list[Chunk]:
    if wishes.chars is not None:
        return list(_by_chars(kind, pieces, wishes.chars))
    return list(_by_tokens(kind, pieces, host.tokens_per_chunk))


def _by_tokens(kind: Kind, pieces: Iterable[Piece], size: int) -> Iterator[Chunk]:
    texts: list[str] = []
    held = 0
    for piece in pieces:
        texts.append(piece.text)
        held += piece.tokens
        if held >= size:
            yield Chunk(kind, "".join(texts), held)
            texts, held = [], 0
    if texts:
        yield Chunk(kind, "".join(texts), held)


def _by_chars(kind: Kind, pieces: list[Piece], size: int) -> Iterator[Chunk]:
    text = "".join(piece.text for piece in pieces)
    ends: list[tuple[int, int]] = []
    place = 0
    for piece in pieces:
        place += len(piece.text)
        ends.append((place, piece.tokens))
    ends.reverse()
    for start in range(0, len(text), size):
        held = 0
        while ends and ends[-1][0] <= start + size:
            held += ends.pop()[1]
        yield Chunk(kind, text[start : start + size], held)


def _tool_chunks(pieces: list[Piece], host: Host, wishes: Wishes) -> list[Chunk]:
    whole = wishes.has("tools_whole") or (host.tools_whole and not wishes.has("tools_pieces"))
    if whole and pieces:
        return [Chunk("tool", "".join(p.text for p in pieces), sum(p.tokens for p in pieces))]
    return _chunks("tool", pieces, host, wishes)


def _leaking(thinking: list[Chunk], wishes: Wishes) -> list[Chunk]:
    """Reasoning that stands in the content, between think tags or harmony markers, where a fault wants it."""
    if not (wishes.has("think_tags") or wishes.has("leak_markers")):
        return thinking
    inside = [Chunk("text", chunk.text, chunk.tokens) for chunk in thinking]
    if wishes.has("think_tags"):
        opening, closing = (
            [Chunk("text", t, 0) for t in ("<thi", "nk>")],
            [Chunk("text", t, 0) for t in ("</", "think>\n\n")],
        )
        return [*opening, *inside, *closing]
    return [Chunk("text", _LEAKED[0], 0), *inside, Chunk("text", _LEAKED[1], 0)]
