"""The simulator's wire formats, one module each; `shape_for` finds the one that a path asks for."""

from __future__ import annotations

from osstui.simulator.shapes.base import Shape
from osstui.simulator.shapes.chat import ChatShape
from osstui.simulator.shapes.messages import MessagesShape
from osstui.simulator.shapes.ollama import OllamaShape
from osstui.simulator.shapes.responses import ResponsesShape

SHAPES: dict[str, Shape] = {
    "/chat/completions": ChatShape(),
    "/messages": MessagesShape(),
    "/responses": ResponsesShape(),
    "/api/chat": OllamaShape(),
}
"""By the end of the request's path."""


def shape_for(path: str) -> Shape | None:
    return next((shape for suffix, shape in SHAPES.items() if path.endswith(suffix)), None)
