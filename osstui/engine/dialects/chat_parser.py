"""The answers of OpenAI Chat Completions, as some forty hosts write them.

Where they differ on the wire (reasoning in `reasoning`, `reasoning_content`, `reasoning_details` or between
tags; usage on the finish chunk, after it, or on every chunk; keys null, empty or left out) this parser reads
all forms without being told which to expect. What must be known before asking stands in `Quirks`.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from osstui.engine.dialects import usage as usages
from osstui.engine.dialects.base import Echo, End, Finish, HostError, Item, Oddity, Piece, Report, Trait
from osstui.engine.dialects.errors import host_error, not_an_answer
from osstui.engine.dialects.harmony import LeakWatch
from osstui.engine.dialects.reasoning_tags import ReasoningTags
from osstui.engine.dialects.tool_text import ExecutedTools, ToolText
from osstui.engine.sse import ServerSentEvent
from osstui.events import EndReason

_REASONS: dict[str, EndReason] = {
    "length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
}
_STOPS = frozenset(("stop", "eos", "eos_token", "end_turn", "stop_sequence"))


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
    usage: object = None


class _Groq(msgspec.Struct, gc=False):
    usage: object = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice | None] | None = None
    usage: object = None
    model: object = None
    error: object = None
    detail: object = None
    message: object = None
    status: object = None
    status_code: object = None
    x_groq: _Groq | None = None
    time_info: object = None
    timings: object = None
    perf_metrics: object = None


class _Origin(msgspec.Struct, gc=False):
    system_fingerprint: object = None
    provider: object = None


_decoder = msgspec.json.Decoder(_Chunk)
_origin_decoder = msgspec.json.Decoder(_Origin)


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

    def _chunk(self, data: bytes, *, named_error: bool) -> list[Item]:
        """One list a chunk, filled as it goes: chained generators would cost as much as decoding does."""
        chunk = _decoder.decode(data)
        items: list[Item] = []
        if chunk.model != self._model and isinstance(chunk.model, str):
            self._model = chunk.model
            items += (Echo(chunk.model), *_origin(data))
        failed: HostError | None = None
        for choice in chunk.choices or ():
            if choice is not None:
                self._choice(choice, items)
                if choice.error or choice.finish_reason == "error":
                    failed = failed or _choice_error(choice)
        if (report := self._usage(chunk)) is not None:
            items.append(report)
        bare = not chunk.choices and (chunk.detail or chunk.message or chunk.status == "error")
        if chunk.error or named_error or bare:
            items.append(_error(data, chunk.status_code))
        elif failed is not None:
            items.append(failed)
        return items

    def _choice(self, choice: _Choice, items: list[Item]) -> None:
        if choice.index != self._index and isinstance(choice.index, int):
            if self._index is not None:
                self._other_choice(items)
                return
            self._index = choice.index
        delta = choice.delta or choice.message
        if delta is not None:
            self._delta(delta, items)
        word = choice.finish_reason
        if word and word != "error" and isinstance(word, str):
            items += self.end()
            items += _finish(word)

    def _other_choice(self, items: list[Item]) -> None:
        if not self._others:
            self._others = True
            items.append(
                Oddity("other_choices", "the host sends several answers at once: only the first is read")
            )

    def _delta(self, delta: _Delta, items: list[Item]) -> None:
        reasoning = _reasoning(delta)
        if reasoning:
            items.append(Piece("reasoning", reasoning))
        content = _text(delta.content) or _text(delta.refusal)
        if content:
            leak = self._leaks.feed(content)
            if leak:
                items.append(
                    Oddity("harmony_leak", f"the host leaks harmony markers into the answer: {leak}")
                )
            items += self._tags.feed(content)
        if isinstance(delta.tool_calls, list):
            self._tool_calls(delta.tool_calls, items)
        elif isinstance(delta.function_call, dict):
            self._tool_calls([{"index": 0, "function": delta.function_call}], items)
        if isinstance(delta.executed_tools, list):
            items += self._executed.take(delta.executed_tools)

    def _tool_calls(self, calls: list[object], items: list[Item]) -> None:
        """`index` and `id` may be missing or null; a piece without a name continues the last call."""
        for call in calls:
            if not isinstance(call, dict):
                continue
            function = call.get("function")
            if isinstance(function, dict):
                if isinstance(function.get("arguments"), dict):
                    items.append(Trait("arguments", "object"))
                items += self._tools.call(
                    function.get("name"),
                    function.get("arguments"),
                    index=call.get("index"),
                    id=call.get("id"),
                )

    def _usage(self, chunk: _Chunk) -> Report | None:
        """The report so far, where this chunk moves it."""
        raw = chunk.usage
        if not raw and chunk.x_groq is not None:
            raw = chunk.x_groq.usage
        if not raw and chunk.choices and chunk.choices[0] is not None:
            raw = chunk.choices[0].usage
        if not (raw or chunk.time_info or chunk.timings or chunk.perf_metrics):
            return None
        server = usages.server_timings(
            raw, time_info=chunk.time_info, timings=chunk.timings, perf_metrics=chunk.perf_metrics
        )
        report = usages.report(raw, server, self._report)
        self._report = report or self._report
        return report


def _origin(data: bytes) -> list[Trait]:
    """Who answers, as the first chunk tells it."""
    origin = _origin_decoder.decode(data)
    told = (("fingerprint", origin.system_fingerprint), ("served_by", origin.provider))
    return [Trait(name, value[:200]) for name, value in told if isinstance(value, str) and value]


def _finish(word: str) -> list[Item]:
    """The end, by the host's own word."""
    known = word.lower()
    finish = Finish(_REASONS.get(known, "stop"), word)
    if known in _REASONS or known in _STOPS:
        return [finish]
    told = repr(word) if len(word) <= 60 else f"of {len(word):,} characters"
    return [Oddity("unknown_finish", f"the host ended with the finish reason {told}: taken for stop"), finish]


def _choice_error(choice: _Choice) -> HostError:
    """An error that stands in the choice, or only shows as its finish reason (OpenRouter)."""
    if choice.error:
        return host_error(msgspec.json.encode({"error": choice.error}))
    return HostError("the host broke the answer off with the finish reason 'error'")


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
