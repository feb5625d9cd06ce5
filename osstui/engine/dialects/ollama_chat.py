"""Ollama's own `/api/chat`: one JSON document a line, durations in ns.

Its OpenAI-compatible route loses errors in the middle of a stream (they become an empty chunk and an end of
file); here they arrive as a line `{"error": …}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from osstui.engine.dialects.base import Echo, End, Finish, Item, Piece, Report, Request
from osstui.engine.dialects.errors import host_error
from osstui.engine.dialects.request import finish_request, temperature, token_limit
from osstui.engine.dialects.tool_text import ToolText
from osstui.engine.sse import ServerSentEvent
from osstui.events import ServerTimings
from osstui.job import Lane


class OllamaChat:
    models_path = "/tags"

    def build(self, lane: Lane) -> Request:
        params, quirks = lane.params, lane.target.quirks
        options = {
            "num_predict": token_limit(lane),
            "temperature": temperature(params, quirks),
            "top_p": params.top_p,
            "seed": params.seed,
            "stop": params.stop or None,
        }
        body: dict[str, object] = {
            "model": lane.target.model_id,
            "messages": [{"role": message.role, "content": message.content} for message in lane.messages],
            "stream": lane.stream,
            "think": params.effort if quirks.effort_form != "none" else None,
            "options": {name: value for name, value in options.items() if value is not None},
        }
        return finish_request("/chat", body, lane)

    def parser(self) -> ChatLines:
        return ChatLines()


class _Function(msgspec.Struct, gc=False):
    name: str = ""
    arguments: object = None


class _Call(msgspec.Struct, gc=False):
    function: _Function | None = None


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_Call] | None = None


class _Line(msgspec.Struct, gc=False):
    model: str | None = None
    message: _Message | None = None
    done: bool = False
    done_reason: str | None = None
    error: object = None
    prompt_eval_count: int | None = None
    prompt_eval_duration: int | None = None
    eval_count: int | None = None
    eval_duration: int | None = None
    load_duration: int | None = None
    total_duration: int | None = None


_decoder = msgspec.json.Decoder(_Line)


class ChatLines:
    """Reads the lines of one answer."""

    def __init__(self) -> None:
        self._model: str | None = None
        self._tools = ToolText()

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        return self._line(event.data) if event.data.strip() else ()

    def document(self, body: bytes) -> Iterable[Item]:
        """Several lines, where the Content-Type does not say so."""
        for line in body.splitlines():
            if line.strip():
                yield from self._line(line)

    def end(self) -> Iterable[Item]:
        return ()

    def _line(self, data: bytes) -> Iterator[Item]:
        line = _decoder.decode(data)
        if line.error:
            yield host_error(data)
            return
        if line.model and line.model != self._model:
            self._model = line.model
            yield Echo(line.model)
        if line.message is not None:
            yield from self._message(line.message)
        if line.done:
            yield _report(line)
            yield from self._tools.finished()
            word = line.done_reason or "stop"
            if word == "length":
                yield Finish("length", word)
            else:
                yield Finish("tool_calls" if self._tools.calls else "stop", word)
            yield End()

    def _message(self, message: _Message) -> Iterator[Item]:
        if message.thinking:
            yield Piece("reasoning", message.thinking)
        if message.content:
            yield Piece("text", message.content)
        for call in message.tool_calls or ():
            if call.function is not None:
                yield from self._tools.call(call.function.name, call.function.arguments or {})


def _report(line: _Line) -> Report:
    def ms(ns: int | None) -> float | None:
        return None if ns is None else ns / 1e6

    rate = line.eval_count / line.eval_duration * 1e9 if line.eval_count and line.eval_duration else None
    server = ServerTimings(
        queue_ms=ms(line.load_duration),
        prompt_ms=ms(line.prompt_eval_duration),
        output_tps=rate,
        total_ms=ms(line.total_duration),
    )
    return Report(input=line.prompt_eval_count, output=line.eval_count, server=server)
