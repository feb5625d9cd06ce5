"""Lies: answers that look right and are not what was asked for. One word each, wished for like a fault.

A lie bends the request before it is answered, or the answer before it is sent; whoever checks hosts should
find each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from osstui.simulator.hosts import Host
from osstui.simulator.shapes.base import Ask, Chunk
from osstui.simulator.wishes import Wishes

INFLATION = 1.5
SHORT_OUTPUT = 300
CONTEXT_CHARS = 4096
_LOST_EVERY = 9


def bend_request(ask: Ask, wishes: Wishes) -> None:
    """Forgets, in place, what the lies ignore."""
    if wishes.has("ignore_effort"):
        ask.effort = "medium"
    if wishes.has("ignore_max_tokens"):
        ask.max_tokens = None
    if wishes.has("short_output"):
        ask.max_tokens = min(ask.max_tokens or SHORT_OUTPUT, SHORT_OUTPUT)
    if wishes.has("ignore_schema"):
        ask.answer_schema = None
    if wishes.has("ignore_stop"):
        ask.stop = ()
    if wishes.has("ignore_system"):
        ask.system = ""
    if wishes.has("ignore_tool_choice"):
        ask.tool_choice = None
    if wishes.has("ignore_tools"):
        ask.tool_names, ask.tool_schemas = [], []
    if wishes.has("truncate_context"):
        ask.prompt = ask.prompt[-CONTEXT_CHARS:]
        ask.texts = [text[-CONTEXT_CHARS:] for text in ask.texts]


def bend_text(text: str, wishes: Wishes) -> str:
    return text.encode().decode("latin-1") if wishes.has("mojibake") else text


def bend_arguments(arguments: str, wishes: Wishes) -> str:
    return arguments[: len(arguments) // 2] if wishes.has("bad_tools") else arguments


def bend_chunks(chunks: list[Chunk], wishes: Wishes, *, streamed: bool) -> list[Chunk]:
    """What of the answer is shown; the tokens were counted before."""
    if wishes.has("hidden_reasoning"):
        chunks = [chunk for chunk in chunks if chunk.kind != "reasoning"]
    if wishes.has("drop_tokens") and streamed:
        chunks = [
            chunk for place, chunk in enumerate(chunks) if chunk.kind != "text" or place % _LOST_EVERY != 4
        ]
    return chunks


def bend_host(host: Host, wishes: Wishes) -> Host:
    """The host's prices as told."""
    if wishes.has("wrong_cost"):
        host = replace(host, price=(host.price[0] * 2, host.price[1] * 2))
    return host


def forgive(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its nonsense removed, for a host that never refuses any."""
    messages = body.get("messages")
    if isinstance(messages, str):
        messages = [{"role": "user", "content": messages}]
    if isinstance(messages, list):
        known = ("system", "developer", "user", "assistant", "tool")
        messages = [
            {**message, "role": message.get("role") if message.get("role") in known else "user"}
            for message in messages
            if isinstance(message, dict)
        ]
    dropped = ("temperature", "top_p")
    return {**{name: value for name, value in body.items() if name not in dropped}, "messages": messages}
