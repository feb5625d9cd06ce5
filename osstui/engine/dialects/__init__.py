"""Wire formats. Adding one takes a module here and a row in this table."""

from __future__ import annotations

from osstui.engine.dialects.base import Dialect
from osstui.engine.dialects.openai_chat import OpenAIChat

DIALECTS: dict[str, Dialect] = {
    "openai-chat": OpenAIChat(),
}
