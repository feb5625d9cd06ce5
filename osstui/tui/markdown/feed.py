"""What a lane receives, in order, turned into rows: prompts, thinking, answers, tool calls and notices."""

from __future__ import annotations

from collections import deque
from typing import Final, Literal

from osstui.safe_text import visible_line
from osstui.tui.markdown.document import Document
from osstui.tui.markdown.render import Row
from osstui.tui.markdown.source import Source
from osstui.tui.markdown.units import Mark, Unit
from osstui.tui.markdown.warm import warm_up

Kind = Literal["reasoning", "text", "tool", "prompt", "info", "warning", "error", "end"]

HEADER: Final = "reasoning-header"
_HOW: Final[dict[str, Literal["markdown", "plain", "code"]]] = {"text": "markdown", "tool": "code"}
_NOTICES: Final = ("info", "warning", "error")


class Feed:
    """Pieces go in with `put`, `advance` does a small step of work, rows stand in `document` and `tail`.

    A change of kind ends what was open: a notice in the middle of an answer ends its open block.
    """

    def __init__(self, *, folded: bool = False) -> None:
        self.document = Document()
        self.tail: list[Row] = []
        """Rows of what is not finished yet."""
        self.dirty = False
        """The tail is out of date."""
        self._folded = folded
        if folded:
            self.document.hide({"reasoning"})
        self._queue: deque[tuple[Kind, list[str]]] = deque()
        self._source: Source | None = None
        self._kind: Kind = "end"
        self._noted = False
        self._header: int | None = None
        self._label: str | None = None

    @property
    def line_count(self) -> int:
        return self.document.height + len(self.tail)

    @property
    def waiting(self) -> bool:
        """Whether `advance` has something to do."""
        return bool(self._queue) or (self._source is not None and self._source.waiting)

    def row(self, y: int) -> Row | None:
        """The row at a line; None past the end."""
        settled = self.document.height
        if y < settled:
            return self.document.row(y)
        return self.tail[y - settled] if y - settled < len(self.tail) else None

    # what comes in

    def turn(self, prompt: str) -> None:
        """A new turn."""
        warm_up()
        self._label = None
        self.put("end", "")
        self.put("prompt", prompt)
        self.put("end", "")

    def put(self, kind: Kind, text: str) -> None:
        """Text of a kind; "end" ends what is open."""
        if self._queue and self._queue[-1][0] == kind:
            self._queue[-1][1].append(text)
        else:
            self._queue.append((kind, [text]))

    def set_label(self, label: str) -> bool:
        """The header of the latest thinking; true when it has been drawn anew."""
        if label == self._label:
            return False
        self._label = label
        return self._draw_header()

    # work

    def advance(self) -> bool:
        """One small piece of work; False when there is none."""
        if self._source is not None and self._source.step():
            self._settle()
            return True
        if not self._queue:
            return False
        kind, texts = self._queue.popleft()
        if kind != self._kind:
            self._close()
            self._open(kind)
        if self._source is not None:
            self._source.push("".join(texts))
        self.dirty = True
        return True

    def draw_tail(self) -> None:
        """Bring `tail` up to date. While work is waiting, what isn't finished is left out."""
        if self.waiting:
            self.tail = self.document.tail([])
        elif self.dirty:
            self.dirty = False
            preview = self._source.preview() if self._source is not None else []
            self.tail = self.document.tail(preview)

    def fold(self, folded: bool) -> None:
        """Give the thinking no room but its headers'. What is unfolded is drawn by `document.refresh`."""
        self._folded = folded
        self.document.hide({"reasoning"} if folded else frozenset())
        for index, unit in enumerate(self.document.units):
            if unit.role == HEADER:
                unit.marks = self._arrow()
                self.document.draw(index)
        self.dirty = True

    def _open(self, kind: Kind) -> None:
        self._kind = kind
        if kind == "end":
            return
        lead = len(self.document) > 0 and not (kind in _NOTICES and self._noted)
        self._noted = kind in _NOTICES
        if kind == "prompt":
            self._header = None
        elif kind == "reasoning":
            self._header = len(self.document)
            self.document.append(self._header_unit(lead))
            lead = False
        self._source = Source(_HOW.get(kind, "plain"), kind, lead=lead)

    def _close(self) -> None:
        if self._source is None:
            return
        self._source.close()
        self._settle()
        self._source = None
        thinking, self._kind = self._kind == "reasoning", "end"
        if thinking and self._label is None:
            self._draw_header()

    def _settle(self) -> None:
        assert self._source is not None
        for unit in self._source.out:
            self.document.append(unit)
        self._source.out.clear()

    def _header_unit(self, gap: bool) -> Unit:
        label = self._label or ("thinking…" if self._kind == "reasoning" else "thought")
        return Unit("literal", visible_line(label, 200), self._arrow(), gap, role=HEADER)

    def _arrow(self) -> tuple[Mark, ...]:
        return (Mark("item", "▸" if self._folded else "▾", first=True),)

    def _draw_header(self) -> bool:
        if self._header is None:
            return False
        self.document.units[self._header] = self._header_unit(self.document.units[self._header].gap)
        self.document.draw(self._header)
        return True
