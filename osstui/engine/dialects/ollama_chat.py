"""Ollama's own `/api/chat`: one JSON document a line, durations in ns.

Its OpenAI-compatible route loses errors in the middle of a stream (they become an empty chunk and an end of
file); here they arrive as a line `{"error": …}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec.structs import replace

from osstui.engine.dialects.base import Echo, End, Finish, HostError, Item, Piece, Report, Request
from osstui.engine.dialects.errors import host_error, not_an_answer
from osstui.engine.dialects.request import finish_request, sendable, temperature, token_limit
from osstui.engine.dialects.tool_form import chat_tools, ollama_message, without_builtins
from osstui.engine.dialects.tool_text import ToolText
from osstui.engine.dialects.usage import count, number
from osstui.engine.sse import ServerSentEvent
from osstui.events import ServerTimings
from osstui.job import Lane


class OllamaChat:
    models_path = "/tags"

    def build(self, lane: Lane) -> Request:
        params, quirks = lane.params, lane.target.quirks
        options: dict[str, object] = {
            "num_predict": token_limit(lane),
            "temperature": temperature(params, quirks),
            "top_p": params.top_p,
            "seed": params.seed,
            "stop": params.stop or None,
        }
        sent, notes = sendable(options, quirks)
        body: dict[str, object] = {
            "model": lane.target.model_id,
            "messages": [ollama_message(message) for message in lane.messages],
            "stream": lane.stream,
            "think": params.effort if quirks.effort_form != "none" else None,
            "options": sent,
            "tools": chat_tools(replace(lane, builtin_tools=())),
        }
        notes += without_builtins(lane)
        return finish_request("/chat", body, lane, notes=notes)

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
    prompt_eval_count: object = None
    prompt_eval_duration: object = None
    eval_count: object = None
    eval_duration: object = None
    load_duration: object = None
    total_duration: object = None


_decoder = msgspec.json.Decoder(_Line)


class ChatLines:
    """Reads the lines of one answer."""

    lines = True

    def __init__(self) -> None:
        self._model: str | None = None
        self._tools = ToolText()

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        return self._line(event.data) if event.data.strip() else ()

    def document(self, body: bytes) -> Iterable[Item]:
        """The last line of a stream, and all of an answer that was not streamed."""
        items = [*self._line(body)]
        return items if any(isinstance(item, End | HostError) for item in items) else (not_an_answer(body),)

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
            if (report := _report(line)) != Report():
                yield report
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
    def ms(ns: object) -> float | None:
        found = number(ns)
        return None if found is None else found / 1e6

    output, took = count(line.eval_count), ms(line.eval_duration)
    server = ServerTimings(
        queue_ms=ms(line.load_duration),
        prompt_ms=ms(line.prompt_eval_duration),
        output_tps=output / took * 1000 if output and took else None,
        total_ms=ms(line.total_duration),
    )
    return Report(
        input=count(line.prompt_eval_count),
        output=output,
        server=server if server != ServerTimings() else None,
    )
