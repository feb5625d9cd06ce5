"""Markdown block structure, line by line: CommonMark's own algorithm, which never looks back at finished
lines.

`BlockParser` takes one line at a time and puts finished `Unit`s out. A unit is the smallest piece that is
rendered once and then left alone: a paragraph, a heading, sixteen lines of a code block, twenty rows of a
table. Long leaves are cut where only their own text decides, never the moment of arrival, so that a text
gives the same units however it was split on the way.

Differences from CommonMark, on purpose: lists keep the spacing of the source instead of being tight or
loose as a whole; HTML and TeX (`$$`, `\\[`) stand as they came; link reference definitions (`[a]: url`)
are plain text, since a later block would change an earlier one; containers nest at most `MAX_DEPTH` deep;
a table's columns are measured on its first `TABLE_ROWS` rows; indented code is code, but its blank lines
at the end belong to nobody.
"""

from __future__ import annotations

import copy
import re
from typing import Literal

from osstui.tui.markdown.units import (
    CODE_LINES,
    CODE_MAX,
    CODE_MAX_LINES,
    MAX_DEPTH,
    PARAGRAPH_MAX,
    TABLE_ROWS,
    Container,
    Leaf,
    LeafKind,
    Mark,
    Unit,
    balanced_cut,
    split_cells,
)

_QUOTE = re.compile(r" {0,3}> ?")
_ATX = re.compile(r"(#{1,6})(?:\s+|$)(.*)")
_ATX_END = re.compile(r"(?:^|\s)#+\s*$")
_FENCE = re.compile(r"(`{3,})([^`]*)$|(~{3,})(.*)$")
_RULE = re.compile(r"(?:(?:\*\s*){3,}|(?:_\s*){3,}|(?:-\s*){3,})$")
_SETEXT = re.compile(r"(=+|-+)\s*$")
_ITEM = re.compile(r"([*+-]|(\d{1,9})[.)])( +|$)")
_DELIMITERS = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:\s|/?>|$)|<!|<\?")
_MATH = {"$$": "$$", "\\[": "\\]"}


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


