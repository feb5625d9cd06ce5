"""Wire formats. Adding one takes a module here and a row in this table."""

from __future__ import annotations

from osstui.engine.dialects.anthropic_messages import AnthropicMessages
from osstui.engine.dialects.base import Dialect
from osstui.engine.dialects.ollama_chat import OllamaChat
from osstui.engine.dialects.openai_chat import OpenAIChat
from osstui.engine.dialects.openai_responses import OpenAIResponses

DIALECTS: dict[str, Dialect] = {
    "openai-chat": OpenAIChat(),
    "openai-responses": OpenAIResponses(),
    "anthropic-messages": AnthropicMessages(),
    "ollama-chat": OllamaChat(),
}
