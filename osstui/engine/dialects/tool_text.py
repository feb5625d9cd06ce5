"""Tool calls as text for the pane: `name(arguments)`, one a line, whether they come whole or in pieces."""

from __future__ import annotations

from collections.abc import Iterator

from osstui.engine.dialects.base import Item, Piece


class ToolText:
    """`index`, `id` and `name` may be missing on any piece; a piece without them continues the last call."""

    __slots__ = ("_current", "_open")

    def __init__(self) -> None:
        self._current: object = None
        self._open = False

    def feed(self, calls: object) -> Iterator[Item]:
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, dict):
                yield from self._call(call)

    def _call(self, call: dict[str, object]) -> Iterator[Item]:
        function = call.get("function")
        if not isinstance(function, dict):
            return
        name, arguments = function.get("name"), function.get("arguments")
        if isinstance(name, str) and name:
            yield Piece("tool", f"\n{name} " if self._open else f"{name} ", counted=name)
            self._open = True
        if isinstance(arguments, str) and arguments:
            yield Piece("tool", arguments)
