"""OpenAI Responses, as llama.cpp, Bedrock Mantle, OpenRouter, vLLM and others speak it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from osstui.engine.dialects.base import Echo, End, Finish, Item, Piece, Report, Request
from osstui.engine.dialects.errors import host_error, not_an_answer
from osstui.engine.dialects.request import finish_request, spoken, system_text, temperature, token_limit
from osstui.engine.dialects.tool_form import responses_items, responses_tools
from osstui.engine.dialects.tool_text import ToolText
from osstui.engine.dialects.usage import report, server_timings
from osstui.engine.sse import ServerSentEvent
from osstui.events import DeltaKind, EndReason
from osstui.job import Lane

_INCOMPLETE: dict[str, EndReason] = {"max_output_tokens": "length", "content_filter": "content_filter"}


class OpenAIResponses:
    models_path = "/models"

    def build(self, lane: Lane) -> Request:
        params, quirks = lane.params, lane.target.quirks
        effort = params.effort if quirks.effort_form != "none" else None
        body: dict[str, object] = {
            "model": lane.target.model_id,
            "input": [item for message in spoken(lane) for item in responses_items(message)],
            "instructions": system_text(lane) or None,
            "stream": lane.stream,
            "store": False,
            "max_output_tokens": token_limit(lane),
            "reasoning": {"effort": effort} if effort else None,
            "temperature": temperature(params, quirks),
            "top_p": params.top_p,
            "tools": responses_tools(lane),
        }
        return finish_request("/responses", body, lane, lacks=("seed", "stop"))

    def parser(self) -> ResponsesParser:
        return ResponsesParser()


class _Content(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Output(msgspec.Struct, gc=False):
    type: str = ""
    name: str | None = None
    arguments: str | None = None
    call_id: str | None = None
    content: list[_Content] | None = None
    summary: list[_Content] | None = None


class _Incomplete(msgspec.Struct, gc=False):
    reason: str | None = None


class _Response(msgspec.Struct, gc=False):
    status: str | None = None
    model: str | None = None
    output: msgspec.Raw = msgspec.Raw()
    usage: object = None
    error: object = None
    incomplete_details: _Incomplete | None = None


class _Event(msgspec.Struct, gc=False):
    type: str = ""
    delta: object = None
    output_index: object = None
    item: _Output | None = None
    response: _Response | None = None
    error: object = None
    timings: object = None


_event_decoder = msgspec.json.Decoder(_Event)
_response_decoder = msgspec.json.Decoder(_Response)
_outputs_decoder = msgspec.json.Decoder(list[_Output])


class ResponsesParser:
    """Reads the events of one answer. Its reasoning may come verbatim or as a summary."""

    lines = False

    def __init__(self) -> None:
        self._model: str | None = None
        self._verbatim = False
        self._told: set[DeltaKind] = set()
        self._calls: dict[str, bool] = {}
        """By output index, the calls that have begun, and whether arguments of theirs have come."""
        self._tools = ToolText()

    def event(self, event: ServerSentEvent) -> Iterable[Item]:
        data = event.data.strip()
        if data == b"[DONE]":
            return (End(),)
        return self._event(data, named_error=event.name == "error") if data else ()

    def document(self, body: bytes) -> Iterable[Item]:
        response = _response_decoder.decode(body)
        if response.error or response.status == "failed" or bytes(response.output)[:1] != b"[":
            yield not_an_answer(body)
            return
        if response.model:
            yield Echo(response.model)
        yield from self._over(response)
        yield End()

    def end(self) -> Iterable[Item]:
        return ()

    def _event(self, data: bytes, *, named_error: bool) -> Iterator[Item]:
        event = _event_decoder.decode(data)
        if event.response is not None and event.response.model and self._model is None:
            self._model = event.response.model
            yield Echo(self._model)
        text = event.delta if isinstance(event.delta, str) else ""
        match event.type.removeprefix("response."):
            case "output_text.delta" | "refusal.delta" if text:
                yield self._piece("text", text)
            case "reasoning_text.delta" | "reasoning.delta" if text:
                self._verbatim = True
                yield self._piece("reasoning", text)
            case "reasoning_summary_text.delta" if text and not self._verbatim:
                yield self._piece("reasoning", text)
            case "output_item.added" if event.item is not None and event.item.type == "function_call":
                self._calls[str(event.output_index)] = False
                yield from self._tools.call(event.item.name, index=event.output_index, id=event.item.call_id)
            case "output_item.done" if event.item is not None and event.item.type == "function_call":
                yield from self._whole_call(event.item, event.output_index)
            case "function_call_arguments.delta" if text:
                self._calls[str(event.output_index)] = True
                yield from self._tools.call(None, text, index=event.output_index)
            case "completed" | "incomplete" if event.response is not None:
                yield from self._over(event.response, event.timings)
                yield End()
            case "failed" | "error":
                yield host_error(_error_of(data, event))
            case _ if event.error or named_error:
                yield host_error(data)

    def _piece(self, kind: DeltaKind, text: str) -> Piece:
        self._told.add(kind)
        return Piece(kind, text)

    def _over(self, response: _Response, timings: object = None) -> Iterator[Item]:
        """The end of the answer, and of the answer itself what has not been told before: all of it, or the
        words that should have followed the reasoning."""
        if not ("text" in self._told or self._tools.calls):
            for output in _outputs(response):
                if output.type != "reasoning" or not self._told:
                    yield from self._output(output)
        told = report(response.usage, server_timings(None, timings=timings), Report())
        if told is not None:
            yield told
        yield from self._tools.finished()
        word = (response.incomplete_details.reason if response.incomplete_details else None) or ""
        if word or response.status == "incomplete":
            yield Finish(_INCOMPLETE.get(word, "length"), word or "incomplete")
        else:
            yield Finish("tool_calls" if self._tools.calls else "stop", response.status or "completed")

    def _whole_call(self, item: _Output, index: object) -> Iterator[Item]:
        """A call that is complete: news only where its arguments have not come in pieces."""
        if not self._calls.get(str(index)):
            name = None if str(index) in self._calls else item.name
            yield from self._tools.call(name, item.arguments, index=index, id=item.call_id)

    def _output(self, output: _Output) -> Iterator[Item]:
        if output.type == "function_call":
            yield from self._tools.call(output.name, output.arguments, id=output.call_id)
            return
        for content in output.content or output.summary or ():
            if text := content.text or content.refusal:
                yield self._piece("reasoning" if output.type == "reasoning" else "text", text)


def _outputs(response: _Response) -> list[_Output]:
    """What was put out; nothing where it is not in the form that the format asks for."""
    try:
        return _outputs_decoder.decode(response.output)
    except ValueError:
        return []


def _error_of(data: bytes, event: _Event) -> bytes:
    """The part of an error event that holds the message: `response.error`, `error`, or the event itself."""
    inner = event.response.error if event.response is not None else event.error
    return msgspec.json.encode({"error": inner}) if inner else data
