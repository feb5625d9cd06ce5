"""Anthropic Messages, as llama.cpp and the hosts with an Anthropic route speak it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from osstui.simulator.hosts import Host
from osstui.simulator.shapes import asking
from osstui.simulator.shapes.base import Answer, Ask, Chunk, Kind, Refused, Timings
from osstui.simulator.shapes.chat import sse
from osstui.simulator.shapes.errors import error_response

_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_CHOICES = {"any": "required", "auto": "auto", "none": "none"}


def _event(name: str, **fields: Any) -> bytes:
    return sse({"type": name, **fields}, name)


class MessagesShape:
    name = "anthropic-messages"
    content_type = "text/event-stream"

    def read(self, body: dict[str, Any]) -> Ask:
        """A Messages body. Raises Refused (400)."""
        messages = asking.messages_of(body, "messages", {"user", "assistant"})
        limit = asking.limit_of(body, "max_tokens")
        if limit is None:
            raise Refused(400, "max_tokens: Field required", param="max_tokens")
        asking.check_range(body, "temperature", 1)
        tools = [tool for tool in body.get("tools") or [] if isinstance(tool, dict)]
        choice = body.get("tool_choice") or {}
        named = choice if choice.get("type") == "tool" else _CHOICES.get(str(choice.get("type")))
        asking.check_tools(named, tools)
        results = _results(messages[-1].get("content"))
        asked = [m for m in messages if m["role"] == "user" and not _results(m.get("content"))] or messages
        prompt = asking.text_of(asked[-1].get("content"))
        thinking = body.get("thinking") or {}
        return Ask(
            body=body,
            model=asking.model_of(body),
            prompt=prompt,
            directives=prompt,
            texts=[asking.text_of(body.get("system")), *(asking.text_of(m.get("content")) for m in messages)],
            stream=body.get("stream") is True,
            max_tokens=limit,
            effort=asking.effort_of({**body, "thinking_budget": thinking.get("budget_tokens")}),
            tool_names=[str(tool.get("name", "tool")) for tool in tools],
            tool_schemas=[tool.get("input_schema") or {"type": "object"} for tool in tools],
            tool_choice=named,
            tool_results=results,
            stop=asking.stops_of(body.get("stop_sequences")),
            system=asking.text_of(body.get("system")),
        )

    def head(self, answer: Answer) -> bytes:
        return _event("message_start", message={**self._message(answer), "usage": self._usage(answer, 0)})

    def events(self, answer: Answer) -> Iterator[tuple[bytes, Chunk]]:
        """A block opens with its first delta and closes with its last."""
        index, open_kind = -1, None
        last = len(answer.chunks) - 1
        for place, chunk in enumerate(answer.chunks):
            data = b""
            if chunk.kind != open_kind:
                data = b"" if open_kind is None else _event("content_block_stop", index=index)
                index, open_kind = index + 1, chunk.kind
                empty = self._block(answer, chunk.kind, "")
                data += _event("content_block_start", index=index, content_block=empty)
            data += _event("content_block_delta", index=index, delta=_delta(chunk))
            if place == last:
                data += _event("content_block_stop", index=index)
            yield data, chunk

    def finish(self, answer: Answer, timings: Timings) -> bytes:
        delta = {"stop_reason": _STOPS[answer.finish], "stop_sequence": None}
        usage = {} if answer.usage_hidden else {"usage": {"output_tokens": answer.output_tokens}}
        return _event("message_delta", delta=delta, **usage)

    def done(self, answer: Answer) -> bytes:
        return _event("message_stop")

    def done_after_error(self, answer: Answer) -> bytes:
        return b""

    def comment(self, answer: Answer) -> bytes:
        return _event("ping") if answer.host.comment else b""

    def stream_error(self, answer: Answer, message: str) -> bytes:
        return _event("error", error={"type": "overloaded_error", "message": message})

    def whole(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        kinds: tuple[Kind, ...] = ("reasoning", "text", "tool")
        content = [self._block(answer, kind, text) for kind in kinds if (text := answer.joined(kind))]
        message = {**self._message(answer), "content": content, "stop_reason": _STOPS[answer.finish]}
        return message if answer.usage_hidden else {**message, "usage": self.usage(answer, timings)}

    def usage(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        return self._usage(answer, answer.output_tokens)

    def error(self, host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
        return error_response("anthropic", refused, request_id)

    def _usage(self, answer: Answer, output: int) -> dict[str, int]:
        cached = answer.cached_tokens
        fresh = answer.prompt_tokens - cached
        return {"input_tokens": fresh, "cache_read_input_tokens": cached, "output_tokens": output}

    def _message(self, answer: Answer) -> dict[str, Any]:
        kind = {"type": "message", "role": "assistant", "model": answer.model}
        return {
            "id": f"msg_{answer.request_id}",
            **kind,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
        }

    def _block(self, answer: Answer, kind: Kind, text: str) -> dict[str, Any]:
        if kind == "reasoning":
            return {"type": "thinking", "thinking": text, "signature": ""}
        if kind == "text":
            return {"type": "text", "text": text}
        arguments = asking.object_of(text)
        return {"type": "tool_use", "id": answer.tool_id, "name": answer.tool_name, "input": arguments}


def _delta(chunk: Chunk) -> dict[str, str]:
    if chunk.kind == "reasoning":
        return {"type": "thinking_delta", "thinking": chunk.text}
    if chunk.kind == "text":
        return {"type": "text_delta", "text": chunk.text}
    return {"type": "input_json_delta", "partial_json": chunk.text}


def _results(content: Any) -> list[str]:
    """The tool results among a message's parts."""
    parts = content if isinstance(content, list) else []
    found = [part for part in parts if isinstance(part, dict) and part.get("type") == "tool_result"]
    return [asking.text_of(part.get("content")) for part in found]
