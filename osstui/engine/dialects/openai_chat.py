"""OpenAI Chat Completions, as some forty hosts speak it.

Where they differ on the wire (reasoning in `reasoning`, `reasoning_content`, `reasoning_details` or between
tags; usage on the finish chunk, after it, or on every chunk; keys null, empty or left out) this parser reads
all forms without being told which to expect. What must be known before asking stands in `Quirks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from osstui.engine.dialects import usage as usages
from osstui.engine.dialects.base import (
    Echo,
    End,
    Finish,
    HostError,
    Item,
    Oddity,
    Piece,
    Report,
    Request,
    Trait,
)
from osstui.engine.dialects.errors import host_error, not_an_answer
from osstui.engine.dialects.harmony import LeakWatch
from osstui.engine.dialects.reasoning_tags import ReasoningTags
from osstui.engine.dialects.request import finish_request, temperature, token_limit
from osstui.engine.dialects.tool_form import chat_message, chat_tools
from osstui.engine.dialects.tool_text import ExecutedTools, ToolText
from osstui.engine.sse import ServerSentEvent
from osstui.events import EndReason
from osstui.job import Effort, Lane, Message, Quirks

THINKING_BUDGETS: dict[Effort, int] = {"low": 1024, "medium": 4096, "high": 16384}
"""Reasoning tokens where a host takes a number instead of a word (SiliconFlow takes 128 to 32,768)."""

_REASONS: dict[str, EndReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
_STOPS = frozenset(("stop", "eos", "eos_token", "end_turn", "stop_sequence"))


NOTHING = msgspec.Raw()


class _Delta(msgspec.Struct, gc=False):
    """`delta` of a chunk or `message` of a complete answer; any key may be missing or null."""

    content: object = None
    reasoning: object = None
    reasoning_content: object = None
    reasoning_details: object = None
    tool_calls: object = None
    function_call: object = None
    executed_tools: object = None
    refusal: object = None


class _Choice(msgspec.Struct, gc=False):
    index: object = None
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: object = None
    error: object = None
    usage: msgspec.Raw = NOTHING


class _Groq(msgspec.Struct, gc=False):
    usage: msgspec.Raw = NOTHING


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice | None] | None = None
    usage: msgspec.Raw = NOTHING
    model: object = None
    error: object = None
    detail: object = None
    message: object = None
    status: object = None
    status_code: object = None
    x_groq: _Groq | None = None
    time_info: msgspec.Raw = NOTHING
    timings: msgspec.Raw = NOTHING
    perf_metrics: msgspec.Raw = NOTHING


class _Origin(msgspec.Struct, gc=False):
    system_fingerprint: object = None
    provider: object = None


_decoder = msgspec.json.Decoder(_Chunk)
_origin_decoder = msgspec.json.Decoder(_Origin)


class OpenAIChat:
    models_path = "/models"

    def build(self, lane: Lane) -> Request:
        target, params, quirks = lane.target, lane.params, lane.target.quirks
        body: dict[str, object] = {
            "model": target.model_id,
            "messages": [_message(message, quirks) for message in lane.messages],
            "stream": lane.stream,
            "stream_options": {"include_usage": True} if quirks.include_usage and lane.stream else None,
            quirks.max_tokens_field: token_limit(lane),
            "temperature": temperature(params, quirks),
            "top_p": params.top_p,
            "seed": params.seed,
            "stop": params.stop or None,
            "tools": chat_tools(lane),
        }
        if params.effort is not None:
            body |= _effort(params.effort, quirks)
        return finish_request("/chat/completions", body, lane)

    def parser(self) -> ChatParser:
        return ChatParser()


def _message(message: Message, quirks: Quirks) -> dict[str, object]:
    sent = chat_message(message)
    if message.reasoning and quirks.reasoning_in_history:
        sent["reasoning"] = message.reasoning
    return sent


def _effort(effort: Effort, quirks: Quirks) -> dict[str, object]:
    match quirks.effort_form:
        case "reasoning_effort":
            return {"reasoning_effort": effort}
        case "reasoning.effort":
            return {"reasoning": {"effort": effort}}
        case "chat_template_kwargs":
            return {"chat_template_kwargs": {"reasoning_effort": effort}}
        case "thinking_budget":
            return {"thinking_budget": THINKING_BUDGETS[effort]}
        case "none":
            return {}


class ChatParser:
    """Reads the chunks of one answer."""

    lines = False

    def __init__(self) -> None:
        self._tags = ReasoningTags()
        self._leaks = LeakWatch()
        self._tools = ToolText()
        self._executed = ExecutedTools()
        self._report = Report()
        self._model: object = None
        self._index: object = None
        """The choice that is read: the first one seen. One is asked for; some hosts send several."""
        self._others = False
        self._tagged = False

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        data = event.data.strip()
        if data == b"[DONE]":
            return (*self.end(), End())
        if not data:
            return ()
        return self._chunk(data, named_error=event.name == "error")

    def document(self, body: bytes) -> Iterable[Item]:
        items = [*self._chunk(body, named_error=False), *self.end()]
        if not any(isinstance(item, Piece | Finish | HostError) for item in items):
            return (not_an_answer(body),)
        return (*items, End())

    def end(self) -> Iterable[Item]:
        return [*self._tags.end(), *self._tools.finished()]

    def _chunk(self, data: bytes, *, named_error: bool) -> Iterator[Item]:
        chunk = _decoder.decode(data)
        if chunk.model is not None and chunk.model != self._model and isinstance(chunk.model, str):
            self._model = chunk.model
            yield Echo(chunk.model)
            yield from _origin(data)
        failed: HostError | None = None
        for choice in chunk.choices or ():
            if choice is not None:
                yield from self._choice(choice)
                failed = failed or _choice_error(choice)
        yield from self._usage(chunk)
        bare = chunk.detail or chunk.message or chunk.status == "error"
        if chunk.error or named_error or (bare and not chunk.choices):
            yield _error(data, chunk.status_code)
        elif failed is not None:
            yield failed

    def _choice(self, choice: _Choice) -> Iterator[Item]:
        if isinstance(choice.index, int) and choice.index != self._index:
            if self._index is not None:
                yield from self._other_choice()
                return
            self._index = choice.index
        delta = choice.delta or choice.message
        if delta is not None:
            reasoning = _reasoning(delta)
            if reasoning:
                yield Piece("reasoning", reasoning)
            content = _text(delta.content) or _text(delta.refusal)
            if content:
                yield from self._content(content)
            if isinstance(delta.tool_calls, list):
                yield from self._tool_calls(delta.tool_calls)
            elif isinstance(delta.function_call, dict):
                yield from self._tool_calls([{"index": 0, "function": delta.function_call}])
            if isinstance(delta.executed_tools, list):
                yield from self._executed.take(delta.executed_tools)
        word = choice.finish_reason
        if isinstance(word, str) and word and word != "error":
            yield from self.end()
            yield from _finish(word)

    def _other_choice(self) -> Iterator[Item]:
        if not self._others:
            self._others = True
            yield Oddity("other_choices", "the host sends several answers at once: only the first is read")

    def _tool_calls(self, calls: list[object]) -> Iterator[Item]:
        """`index` and `id` may be missing or null; a piece without a name continues the last call."""
        for call in calls:
            if not isinstance(call, dict):
                continue
            function = call.get("function")
            if isinstance(function, dict):
                yield from self._tools.call(
                    function.get("name"),
                    function.get("arguments"),
                    index=call.get("index"),
                    id=call.get("id"),
                )

    def _content(self, content: str) -> Iterator[Item]:
        leak = self._leaks.feed(content)
        if leak:
            yield Oddity("harmony_leak", f"the host leaks harmony markers into the answer: {leak}")
        for item in self._tags.feed(content):
            if isinstance(item, Piece) and item.kind == "reasoning" and not self._tagged:
                self._tagged = True
                yield Trait("reasoning", "tags")
            yield item

    def _usage(self, chunk: _Chunk) -> Iterator[Item]:
        raw = _told(chunk.usage)
        if not raw and chunk.x_groq is not None:
            raw = _told(chunk.x_groq.usage)
        if not raw and chunk.choices and chunk.choices[0] is not None:
            raw = _told(chunk.choices[0].usage)
        if not (raw or chunk.time_info or chunk.timings or chunk.perf_metrics):
            return
        server = usages.server_timings(raw, chunk.time_info, chunk.timings, chunk.perf_metrics)
        report = usages.report(raw, server, self._report)
        if report is not None:
            self._report = report
            yield report


def _origin(data: bytes) -> Iterator[Trait]:
    """Who answers, as the first chunk tells it."""
    origin = _origin_decoder.decode(data)
    for name, value in (("fingerprint", origin.system_fingerprint), ("served_by", origin.provider)):
        if isinstance(value, str) and value:
            yield Trait(name, value[:200])


def _finish(word: str) -> Iterator[Item]:
    """The end, by the host's own word."""
    known = word.lower()
    if known not in _REASONS and known not in _STOPS:
        told = repr(word) if len(word) <= 60 else f"of {len(word):,} characters"
        yield Oddity("unknown_finish", f"the host ended with the finish reason {told}: taken for stop")
    yield Finish(_REASONS.get(known, "stop"), word)


def _choice_error(choice: _Choice) -> HostError | None:
    """An error that stands in the choice, or only shows as its finish reason (OpenRouter)."""
    if choice.error:
        return host_error(msgspec.json.encode({"error": choice.error}))
    if choice.finish_reason == "error":
        return HostError("the host broke the answer off with the finish reason 'error'")
    return None


def _told(raw: msgspec.Raw) -> msgspec.Raw:
    """The value, or nothing where it is null."""
    return NOTHING if bytes(raw) == b"null" else raw


def _text(value: object) -> str:
    """A string, or the text parts of a content list; anything else is no text."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        parts = (
            part.get("text") or part.get("summary") if isinstance(part, dict) else part for part in value
        )
        return "".join(part for part in parts if isinstance(part, str))
    return ""


def _reasoning(delta: _Delta) -> str:
    """The reasoning once, although OpenRouter sends it twice (`reasoning` and `reasoning_details`)."""
    return _text(delta.reasoning) or _text(delta.reasoning_content) or _text(delta.reasoning_details)


def _error(data: bytes, status: object) -> HostError:
    error = host_error(data)
    if error.status is None and isinstance(status, int):
        return HostError(error.message, status, error.code)
    return error
