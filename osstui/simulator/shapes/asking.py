"""Reading requests: Chat Completions, and the parts that other dialects share with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from osstui.simulator.shapes.base import Ask, Refused

_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_FOLD = {"none": "low", "minimal": "low", "xhigh": "high", "max": "high"}


def read_chat(body: dict[str, Any]) -> Ask:
    """A Chat Completions body. Raises Refused (400) for what a careful host refuses."""
    messages = messages_of(body, "messages", _ROLES)
    users = [n for n, message in enumerate(messages) if message["role"] == "user"]
    last = users[-1] if users else len(messages) - 1
    prompt = text_of(messages[last].get("content"))
    options = body.get("stream_options") or {}
    tools = functions_of(body)
    check_tools(body.get("tool_choice"), tools)
    check_range(body, "temperature", 2)
    return Ask(
        body=body,
        model=model_of(body),
        prompt=prompt,
        directives=prompt,
        texts=[text_of(message.get("content")) for message in messages],
        stream=body.get("stream") is True,
        max_tokens=limit_of(body, "max_completion_tokens", "max_tokens"),
        effort=effort_of(body),
        include_usage=options.get("include_usage") is True,
        continuous_usage=options.get("continuous_usage_stats") is True,
        tool_names=[str(tool.get("name", "tool")) for tool in tools],
        tool_schemas=[tool.get("parameters") or {"type": "object"} for tool in tools],
        tool_choice=body.get("tool_choice"),
        tool_results=[text_of(m.get("content")) for m in messages[last:] if m["role"] == "tool"],
        answer_schema=answer_schema(body.get("response_format")),
        stop=stops_of(body.get("stop")),
        system=system_of(messages),
    )


def messages_of(body: dict[str, Any], name: str, roles: Collection[str]) -> list[dict[str, Any]]:
    """The messages in a field, each with a known role. Raises Refused."""
    messages = body.get(name)
    if not isinstance(messages, list) or not messages:
        raise Refused(400, f"'{name}' must be a non-empty array", param=name)
    for message in messages:
        if not isinstance(message, dict) or message.get("role") not in roles:
            raise Refused(400, "every message needs a known role", param=name)
    return messages


def functions_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The functions among the tools; what a host runs itself is none."""
    functions = (tool.get("function") for tool in body.get("tools") or [] if isinstance(tool, dict))
    return [function for function in functions if isinstance(function, dict)]


def system_of(messages: list[dict[str, Any]]) -> str:
    return "\n".join(text_of(m.get("content")) for m in messages if m["role"] in ("system", "developer"))


def object_of(text: str) -> Any:
    """A JSON text as a value, an empty object for an empty text."""
    return msgspec.json.decode(text) if text else {}


def text_of(content: Any) -> str:
    """The text of a message, be it a string or a list of parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = (part.get("text") or part.get("content") for part in content if isinstance(part, dict))
        return "\n".join(text_of(part) for part in parts if part)
    return ""


def model_of(body: dict[str, Any]) -> str:
    model = body.get("model") or body.get("model_id")
    if not isinstance(model, str):
        raise Refused(400, "you must provide a model parameter", param="model")
    return model


def limit_of(body: dict[str, Any], *names: str) -> int | None:
    """The first of these fields that is set. Raises Refused where it is no positive whole number."""
    for name in names:
        value = body.get(name)
        if value is not None:
            if not isinstance(value, int) or value < 1:
                raise Refused(400, f"'{name}' must be at least 1", param=name)
            return value
    return None


def check_range(body: dict[str, Any], name: str, top: float) -> None:
    value = body.get(name)
    if value is not None and not (isinstance(value, int | float) and 0 <= value <= top):
        raise Refused(400, f"'{name}' must be between 0 and {top:g}", param=name)


def check_tools(choice: Any, tools: list[Any]) -> None:
    if choice == "required" and not tools:
        raise Refused(400, "'tool_choice' is only allowed when 'tools' are given", param="tool_choice")


def effort_of(body: dict[str, Any]) -> str:
    """low, medium or high, from whichever field the client uses for it."""
    template = body.get("chat_template_kwargs")
    nested = body.get("reasoning")
    said = body.get("reasoning_effort")
    if said is None and isinstance(nested, dict):
        said = nested.get("effort")
    if said is None and isinstance(template, dict):
        said = template.get("reasoning_effort")
    budget = body.get("thinking_budget")
    if said is None and isinstance(budget, int):
        said = "low" if budget <= 1024 else "medium" if budget <= 8192 else "high"
    if said is None:
        return "medium"
    said = _FOLD.get(str(said), str(said))
    if said not in ("low", "medium", "high"):
        raise Refused(400, "'reasoning_effort' must be one of low, medium, high", param="reasoning_effort")
    return said


OBJECT = {"type": "object", "properties": {"answer": {"type": "string"}}}
"""Stands for any JSON object."""


def answer_schema(form: Any) -> Any:
    """The schema of `response_format`; an open object for `json_object`; None for text."""
    if not isinstance(form, dict) or form.get("type") == "text":
        return None
    if form.get("type") == "json_object":
        return OBJECT
    schema = (form.get("json_schema") or form).get("schema")
    if form.get("type") != "json_schema" or not isinstance(schema, dict):
        raise Refused(400, "'response_format' is malformed", param="response_format")
    return schema


def stops_of(stop: Any) -> tuple[str, ...]:
    if isinstance(stop, str):
        return (stop,) if stop else ()
    return tuple(s for s in stop or () if isinstance(s, str) and s)
