"""OpenAI Chat Completions, as some forty hosts speak it: the request. Its answer is read by `chat_parser`."""

from __future__ import annotations

from osstui.engine.dialects.base import Request
from osstui.engine.dialects.chat_parser import ChatParser
from osstui.engine.dialects.request import finish_request, temperature, token_limit
from osstui.engine.dialects.tool_form import chat_message, chat_tools
from osstui.job import Effort, Lane, Message, Quirks

THINKING_BUDGETS: dict[Effort, int] = {"low": 1024, "medium": 4096, "high": 16384}
"""Reasoning tokens where a host takes a number instead of a word (SiliconFlow takes 128 to 32,768)."""


class OpenAIChat:
    models_path = "/models"

    def build(self, lane: Lane) -> Request:
        target, params, quirks = lane.target, lane.params, lane.target.quirks
        body: dict[str, object] = {
            "model": target.model_id,
            "messages": [_message(message, quirks) for message in lane.messages],
            "stream": lane.stream,
            "stream_options": {"include_usage": True} if quirks.include_usage and lane.stream else None,
            quirks.max_tokens_field: token_limit(lane),
            "temperature": temperature(params, quirks),
            "top_p": params.top_p,
            "seed": params.seed,
            "stop": params.stop or None,
            "tools": chat_tools(lane),
        }
        if params.effort is not None:
            body |= _effort(params.effort, quirks)
        return finish_request("/chat/completions", body, lane)

    def parser(self) -> ChatParser:
        return ChatParser()


def _message(message: Message, quirks: Quirks) -> dict[str, object]:
    sent = chat_message(message)
    if message.reasoning and quirks.reasoning_in_history is not None:
        sent[quirks.reasoning_in_history] = message.reasoning
    return sent


def _effort(effort: Effort, quirks: Quirks) -> dict[str, object]:
    match quirks.effort_form:
        case "reasoning_effort":
            return {"reasoning_effort": effort}
        case "reasoning.effort":
            return {"reasoning": {"effort": effort}}
        case "chat_template_kwargs":
            return {"chat_template_kwargs": {"reasoning_effort": effort}}
        case "thinking_budget":
            return {"thinking_budget": THINKING_BUDGETS[effort]}
        case "none":
            return {}
