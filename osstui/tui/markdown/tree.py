"""The containers and the leaf that are open while blocks are read, and the units that come out of them."""

from __future__ import annotations

import copy
from typing import Literal

from osstui.tui.markdown.units import (
    CODE_LINES,
    CODE_MAX,
    CODE_MAX_LINES,
    PARAGRAPH_MAX,
    Container,
    Leaf,
    LeafKind,
    Mark,
    Unit,
    balanced_cut,
)


class Tree:
    """What is open is the rightmost branch of the document's tree; `out` has what is finished."""

    def __init__(self, role: str, *, lead: bool) -> None:
        """`lead`: the first unit has a gap above it."""
        self.out: list[Unit] = []
        self.stack: list[Container] = []
        self.leaf: Leaf | None = None
        self.blank = False
        """A blank line stands before what comes next."""
        self._lead = lead
        self._last: tuple[Container, ...] | None = None
        """The containers of the last unit."""
        self._role = role

    def copy(self) -> Tree:
        """One that can grow while this one stays; nothing has come out of it."""
        twin = copy.copy(self)
        twin.out = []
        twin.stack = [copy.copy(container) for container in self.stack]
        if self._last is not None:
            same = dict(zip(map(id, self.stack), twin.stack, strict=True))
            twin._last = tuple(same.get(id(container), container) for container in self._last)
        if self.leaf is not None:
            twin.leaf = copy.copy(self.leaf)
            twin.leaf.lines = list(self.leaf.lines)
            twin.leaf.unit = copy.copy(self.leaf.unit)
        return twin

    def open(
        self,
        kind: LeafKind,
        how: Literal["paragraph", "fence", "indented", "math", "table"],
        *,
        fence: str = "",
    ) -> Leaf:
        self.leave_list()
        marks, items, starts_item = [], False, False
        for container in self.stack:
            if container.kind == "quote":
                marks.append(Mark("quote"))
            elif container.kind == "item":
                starts_item = not container.started
                marks.append(Mark("item", container.marker, starts_item))
                container.started, items = True, True
            container.empty = False
        common = 0
        for old, new in zip(self._last or (), self.stack, strict=False):
            if old is not new:
                break
            common += new.kind != "list"
        gap = self._lead if self._last is None else self.blank or not items
        gap_marks = tuple(mark._replace(first=False) for mark in marks[:common])
        unit = Unit(kind, "", tuple(marks), gap, gap_marks, role=self._role)
        self.blank, self._last = False, tuple(self.stack)
        self.leaf = Leaf(unit, how, fence=fence)
        return self.leaf

    def single(self, keep: int, kind: LeafKind, text: str, level: int) -> None:
        self.close_to(keep)
        leaf = self.open(kind, "paragraph")
        leaf.lines, leaf.unit.level = [text], level
        self.close_leaf()

    def open_code(self, how: Literal["fence", "indented"], info: str) -> None:
        self.open("code", how).unit.info = info.split(" ", 1)[0][:40] if info else ""

    def add_code(self, line: str) -> None:
        leaf = self.leaf
        assert leaf is not None
        leaf.lines.append(line)
        leaf.size += len(line) + 1
        if len(leaf.lines) >= CODE_LINES or leaf.size > CODE_MAX:
            text = "\n".join(leaf.lines)
            commented = text.rfind("/*") > text.rfind("*/")
            if not commented or len(leaf.lines) >= CODE_MAX_LINES or leaf.size > CODE_MAX:
                self.next_piece(leaf, text)

    def grow_paragraph(self, leaf: Leaf, text: str) -> None:
        leaf.lines.append(text.lstrip(" ") if leaf.unit.kind == "paragraph" else text)
        self.cut_paragraph(leaf)

    def cut_paragraph(self, leaf: Leaf) -> None:
        leaf.size = sum(map(len, leaf.lines)) + len(leaf.lines)
        if leaf.size <= PARAGRAPH_MAX:
            return
        text = "\n".join(leaf.lines)
        while len(text) > PARAGRAPH_MAX:
            at = balanced_cut(text, PARAGRAPH_MAX)
            self.next_piece(leaf, text[:at], more=True)
            text = text[at:]
            if leaf.unit.kind == "paragraph" and text[0] == "\n":
                text = " " + text[1:]
        leaf.lines = text.split("\n")

    def next_piece(self, leaf: Leaf, text: str, *, more: bool = False) -> None:
        """Put out what the leaf has, and go on in a new unit that remembers where it comes from."""
        unit = leaf.unit
        unit.text, unit.more = text, more
        self.out.append(unit)
        inner = tuple(m._replace(first=False) for m in unit.marks)
        leaf.unit = Unit(unit.kind, "", inner, level=unit.level, info=unit.info, role=unit.role, after=unit)
        leaf.lines, leaf.size = [], 0

    def push(self, container: Container) -> None:
        for outer in self.stack:
            outer.empty = False
        self.stack.append(container)

    def leave_list(self) -> None:
        while self.stack and self.stack[-1].kind == "list":
            self.stack.pop()

    def close_leaf(self) -> None:
        leaf, self.leaf = self.leaf, None
        if leaf is None:
            return
        if leaf.lines or leaf.unit.after is None or leaf.unit.after.more:
            leaf.unit.text = "\n".join(leaf.lines)
            self.out.append(leaf.unit)

    def close_to(self, keep: int) -> None:
        """Close the leaf and all containers but the first `keep`; an item that held nothing still shows
        its marker."""
        self.close_leaf()
        while len(self.stack) > keep:
            if self.stack[-1].kind == "item" and not self.stack[-1].started:
                self.open("paragraph", "paragraph").lines.append("")
                self.close_leaf()
            self.stack.pop()