class BlockParser:
    """Feed lines with `line`, the rest of an overlong line with `rest_of_line`, end with `close`; read
    `out`."""

    def __init__(self, role: str = "text", *, lead: bool = False) -> None:
        """`lead`: the first unit has a gap above it."""
        self.out: list[Unit] = []
        self._lead = lead
        self._stack: list[Container] = []
        self._leaf: Leaf | None = None
        self._blank = False
        self._last: tuple[Container, ...] | None = None
        self._role = role

    def preview(self, partial: str, inside: bool = False) -> list[Unit]:
        """The units that would come out if the text ended now, after `partial` (`inside` a line that has
        begun). Changes nothing."""
        twin = copy.copy(self)
        twin.out = []
        twin._stack = [copy.copy(container) for container in self._stack]
        if self._last is not None:
            same = dict(zip(map(id, self._stack), twin._stack, strict=True))
            twin._last = tuple(same.get(id(container), container) for container in self._last)
        if self._leaf is not None:
            twin._leaf = copy.copy(self._leaf)
            twin._leaf.lines = list(self._leaf.lines)
            twin._leaf.unit = copy.copy(self._leaf.unit)
        if partial:
            (twin.rest_of_line if inside else twin.line)(partial)
        twin.close()
        return twin.out

    def close(self) -> None:
        """The text is over: what is open is finished."""
        self._close_to(0)

    def open_code(self, info: str) -> None:
        """Start a code block that nothing but `close` ends (for text that is no Markdown, a tool call's
        JSON)."""
        self._close_to(0)
        self._open_code("fence", info)

    def line(self, text: str) -> None:
        """One line without its newline, tabs expanded."""
        rest, matched = self._match_containers(text)
        whole = matched == len(self._stack)
        if whole and self._leaf is not None and self._verbatim(self._leaf, rest):
            return
        leaf = self._leaf
        paragraph = leaf if leaf is not None and leaf.how == "paragraph" else None
        rest, keep, opened, done = self._starts(rest, matched, whole, paragraph)
        if done:
            return
        blank = not rest.strip()
        if paragraph is not None and not (blank or opened or whole):
            self._grow_paragraph(paragraph, rest)
            return
        if opened or not whole:
            self._close_to(keep)
        self._text(rest, blank, opened)

    def _match_containers(self, text: str) -> tuple[str, int]:
        """What is left of the line inside the containers that go on, and how many go on."""
        matched = 0
        for container in self._stack:
            if container.kind == "quote":
                found = _QUOTE.match(text)
                if found is None:
                    break
                text = text[found.end() :]
            elif container.kind == "item":
                if not text.strip():
                    if container.empty:
                        break
                elif _indent(text) < container.indent:
                    break
                text = text[container.indent :]
            matched += 1
        return text, matched

    def _starts(
        self, rest: str, keep: int, whole: bool, paragraph: Leaf | None
    ) -> tuple[str, int, bool, bool]:
        """Open what starts on this line: (what is left of it, containers kept, one was opened, the line is
        used up)."""
        opened = False
        while rest.strip():
            indent = _indent(rest)
            if indent >= 4:
                if paragraph is not None:
                    break
                self._close_to(keep)
                self._open_code("indented", "")
                self._add_code(rest[4:])
                return rest, keep, opened, True
            text = rest[indent:]
            interrupts = paragraph is not None and whole and not opened
            if self._starts_leaf(text, indent, keep, paragraph if interrupts else None):
                return rest, keep, opened, True
            if len(self._stack[:keep]) >= MAX_DEPTH:
                break
            if text[0] == ">":
                self._close_to(keep)
                self._leave_list()
                self._push(Container("quote"))
                rest = text[2:] if text[1:2] == " " else text[1:]
            elif (found := _ITEM.match(text)) and not (
                interrupts and (found.end() >= len(text.rstrip()) or (found[2] or "1").lstrip("0") != "1")
            ):
                rest = self._open_item(found, text, indent, keep)
            else:
                break
            keep, opened, paragraph = len(self._stack), True, None
        return rest, keep, opened, False

    def _starts_leaf(self, text: str, indent: int, keep: int, paragraph: Leaf | None) -> bool:
        """Open the leaf that this line starts or is; `paragraph` is the one that it would interrupt or
        change."""
        if text[0] == "#" and (found := _ATX.match(text)):
            self._single(keep, "heading", _ATX_END.sub("", found[2]).strip(), len(found[1]))
        elif text[0] in "`~" and (found := _FENCE.match(text)):
            self._close_to(keep)
            self._open_code("fence", (found[2] or found[4] or "").strip())
            assert self._leaf is not None
            self._leaf.fence, self._leaf.indent = found[1] or found[3], indent
        elif paragraph is not None and self._turns_into_table(text, paragraph):
            return True
        elif paragraph is not None and (found := _SETEXT.match(text)) and paragraph.unit.after is None:
            paragraph.unit.kind = "heading"
            paragraph.unit.level = 1 if found[1][0] == "=" else 2
            self._close_leaf()
        elif _RULE.match(text):
            self._single(keep, "rule", "", 0)
        elif text[:2] in _MATH and _MATH[text[:2]] not in text[2:]:
            self._close_to(keep)
            self._open("literal", "math", fence=_MATH[text[:2]]).lines.append(text)
        else:
            return False
        return True

    def _open_item(self, found: re.Match[str], text: str, indent: int, keep: int) -> str:
        marker, number, spaces = found[1], found[2], len(found[3])
        blank = found.end() >= len(text.rstrip())
        width = len(marker) + (spaces if 1 <= spaces <= 4 and not blank else 1)
        self._close_to(keep)
        if self._stack and self._stack[-1].kind == "list" and self._stack[-1].marker != marker[-1]:
            self._close_to(keep - 1)
        if not self._stack or self._stack[-1].kind != "list":
            self._push(Container("list", marker=marker[-1], number=int(number or 1)))
        lists = self._stack[-1]
        level = sum(c.kind == "list" for c in self._stack)
        shown = f"{lists.number}." if number else "•◦▪"[(level - 1) % 3]
        lists.number += 1
        self._push(Container("item", indent=indent + width, marker=shown))
        return text[width:]

    def _text(self, rest: str, blank: bool, opened: bool) -> None:
        """A line that starts nothing: more of the open leaf, a blank, or a new paragraph."""
        if blank:
            self._close_leaf()
            self._blank = self._blank or not opened
            return
        leaf = self._leaf
        if leaf is None:
            kind: LeafKind = "literal" if _HTML.match(rest.lstrip()) else "paragraph"
            leaf = self._open(kind, "paragraph")
        if leaf.how == "table":
            leaf.lines.append(rest)
            if len(leaf.lines) >= TABLE_ROWS:
                self._next_piece(leaf, "\n".join(leaf.lines))
        else:
            self._grow_paragraph(leaf, rest)

    def rest_of_line(self, text: str) -> None:
        """More of a line that was too long to be handed over at once: text, whatever it looks like."""
        leaf = self._leaf
        if leaf is None or leaf.how == "table":
            self._close_leaf()
            leaf = self._open("paragraph", "paragraph")
        if leaf.how in ("fence", "indented"):
            self._add_code(text)
        else:
            leaf.lines[-1:] = ["".join((*leaf.lines[-1:], text))]
            self._cut_paragraph(leaf)

    def _verbatim(self, leaf: Leaf, text: str) -> bool:
        """The line as part of an open code or math block; false when the block ends before it."""
        if leaf.how == "fence":
            bare = text.strip()
            if (
                leaf.fence
                and _indent(text) < 4
                and bare.startswith(leaf.fence)
                and not bare.strip(leaf.fence[0])
            ):
                self._close_leaf()
            else:
                self._add_code(text[min(leaf.indent, _indent(text)) :])
        elif leaf.how == "math":
            leaf.lines.append(text)
            if leaf.fence in text or not text.strip():
                self._blank = not text.strip()
                self._close_leaf()
            else:
                self._cut_paragraph(leaf)
        elif leaf.how == "indented":
            if not text.strip():
                leaf.blanks += 1
            elif _indent(text) >= 4:
                for _ in range(leaf.blanks):
                    self._add_code("")
                leaf.blanks = 0
                self._add_code(text[4:])
            else:
                self._blank = self._blank or leaf.blanks > 0
                self._close_leaf()
                return False
        else:
            return False
        return True

    def _add_code(self, line: str) -> None:
        leaf = self._leaf
        assert leaf is not None
        leaf.lines.append(line)
        leaf.size += len(line) + 1
        if len(leaf.lines) >= CODE_LINES or leaf.size > CODE_MAX:
            text = "\n".join(leaf.lines)
            commented = text.rfind("/*") > text.rfind("*/")
            if not commented or len(leaf.lines) >= CODE_MAX_LINES or leaf.size > CODE_MAX:
                self._next_piece(leaf, text)

    def _grow_paragraph(self, leaf: Leaf, text: str) -> None:
        leaf.lines.append(text.lstrip(" ") if leaf.unit.kind == "paragraph" else text)
        self._cut_paragraph(leaf)

    def _cut_paragraph(self, leaf: Leaf) -> None:
        leaf.size = sum(map(len, leaf.lines)) + len(leaf.lines)
        if leaf.size <= PARAGRAPH_MAX:
            return
        text = "\n".join(leaf.lines)
        while len(text) > PARAGRAPH_MAX:
            at = balanced_cut(text, PARAGRAPH_MAX)
            self._next_piece(leaf, text[:at], more=True)
            text = text[at:]
            if leaf.unit.kind == "paragraph" and text[0] == "\n":
                text = " " + text[1:]
        leaf.lines = text.split("\n")

    def _turns_into_table(self, text: str, leaf: Leaf) -> bool:
        header = leaf.lines[-1]
        if (
            text[0] not in "|:-"
            or text[:2] == "- "
            or "|" not in header
            or "-" not in text
            or not _DELIMITERS.match(text)
        ):
            return False
        if len(split_cells(header)) != len(split_cells(text)):
            return False
        leaf.lines.pop()
        if leaf.lines or leaf.unit.after is not None:
            self._close_leaf()
            leaf = self._open("table", "table")
        leaf.unit.kind, leaf.how = "table", "table"
        leaf.lines = [header, text]
        return True

    def _next_piece(self, leaf: Leaf, text: str, *, more: bool = False) -> None:
        """Put out what the leaf has, and go on in a new unit that remembers where it comes from."""
        unit = leaf.unit
        unit.text, unit.more = text, more
        self.out.append(unit)
        inner = tuple(m._replace(first=False) for m in unit.marks)
        leaf.unit = Unit(unit.kind, "", inner, level=unit.level, info=unit.info, role=unit.role, after=unit)
        leaf.lines, leaf.size = [], 0

    def _open_code(self, how: Literal["fence", "indented"], info: str) -> None:
        self._open("code", how).unit.info = info.split(" ", 1)[0][:40] if info else ""

    def _single(self, keep: int, kind: LeafKind, text: str, level: int) -> None:
        self._close_to(keep)
        leaf = self._open(kind, "paragraph")
        leaf.lines, leaf.unit.level = [text], level
        self._close_leaf()

    def _open(
        self,
        kind: LeafKind,
        how: Literal["paragraph", "fence", "indented", "math", "table"],
        *,
        fence: str = "",
    ) -> Leaf:
        self._leave_list()
        marks, items, starts_item = [], False, False
        for container in self._stack:
            if container.kind == "quote":
                marks.append(Mark("quote"))
            elif container.kind == "item":
                starts_item = not container.started
                marks.append(Mark("item", container.marker, starts_item))
                container.started, items = True, True
            container.empty = False
        common = 0
        for old, new in zip(self._last or (), self._stack, strict=False):
            if old is not new:
                break
            common += new.kind != "list"
        gap = self._lead if self._last is None else self._blank or not items
        gap_marks = tuple(mark._replace(first=False) for mark in marks[:common])
        unit = Unit(kind, "", tuple(marks), gap, gap_marks, role=self._role)
        self._blank, self._last = False, tuple(self._stack)
        self._leaf = Leaf(unit, how, fence=fence)
        return self._leaf

    def _close_leaf(self) -> None:
        leaf, self._leaf = self._leaf, None
        if leaf is None:
            return
        if leaf.lines or leaf.unit.after is None or leaf.unit.after.more:
            leaf.unit.text = "\n".join(leaf.lines)
            self.out.append(leaf.unit)

    def _push(self, container: Container) -> None:
        for outer in self._stack:
            outer.empty = False
        self._stack.append(container)

    def _leave_list(self) -> None:
        while self._stack and self._stack[-1].kind == "list":
            self._stack.pop()

    def _close_to(self, keep: int) -> None:
        """Close the leaf and all containers but the first `keep`; an item that held nothing still shows
        its marker."""
        self._close_leaf()
        while len(self._stack) > keep:
            if self._stack[-1].kind == "item" and not self._stack[-1].started:
                self._open("paragraph", "paragraph").lines.append("")
                self._close_leaf()
            self._stack.pop()
