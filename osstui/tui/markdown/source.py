"""Arriving text, cut into the lines that the block parser wants, at places that only the text decides."""

from __future__ import annotations

import copy
import re
from typing import Final, Literal

from osstui.safe_text import visible
from osstui.tui.markdown.blocks import BlockParser
from osstui.tui.markdown.code import TOOL_CALL
from osstui.tui.markdown.units import PARAGRAPH_MAX, Mark, Unit

LINE_MAX: Final = 1000
"""Characters of a line that are handed over together; the rest follows as text, whatever it looks like."""
TAB: Final = 4

_undecided = re.compile(r"\s*(?:[-=*_#`~|>+:\s]*|\d{1,9}[.)]?)\s*$")
"""The start of a line that may still become anything: showing it as text would make it flicker."""


class Source:
    """Text of one kind as it arrives. `push` what comes, `step` while it returns True, `close` at the end.

    Finished units collect in `out`; `preview` gives what the unfinished rest looks like now. The units are
    the same for any way of splitting the text over `push` and `step`.
    """

    def __init__(
        self,
        how: Literal["markdown", "plain", "code"] = "markdown",
        role: str = "text",
        *,
        lead: bool = False,
    ) -> None:
        """`lead`: the first unit has a gap above it. `code` is one code block of tool calls."""
        self._text = ""
        self._at = 0
        self._inside = False
        self._return = False
        self._plain = how == "plain"
        self._parser = PlainParser(role, lead=lead) if how == "plain" else BlockParser(role, lead=lead)
        if how == "code" and isinstance(self._parser, BlockParser):
            self._parser.open_code(TOOL_CALL)

    @property
    def out(self) -> list[Unit]:
        return self._parser.out

    def push(self, text: str) -> None:
        """More text. A CR before a LF counts as one line end, even when they come apart."""
        if self._return:
            text = "\r" + text
        self._return = text.endswith("\r")
        if self._return:
            text = text[:-1]
        if "\r" in text:
            text = text.replace("\r\n", "\n")
        self._text = self._text[self._at :] + visible(text)
        self._at = 0

    @property
    def waiting(self) -> bool:
        """Whether `step` has something to do."""
        return len(self._text) - self._at > LINE_MAX or self._text.find("\n", self._at) >= 0

    def step(self) -> bool:
        """Parse one line, or as much of it as goes together; False when there is no whole one."""
        text, at = self._text, self._at
        end = text.find("\n", at, at + LINE_MAX + 1)
        if end >= 0:
            self._line(text[at:end])
            self._inside = False
            self._at = end + 1
            return True
        if len(text) - at > LINE_MAX:
            self._line(text[at : at + LINE_MAX])
            self._inside = True
            self._at = at + LINE_MAX
            return True
        return False

    def _line(self, text: str) -> None:
        if "\t" in text:
            text = text.expandtabs(TAB)
        if not self._inside:
            self._parser.line(text)
        elif text:
            self._parser.rest_of_line(text)

    def preview(self) -> list[Unit]:
        """The units of what is not finished; nothing is changed."""
        partial = self._text[self._at : self._at + LINE_MAX]
        if "\t" in partial:
            partial = partial.expandtabs(TAB)
        if not self._plain and not self._inside and _undecided.match(partial):
            partial = ""
        return self._parser.preview(partial, self._inside)

    def close(self) -> None:
        """The text is over. `step` must have returned False before."""
        if self._return:
            self._text = self._text[self._at :] + visible("\r")
            self._at, self._return = 0, False
            while self.step():
                pass
        rest = self._text[self._at :]
        self._text, self._at = "", 0
        if rest:
            self._line(rest)
        self._parser.close()


class PlainParser:
    """Text that is no Markdown (the model's thinking): its lines as they are, runs of blank lines as one
    gap."""

    def __init__(self, role: str, *, lead: bool = False) -> None:
        self.out: list[Unit] = []
        self._role = role
        self._open: Unit | None = None
        self._gap, self._any = lead, False

    def line(self, text: str) -> None:
        self.close()
        if not text.strip():
            self._gap = self._gap or self._any
            return
        bar = (Mark("quote"),) if self._gap and self._any else ()
        self._open = Unit("literal", text, gap=self._gap, gap_marks=bar, role=self._role)
        self._any, self._gap = True, False
        self._cut()

    def rest_of_line(self, text: str) -> None:
        if self._open is None:
            self.line(text)
        else:
            self._open.text += text
            self._cut()

    def _cut(self) -> None:
        unit = self._open
        assert unit is not None
        while len(unit.text) > PARAGRAPH_MAX:
            rest = unit.text[PARAGRAPH_MAX:]
            unit.text, unit.more = unit.text[:PARAGRAPH_MAX], True
            self.out.append(unit)
            unit = self._open = Unit("literal", rest, role=self._role, after=unit)

    def close(self) -> None:
        if self._open is not None:
            self.out.append(self._open)
            self._open = None

    def preview(self, partial: str, inside: bool) -> list[Unit]:
        twin = PlainParser(self._role, lead=self._gap)
        twin._any = self._any
        if self._open is not None:
            twin._open = copy.copy(self._open)
        if partial:
            (twin.rest_of_line if inside else twin.line)(partial)
        twin.close()
        return twin.out
