"""OpenAI Chat Completions with the deviations of every host (see `osstui.simulator.hosts`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from osstui.simulator.hosts import Host
from osstui.simulator.shapes import asking
from osstui.simulator.shapes.base import Answer, Ask, Chunk, Refused, Timings
from osstui.simulator.shapes.errors import host_error
from osstui.simulator.shapes.usage import beside_usage, final_usage, usage_of

_encode = msgspec.json.Encoder().encode
_OPEN, _CLOSE = "<reasoning>", "</reasoning>"


def sse(data: Any, event: str | None = None) -> bytes:
    """One server-sent event."""
    name = b"" if event is None else b"event: " + event.encode() + b"\n"
    return name + b"data: " + _encode(data) + b"\n\n"


class ChatShape:
    name = "openai-chat"
    content_type = "text/event-stream"

    def read(self, body: dict[str, Any]) -> Ask:
        return asking.read_chat(body)

    def head(self, answer: Answer) -> bytes:
        host = answer.host
        extra: dict[str, Any] = {}
        if host.timings == "groq":
            extra["x_groq"] = {"id": answer.request_id, "seed": answer.ask.body.get("seed")}
        if "token_ids" in host.choice_extra:
            extra |= {"prompt_token_ids": None, "prompt_text": None}
        role = {"role": "assistant"}
        if host.first == "none":
            return b""
        if host.first == "absent":
            return sse(self._frame(answer, role) | extra)
        content = None if host.first == "null" else ""
        opening = sse(self._frame(answer, {**role, "content": content}) | extra)
        if host.first == "empty-then-nulls":
            opening += sse(self._frame(answer, {"role": None, "content": None}))
        return opening

    def events(self, answer: Answer) -> Iterator[tuple[bytes, Chunk]]:
        host = answer.host
        running = self._counts_on_every_chunk(answer)
        seen = reasoning_seen = 0
        last = len(answer.chunks) - 1
        for place, (chunk, delta) in enumerate(zip(answer.chunks, self._deltas(answer), strict=True)):
            frame = self._frame(answer, delta)
            if host.finish_with_text and place == last:
                frame["choices"][0]["finish_reason"] = _word(answer)
            if running:
                seen += chunk.tokens
                reasoning_seen += chunk.tokens if chunk.kind == "reasoning" else 0
                frame["usage"] = usage_of(answer, seen, reasoning_seen)
            yield sse(frame), chunk

    def finish(self, answer: Answer, timings: Timings) -> bytes:
        host = answer.host
        told = not answer.usage_hidden
        usage = final_usage(answer, timings)
        beside = beside_usage(answer, timings)
        out = b""
        trailing = (
            told and "trailing" in host.usage and (answer.ask.include_usage or not host.usage_on_request)
        )
        if not (host.finish_with_text and answer.chunks):
            frame = self._frame(answer, self._last_delta(host), _word(answer))
            if told and ({"finish", "every"} & set(host.usage) or self._counts_on_every_chunk(answer)):
                frame["usage"] = usage
            if told and "x_groq" in host.usage:
                frame["x_groq"] = {"id": answer.request_id, "usage": usage}
            if not trailing:
                frame |= beside
            out += sse(frame)
        if trailing:
            service = {"service_tier": "on_demand"} if host.timings == "groq" else {}
            out += sse({**self._frame(answer, {}), "choices": [], "usage": usage, **beside, **service})
        if told and "last" in host.usage:
            out += sse(
                {**self._frame(answer, {"role": "assistant", "content": ""}, _word(answer)), "usage": usage}
            )
        return out

    def done(self, answer: Answer) -> bytes:
        return b"data: [DONE]\n\n"

    def done_after_error(self, answer: Answer) -> bytes:
        return self.done(answer) if answer.host.stream_errors in ("openrouter", "vllm") else b""

    def comment(self, answer: Answer) -> bytes:
        return f": {answer.host.comment}\n\n".encode() if answer.host.comment else b""

    def stream_error(self, answer: Answer, message: str) -> bytes:
        form = answer.host.stream_errors
        if form == "silent":
            return sse(self._frame(answer, {"role": "assistant", "content": ""}))
        error: dict[str, Any] = {"message": message, "type": "server_error", "param": None, "code": 500}
        if form == "groq":
            failed = {"message": message, "type": "invalid_request_error", "code": "tool_use_failed"}
            return sse({"error": {**failed, "failed_generation": "", "status_code": 400}}, "error")
        if form == "openrouter":
            frame = self._frame(answer, {"role": "assistant", "content": ""})
            usage = usage_of(answer, answer.output_tokens, answer.reasoning_tokens)
            return sse({**frame, "error": {"code": 502, "message": message}, "usage": usage})
        return sse({"error": error, "status_code": 500})

    def whole(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        host = answer.host
        text = answer.joined("text")
        reasoning = answer.joined("reasoning")
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if reasoning and host.reasoning in ("tags-each", "tags-once"):
            message["content"] = f"{_OPEN}{reasoning}{_CLOSE}{text}"
        elif reasoning:
            message |= self._reasoning_delta(host, reasoning)
        if not text and host.reasoning == "reasoning_content":
            message.pop("content", None)
        if ran := _executed(answer):
            message["executed_tools"] = ran
        if answer.tool_name:
            message["tool_calls"] = [self._call(answer, answer.joined("tool"))]
        choice = {"index": 0, "message": message, "finish_reason": _word(answer)}
        frame = {**self._frame(answer, {}), "object": "chat.completion", "choices": [choice]}
        if not answer.usage_hidden:
            frame["usage"] = final_usage(answer, timings)
        return frame | beside_usage(answer, timings)

    def usage(self, answer: Answer, timings: Timings) -> dict[str, Any]:
        return final_usage(answer, timings)

    def error(self, host: Host, refused: Refused, request_id: str) -> tuple[int, bytes, str]:
        return host_error(host, refused, request_id)

    def _counts_on_every_chunk(self, answer: Answer) -> bool:
        asked = answer.ask.continuous_usage and answer.ask.include_usage
        return not answer.usage_hidden and ("every" in answer.host.usage or asked)

    def _frame(self, answer: Answer, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        host = answer.host
        created = answer.created + 0.25 if host.timings == "sambanova" else answer.created
        frame: dict[str, Any] = {"id": answer.id, "object": "chat.completion.chunk"}
        frame |= {"created": created, "model": answer.model, **host.extra}
        if host.fingerprint is not None:
            frame["system_fingerprint"] = host.fingerprint
        choice: dict[str, Any] = {"index": 0, "delta": delta}
        if not host.terse:
            choice |= {"logprobs": None, "finish_reason": finish, **host.choice_extra}
            if host.reasoning == "details":
                choice["native_finish_reason"] = finish
        elif finish is not None:
            choice["finish_reason"] = finish
        frame["choices"] = [choice]
        return frame

    def _last_delta(self, host: Host) -> dict[str, Any]:
        if host.first == "null" and host.timings is None:
            return {"content": None}
        return {"role": "assistant", "content": ""} if host.role_on_every_chunk else {}

    def _deltas(self, answer: Answer) -> Iterator[dict[str, Any]]:
        """What each chunk adds. Inline reasoning is tagged; only a tool call's first piece has its name."""
        host = answer.host
        once = host.reasoning == "tags-once"
        thinking = [n for n, chunk in enumerate(answer.chunks) if chunk.kind == "reasoning"]
        called, ran = False, _executed(answer)
        for place, chunk in enumerate(answer.chunks):
            delta: dict[str, Any] = {"role": "assistant", "content": ""} if host.role_on_every_chunk else {}
            if chunk.kind == "tool":
                delta["tool_calls"] = [self._call(answer, chunk.text, first=not called)]
                called = True
            elif chunk.kind == "text":
                delta["content"] = chunk.text
                if ran:
                    delta["executed_tools"], ran = ran, []
                if host.channel and host.timings != "groq":
                    delta["channel"] = "final"
            elif host.reasoning == "tags-each" or once:
                opens = _OPEN if not once or place == thinking[0] else ""
                closes = _CLOSE if not once or place == thinking[-1] else ""
                delta["content"] = opens + chunk.text + closes
            else:
                delta |= self._reasoning_delta(host, chunk.text)
                if host.channel:
                    delta["channel"] = "analysis"
            yield delta

    def _reasoning_delta(self, host: Host, text: str) -> dict[str, Any]:
        if host.reasoning == "details":
            detail = {"type": "reasoning.text", "text": text, "index": 0, "format": None}
            return {"reasoning": text, "reasoning_details": [detail]}
        return {host.reasoning: text}

    def _call(self, answer: Answer, arguments: str, *, first: bool = True) -> dict[str, Any]:
        index = {"index": 0} if answer.host.tools_indexed else {}
        if not first:
            return {**index, "function": {"arguments": arguments}}
        function = {"name": answer.tool_name, "arguments": arguments}
        return {**index, "id": answer.tool_id, "type": "function", "function": function}


def _word(answer: Answer) -> str:
    """The finish reason in the host's own word."""
    return answer.host.stop_word if answer.finish == "stop" else answer.finish


def _executed(answer: Answer) -> list[dict[str, Any]]:
    """Groq's own tools that the request switches on, as if each had been used once."""
    if answer.host.timings != "groq":
        return []
    kinds = [tool.get("type") for tool in answer.ask.body.get("tools") or [] if isinstance(tool, dict)]
    question = _encode({"query": answer.ask.prompt[:80]}).decode()
    return [
        {"index": index, "type": kind, "arguments": question, "output": "nothing: this host is simulated"}
        for index, kind in enumerate(kind for kind in kinds if kind != "function")
    ]
