"""Ollama's own `/api/chat`: one JSON document a line, durations in ns, errors as a line of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from osstui.simulator.hosts import Host
from osstui.simulator.shapes import asking
from osstui.simulator.shapes.base import Answer, Ask, Chunk, Kind, Refused, Timings
from osstui.simulator.shapes.errors import error_response
from osstui.simulator.shapes.usage import PROMPT_TPS

_encode = msgspec.json.Encoder().encode
_ROLES = frozenset({"system", "user", "assistant", "tool"})
_FIELDS: dict[Kind, str] = {"reasoning": "thinking", "text": "content"}


class OllamaShape:
    name = "ollama-chat"
    content_type = "application/x-ndjson"

    def read(self, body: dict[str, Any]) -> Ask:
        """A chat body. Raises Refused (400)."""
        messages = asking.messages_of(body, "messages", _ROLES)
        users = [n for n, message in enumerate(messages) if message["role"] == "user"]
        last = users[-1] if users else len(messages) - 1
        prompt = asking.text_of(messages[last].get("content"))
        options = body.get("options")
        options = options if isinstance(options, dict) else {}
        think = body.get("think")
        tools = asking.functions_of(body)
        asking.check_range(options, "temperature", 2)
        form = body.get("format")
        return Ask(
            body=body,
            model=asking.model_of(body),
            prompt=prompt,
            directives=prompt,
            texts=[asking.text_of(message.get("content")) for message in messages],
            stream=body.get("stream") is not False,
            max_tokens=asking.limit_of(options, "num_predict"),
            effort=asking.effort_of({"reasoning_effort": think if isinstance(think, str) else None}),
            tool_names=[str(tool.get("name", "tool")) for tool in tools],
            tool_schemas=[tool.get("parameters") or {"type": "object"} for tool in tools],
            tool_results=[asking.text_of(m.get("content")) for m in messages[last:] if m["role"] == "tool"],
            answer_schema=asking.OBJECT if form == "json" else form if isinstance(form, dict) else None,
            stop=asking.stops_of(options.get("stop")),
            system=asking.system_of(messages),
        )

    def head(self, answer: Answer) -> bytes:
        return b""

    def events(self, answer: Answer) -> Iterator[tuple[bytes, Chunk]]:
        """A line for every piece; a tool call always comes whole."""
        calls = [chunk for chunk in answer.chunks if chunk.kind == "tool"]
        for chunk in answer.chunks:
            if chunk.kind != "tool":
                yield self._line(answer, {_FIELDS[chunk.kind]: chunk.text}), chunk
        if calls:
            whole = Chunk("tool", answer.joined("tool"), sum(chunk.tokens for chunk in calls))
            yield self._line(answer, {"tool_calls": [_call(answer)]}), whole

    def finish(self, answer: Answer, timings: Timings) -> bytes:
        return _encode({**self._frame(answer, {}), **self._end(answer, timings)}) + b"\n"

    def done(self, answer: Answer) -> bytes:
        return b""

    def done_after_error(self, answer: Answer) -> bytes:
        return b""

    def comment(self, answer: Answer) -> bytes:
        return b""

    def stream_error(self, answer: Answer, message: str) -> bytes:
        return _encode({"error": message}) + b"\n"

    def whole(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        message: dict[str, Any] = {field: answer.joined(kind) for kind, field in _FIELDS.items()}
        if answer.tool_name:
            message["tool_calls"] = [_call(answer)]
        return {**self._frame(answer, message), **self._end(answer, timings)}

    def usage(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        reading = min(answer.prompt_tokens / PROMPT_TPS, timings.first_s)
        return {
            "prompt_eval_count": answer.prompt_tokens,
            "prompt_eval_duration": _ns(reading),
            "eval_count": answer.output_tokens,
            "eval_duration": _ns(timings.output_s(answer.output_tokens)),
        }

    def error(self, host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
        return error_response("string", refused, request_id)

    def _end(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        reason = "length" if answer.finish == "length" else "stop"
        durations = {"total_duration": _ns(timings.last_s), "load_duration": 0}
        usage = {} if answer.usage_hidden else self.usage(answer, timings)
        return {"done": True, "done_reason": reason, **durations, **usage}

    def _line(self, answer: Answer, message: dict[str, Any]) -> bytes:
        return _encode(self._frame(answer, message)) + b"\n"

    def _frame(self, answer: Answer, message: dict[str, Any]) -> dict[str, Any]:
        created = datetime.fromtimestamp(answer.created, UTC).isoformat().replace("+00:00", "Z")
        role = {"role": "assistant", "content": ""}
        return {"model": answer.model, "created_at": created, "message": role | message, "done": False}


def _call(answer: Answer) -> dict[str, Any]:
    arguments = asking.object_of(answer.joined("tool"))
    return {"function": {"name": answer.tool_name, "arguments": arguments}}


def _ns(seconds: float) -> int:
    return int(seconds * 1e9)
