"""Tool calls as text for the pane: `name arguments`, one a line, whether they come whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from osstui.engine.dialects.base import Piece


class ToolText:
    """Writes calls one after the other. Only names and arguments count as the model's words."""

    __slots__ = ("calls",)

    def __init__(self) -> None:
        self.calls = 0

    def call(self, name: object, arguments: object = None) -> Iterator[Piece]:
        """The next call. Without a name this continues the last one; arguments are JSON text or a value."""
        if isinstance(name, str) and name:
            yield Piece("tool", f"\n{name} " if self.calls else f"{name} ", counted=name)
            self.calls += 1
        if isinstance(arguments, str):
            if arguments:
                yield Piece("tool", arguments)
        elif arguments is not None:
            yield Piece("tool", msgspec.json.encode(arguments).decode())
