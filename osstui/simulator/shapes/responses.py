"""OpenAI Responses with raw reasoning (`response.reasoning_text.delta`), as hosts of gpt-oss speak it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from osstui.simulator.hosts import Host
from osstui.simulator.shapes import asking
from osstui.simulator.shapes.base import Answer, Ask, Chunk, Kind, Refused, Timings
from osstui.simulator.shapes.chat import sse
from osstui.simulator.shapes.errors import host_error
from osstui.simulator.shapes.usage import cost_of

_KINDS: tuple[Kind, ...] = ("reasoning", "text", "tool")
_DELTAS = {
    "reasoning": "response.reasoning_text.delta",
    "text": "response.output_text.delta",
    "tool": "response.function_call_arguments.delta",
}
_ROLES = {"system", "developer", "user", "assistant"}


def _event(name: str, **fields: Any) -> bytes:
    return sse({"type": name, **fields}, name)


class ResponsesShape:
    name = "openai-responses"
    content_type = "text/event-stream"

    def read(self, body: dict[str, Any]) -> Ask:
        """A Responses body; `input` is a text or a list of items. Raises Refused (400)."""
        given = body.get("input")
        if isinstance(given, str):
            given = [{"role": "user", "content": given}]
        items = [item for item in given or [] if isinstance(item, dict)] if isinstance(given, list) else []
        messages = asking.messages_of({"input": [item for item in items if "role" in item]}, "input", _ROLES)
        asking.check_range(body, "temperature", 2)
        tools = [tool for tool in body.get("tools") or [] if isinstance(tool, dict) and tool.get("name")]
        asking.check_tools(body.get("tool_choice"), tools)
        users = [message for message in messages if message["role"] == "user"] or messages
        prompt = asking.text_of(users[-1].get("content"))
        after = items[items.index(users[-1]) :]
        results = [item.get("output") for item in after if item.get("type") == "function_call_output"]
        return Ask(
            body=body,
            model=asking.model_of(body),
            prompt=prompt,
            directives=prompt,
            texts=[
                asking.text_of(body.get("instructions")),
                *(asking.text_of(message.get("content")) for message in messages),
            ],
            stream=body.get("stream") is True,
            max_tokens=asking.limit_of(body, "max_output_tokens"),
            effort=asking.effort_of(body),
            tool_names=[str(tool["name"]) for tool in tools],
            tool_schemas=[tool.get("parameters") or {"type": "object"} for tool in tools],
            tool_choice=body.get("tool_choice"),
            tool_results=[asking.text_of(result) for result in results],
            answer_schema=asking.answer_schema((body.get("text") or {}).get("format")),
            system=asking.text_of(body.get("instructions")),
        )

    def head(self, answer: Answer) -> bytes:
        response = self._response(answer, "in_progress", [])
        return _event("response.created", response=response) + _event(
            "response.in_progress", response=response
        )

    def events(self, answer: Answer) -> Iterator[tuple[bytes, Chunk]]:
        """An item is added with its first delta and done with its last."""
        index, last = -1, len(answer.chunks) - 1
        for place, chunk in enumerate(answer.chunks):
            kind = chunk.kind
            data = b""
            if place == 0 or answer.chunks[place - 1].kind != kind:
                index += 1
                item = self._item(answer, kind, "", "in_progress")
                data += _event("response.output_item.added", output_index=index, item=item)
            where = {"item_id": self._item_id(answer, kind), "output_index": index}
            if kind != "tool":
                where["content_index"] = 0
            data += _event(_DELTAS[kind], **where, delta=chunk.text)
            if place == last or answer.chunks[place + 1].kind != kind:
                item = self._item(answer, kind, answer.joined(kind), "completed")
                data += _event("response.output_item.done", output_index=index, item=item)
            yield data, chunk

    def finish(self, answer: Answer, timings: Timings) -> bytes:
        name = "response.incomplete" if answer.finish == "length" else "response.completed"
        return _event(name, response=self.whole(answer, timings))

    def done(self, answer: Answer) -> bytes:
        """Only OpenRouter was seen to send a marker here."""
        return b"data: [DONE]\n\n" if answer.host.cost == "cost" else b""

    def done_after_error(self, answer: Answer) -> bytes:
        return self.done(answer)

    def comment(self, answer: Answer) -> bytes:
        return f": {answer.host.comment}\n\n".encode() if answer.host.comment else b""

    def stream_error(self, answer: Answer, message: str) -> bytes:
        failed = {
            **self._response(answer, "failed", []),
            "error": {"code": "server_error", "message": message},
        }
        return _event("response.failed", response=failed)

    def whole(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        short = answer.finish == "length"
        status = "incomplete" if short else "completed"
        output = [self._item(answer, kind, text, status) for kind in _KINDS if (text := answer.joined(kind))]
        response = self._response(answer, status, output)
        if short:
            response["incomplete_details"] = {"reason": "max_output_tokens"}
        return response if answer.usage_hidden else {**response, "usage": self.usage(answer, timings)}

    def usage(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        usage: dict[str, Any] = {
            "input_tokens": answer.prompt_tokens,
            "input_tokens_details": {"cached_tokens": answer.cached_tokens},
            "output_tokens": answer.output_tokens,
            "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
            "total_tokens": answer.prompt_tokens + answer.output_tokens,
        }
        return {**usage, "cost": cost_of(answer)} if answer.host.cost == "cost" else usage

    def error(self, host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
        return host_error(host, refused, request_id)

    def _response(self, answer: Answer, status: str, output: list[dict[str, Any]]) -> dict[str, Any]:
        about = {"object": "response", "created_at": answer.created, "status": status, "model": answer.model}
        return {"id": f"resp_{answer.request_id}", **about, "output": output, "error": None, "usage": None}

    def _item_id(self, answer: Answer, kind: Kind) -> str:
        return f"{ {'reasoning': 'rs', 'text': 'msg', 'tool': 'fc'}[kind] }_{answer.request_id}"

    def _item(self, answer: Answer, kind: Kind, text: str, status: str) -> dict[str, Any]:
        item: dict[str, Any] = {"id": self._item_id(answer, kind), "status": status}
        if kind == "tool":
            call = {"call_id": answer.tool_id, "name": answer.tool_name, "arguments": text}
            return {**item, "type": "function_call", **call}
        if kind == "reasoning":
            content = [{"type": "reasoning_text", "text": text}] if text else []
            return {**item, "type": "reasoning", "summary": [], "content": content}
        said = [{"type": "output_text", "text": text, "annotations": []}] if text else []
        return {**item, "type": "message", "role": "assistant", "content": said}
