"""Tool calls: as text for the pane (`name arguments`, one a line), and whole for whoever checks them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from osstui.engine.dialects.base import Call, Piece


class ToolText:
    """Takes calls whole or in pieces. Only names and arguments count as the model's words."""

    __slots__ = ("_open", "calls")

    def __init__(self) -> None:
        self.calls = 0
        self._open: list[tuple[object, str | None, str, list[str]]] = []
        """Index as the host counts, id, name and the arguments so far, of each call not yet handed out."""

    def call(
        self, name: object, arguments: object = None, *, index: object = None, id: object = None
    ) -> Iterator[Piece]:
        """The next call. Without a name, or with that of the call of the same index and id, this continues
        the call of that index or id, or the last one where none is told; arguments are JSON text or a
        value."""
        if isinstance(name, str) and name and not self._repeats(name, index, id):
            yield Piece("tool", f"\n{name} " if self.calls else f"{name} ", counted=name)
            self._open.append((index, id if isinstance(id, str) else None, name, []))
            self.calls += 1
        if arguments is None:
            return
        text = arguments if isinstance(arguments, str) else msgspec.json.encode(arguments).decode()
        if text:
            self._arguments(index, id).append(text)
            yield Piece("tool", text)

    def finished(self) -> list[Call]:
        """The calls that are complete now that the answer is; each is handed out once."""
        done, self._open = self._open, []
        first = self.calls - len(done)
        return [
            Call(first + place, id, name, "".join(parts)) for place, (_, id, name, parts) in enumerate(done)
        ]

    def _repeats(self, name: str, index: object, id: object) -> bool:
        """Some hosts say index, id and name with every piece."""
        return bool(id) and any(call[:3] == (index, id, name) for call in self._open)

    def _arguments(self, index: object, id: object) -> list[str]:
        """Where the next piece belongs; nowhere if no call has begun."""
        if not self._open:
            return []
        for known_index, known_id, _, parts in reversed(self._open):
            if index == known_index if index is not None else id and id == known_id:
                return parts
        return self._open[-1][3]


class ExecutedTools:
    """What a host has run itself (Groq's `executed_tools`), told again as its output grows: each is shown
    once, and waits for no answer."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: list[object] = []

    def take(self, tools: list[object]) -> Iterator[Piece]:
        for place, tool in enumerate(tools):
            if not isinstance(tool, dict):
                continue
            kind, arguments, index = tool.get("type"), tool.get("arguments"), tool.get("index", place)
            if not (isinstance(kind, str) and isinstance(arguments, str) and arguments):
                continue
            if index not in self._seen:
                yield Piece("tool", f"\n{kind} {arguments}" if self._seen else f"{kind} {arguments}")
                self._seen.append(index)
