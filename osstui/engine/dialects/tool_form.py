"""Tools, calls and their results as each wire format writes them.

Sources: the API references of OpenAI (Chat Completions, Responses), Anthropic (Messages) and Ollama; Groq's
of its built-in tools, which stand among the others as a bare `type`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from osstui.engine.dialects.base import Oddity
from osstui.engine.dialects.request import unsent
from osstui.job import CallSent, Lane, Message, Tool

Fields = dict[str, object]


def without_builtins(lane: Lane) -> Iterator[Oddity]:
    """The notes of a wire format that has no field for a host's own tools."""
    return (unsent(name, "this wire format has no field for it") for name in lane.offered_builtins)


def _builtins(lane: Lane) -> list[Fields]:
    return [{"type": name} for name in lane.offered_builtins]


def _function(tool: Tool) -> Fields:
    fields: Fields = {"name": tool.name}
    if tool.description:
        fields["description"] = tool.description
    return fields | {"parameters": tool.parameters}


def chat_tools(lane: Lane) -> list[Fields] | None:
    """Of Chat Completions, and of Ollama."""
    functions: list[Fields] = [{"type": "function", "function": _function(tool)} for tool in lane.tools]
    return functions + _builtins(lane) or None


def responses_tools(lane: Lane) -> list[Fields] | None:
    """Not strict: a strict schema must name every property as required, which the user's need not."""
    functions: list[Fields] = [
        {"type": "function", **_function(tool), "strict": False} for tool in lane.tools
    ]
    return functions + _builtins(lane) or None


def messages_tools(lane: Lane) -> list[Fields] | None:
    return [
        {name.replace("parameters", "input_schema"): value for name, value in _function(tool).items()}
        for tool in lane.tools
    ] or None


def chat_message(message: Message) -> Fields:
    """A turn of Chat Completions. An assistant that only called a tool said nothing: null, not empty."""
    if message.answers is not None:
        return {"role": "tool", "tool_call_id": message.answers.id, "content": message.content}
    if not message.calls:
        return {"role": message.role, "content": message.content}
    calls = [
        {
            "id": call.id,
            "type": "function",
            "function": {"name": call.name, "arguments": call.arguments or "{}"},
        }
        for call in message.calls
    ]
    return {"role": message.role, "content": message.content or None, "tool_calls": calls}


def responses_items(message: Message) -> Iterator[Fields]:
    """Calls and results are items beside the messages."""
    if message.answers is not None:
        yield {
            "type": "function_call_output", "call_id": message.answers.id, "output": message.content,
        }  # fmt: skip
        return
    if message.content or not message.calls:
        yield {"type": "message", "role": message.role, "content": message.content}
    for call in message.calls:
        yield {
            "type": "function_call", "call_id": call.id, "name": call.name,
            "arguments": call.arguments or "{}",
        }  # fmt: skip


def messages_turns(messages: tuple[Message, ...]) -> list[Fields]:
    """Anthropic's turns: results are the user's, and all results of one turn stand in one message."""
    turns: list[Fields] = []
    results: list[Fields] = []
    for message in messages:
        if message.answers is not None:
            if not results:
                turns.append({"role": "user", "content": results})
            results.append(
                {"type": "tool_result", "tool_use_id": message.answers.id, "content": message.content}
            )
            continue
        results = []
        if not message.calls:
            turns.append({"role": message.role, "content": message.content})
            continue
        said = _sealed_blocks(message)
        if message.content:
            said.append({"type": "text", "text": message.content})
        uses: list[Fields] = [
            {"type": "tool_use", "id": call.id, "name": call.name, "input": arguments_of(call)}
            for call in message.calls
        ]
        turns.append({"role": message.role, "content": said + uses})
    return turns


def _sealed_blocks(message: Message) -> list[Fields]:
    """The signed thinking of a turn; none where a file that it came from holds something else."""
    try:
        blocks = json.loads(message.sealed or "[]")
    except (ValueError, RecursionError):
        return []
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def ollama_message(message: Message) -> Fields:
    """Ollama knows a result by the tool's name, not by an id."""
    if message.answers is not None:
        return {"role": "tool", "tool_name": message.answers.name, "content": message.content}
    sent: Fields = {"role": message.role, "content": message.content}
    if message.calls:
        calls = [{"function": {"name": call.name, "arguments": arguments_of(call)}} for call in message.calls]
        sent["tool_calls"] = calls
    return sent


def arguments_of(call: CallSent) -> Fields:
    """Arguments for a wire format that wants an object; what is none is sent as it stands, under a name."""
    try:
        value = json.loads(call.arguments or "{}")
    except (ValueError, RecursionError):
        value = call.arguments
    return value if isinstance(value, dict) else {"arguments": value}
