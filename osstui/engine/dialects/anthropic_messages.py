"""Anthropic Messages, as KeepRouter, ModelsLab, llama.cpp, vLLM and LiteLLM speak it.

Usage is cumulative and comes in two parts: input (and what a cache gave) with `message_start`, output with
`message_delta`; LiteLLM sends zeros first and the truth at the end, vLLM repeats the input. A thinking
block may close after the text block has run, so blocks are told apart by the type of their deltas.
Anthropic itself signs its thinking, and refuses the result of a call without the thinking that led to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from osstui.engine.dialects.base import Echo, End, Finish, Item, Piece, Report, Request, Seal
from osstui.engine.dialects.errors import host_error, not_an_answer
from osstui.engine.dialects.request import (
    finish_request,
    spoken,
    system_text,
    temperature,
    token_limit,
    unsent,
)
from osstui.engine.dialects.tool_form import messages_tools, messages_turns, without_builtins
from osstui.engine.dialects.tool_text import ToolText
from osstui.engine.dialects.usage import count
from osstui.engine.sse import ServerSentEvent
from osstui.events import EndReason
from osstui.job import Effort, Lane

VERSION = "2023-06-01"
BUDGETS: dict[Effort, int] = {"low": 1024, "medium": 4096, "high": 16384}
"""Thinking tokens for each effort, of which half the limit at most is given: answers need the other half."""
MAX_SEALED = 1024 * 1024
"""Longest signed thinking that is kept, in characters."""
LEAST_BUDGET = 1024
"""The dialect takes no smaller one."""

_REASONS: dict[str, EndReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


class AnthropicMessages:
    models_path = "/models"

    def build(self, lane: Lane) -> Request:
        params = lane.params
        limit = token_limit(lane)
        body: dict[str, object] = {
            "model": lane.target.model_id,
            "messages": messages_turns(spoken(lane)),
            "system": system_text(lane) or None,
            "stream": lane.stream,
            "max_tokens": limit,
            "temperature": temperature(params, lane.target.quirks),
            "top_p": params.top_p,
            "stop_sequences": params.stop or None,
            "tools": messages_tools(lane),
        }
        notes = [*without_builtins(lane)]
        if params.effort is not None and lane.target.quirks.effort_form != "none":
            budget = min(BUDGETS[params.effort], limit // 2)
            if budget >= LEAST_BUDGET:
                body["thinking"] = {"type": "enabled", "budget_tokens": budget}
            else:
                room = f"{LEAST_BUDGET:,} tokens of thinking need a limit of {2 * LEAST_BUDGET:,}"
                notes.append(unsent("effort", f"{room}, not {limit:,}"))
        return finish_request(
            "/messages", body, lane, {"anthropic-version": VERSION}, lacks=("seed",), notes=notes
        )

    def parser(self) -> MessagesParser:
        return MessagesParser()


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    partial_json: str | None = None
    name: str | None = None
    input: object = None
    id: str | None = None
    stop_reason: str | None = None


class _Message(msgspec.Struct, gc=False):
    model: str | None = None
    content: list[_Block] | None = None
    stop_reason: str | None = None
    usage: dict[str, object] | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    message: _Message | str | None = None
    index: int | None = None
    content_block: _Block | None = None
    delta: _Block | None = None
    usage: dict[str, object] | None = None
    error: object = None


_event_decoder = msgspec.json.Decoder(_Event)
_message_decoder = msgspec.json.Decoder(_Message)


class _Thinking:
    """The blocks of one answer that the host signed or encrypted, in the form in which they go back."""

    def __init__(self) -> None:
        self._blocks: dict[int | None, dict[str, str]] = {}
        self._left = MAX_SEALED

    def take(self, block: _Block, index: int | None) -> None:
        parts = {"thinking": block.thinking, "signature": block.signature, "data": block.data}
        for name, text in parts.items():
            if text:
                self._left -= len(text)
                if self._left >= 0:
                    kept = self._blocks.setdefault(index, {})
                    kept[name] = kept.get(name, "") + text

    def sealed(self) -> str | None:
        """JSON; None where nothing is signed."""
        blocks = [
            {"type": "redacted_thinking" if "data" in kept else "thinking", **kept}
            for _, kept in sorted(self._blocks.items(), key=lambda item: item[0] or 0)
            if "signature" in kept or "data" in kept
        ]
        return msgspec.json.encode(blocks).decode() if blocks and self._left >= 0 else None


class MessagesParser:
    """Reads the events of one answer."""

    lines = False

    def __init__(self) -> None:
        self._usage: dict[str, int] = {}
        self._tools = ToolText()
        self._thinking = _Thinking()

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        data = event.data.strip()
        if data == b"[DONE]":
            return (End(),)
        return self._event(data, named_error=event.name == "error") if data else ()

    def document(self, body: bytes) -> Iterable[Item]:
        message = _message_decoder.decode(body)
        if message.content is None:
            yield not_an_answer(body)
            return
        if message.model:
            yield Echo(message.model)
        for index, block in enumerate(message.content):
            yield from self._block(block, index)
        yield from self._report(message.usage)
        yield from self._finish(message.stop_reason)
        yield End()

    def end(self) -> Iterable[Item]:
        return ()

    def _event(self, data: bytes, *, named_error: bool) -> Iterator[Item]:
        event = _event_decoder.decode(data)
        match event.type:
            case "content_block_delta" if event.delta is not None:
                yield from self._block(event.delta, event.index)
            case "content_block_start" if event.content_block is not None:
                yield from self._block(event.content_block, event.index)
            case "message_start" if isinstance(event.message, _Message):
                if event.message.model:
                    yield Echo(event.message.model)
                yield from self._report(event.message.usage)
            case "message_delta":
                yield from self._report(event.usage)
                yield from self._finish(event.delta.stop_reason if event.delta else None)
            case "message_stop":
                yield End()
            case _ if event.error or named_error or event.type == "error":
                yield host_error(data)

    def _block(self, block: _Block, index: int | None = None) -> Iterator[Item]:
        self._thinking.take(block, index)
        if block.thinking:
            yield Piece("reasoning", block.thinking)
        if block.text:
            yield Piece("text", block.text)
        if block.type == "tool_use":
            yield from self._tools.call(block.name, block.input or None, index=index, id=block.id)
        if block.partial_json:
            yield from self._tools.call(None, block.partial_json, index=index)

    def _report(self, usage: dict[str, object] | None) -> Iterator[Item]:
        """The report so far: a later number replaces an earlier one, except that a 0 says nothing new."""
        for name, value in (usage or {}).items():
            tokens = count(value)
            if tokens is not None and (tokens or name not in self._usage):
                self._usage[name] = tokens
        if not usage or not any(self._usage.values()):
            return
        cached = self._usage.get("cache_read_input_tokens")
        fresh = self._usage.get("input_tokens")
        written = self._usage.get("cache_creation_input_tokens", 0)
        yield Report(
            input=None if fresh is None else fresh + (cached or 0) + written,
            output=self._usage.get("output_tokens"),
            cached=cached,
        )

    def _finish(self, word: str | None) -> Iterator[Item]:
        if word:
            calls = self._tools.finished()
            yield from calls
            if calls and (sealed := self._thinking.sealed()):
                yield Seal(sealed)
            yield Finish(_REASONS.get(word, "stop"), word)
