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

from osstui.tui.markdown.tree import Tree
from osstui.tui.markdown.units import MAX_DEPTH, TABLE_ROWS, Container, Leaf, LeafKind, Unit, split_cells

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
    `out`. It knows the grammar; what is open grows in its tree."""

    def __init__(self, role: str = "text", *, lead: bool = False) -> None:
        """`lead`: the first unit has a gap above it."""
        self._tree = Tree(role, lead=lead)

    @property
    def out(self) -> list[Unit]:
        """The finished units; whoever takes them clears it."""
        return self._tree.out

    def preview(self, partial: str, inside: bool = False) -> list[Unit]:
        """The units that would come out if the text ended now, after `partial` (`inside` a line that has
        begun). Changes nothing."""
        twin = copy.copy(self)
        twin._tree = self._tree.copy()
        if partial:
            (twin.rest_of_line if inside else twin.line)(partial)
        twin.close()
        return twin.out

    def close(self) -> None:
        """The text is over: what is open is finished."""
        self._tree.close_to(0)

    def open_code(self, info: str) -> None:
        """Start a code block that nothing but `close` ends (for text that is no Markdown, a tool call's
        JSON)."""
        self._tree.close_to(0)
        self._tree.open_code("fence", info)

    def line(self, text: str) -> None:
        """One line without its newline, tabs expanded."""
        tree = self._tree
        rest, matched = self._match_containers(text)
        whole = matched == len(tree.stack)
        if whole and tree.leaf is not None and self._verbatim(tree.leaf, rest):
            return
        leaf = tree.leaf
        paragraph = leaf if leaf is not None and leaf.how == "paragraph" else None
        rest, keep, opened, done = self._starts(rest, matched, whole, paragraph)
        if done:
            return
        blank = not rest.strip()
        if paragraph is not None and not (blank or opened or whole):
            tree.grow_paragraph(paragraph, rest)
            return
        if opened or not whole:
            tree.close_to(keep)
        self._text(rest, blank, opened)

    def _match_containers(self, text: str) -> tuple[str, int]:
        """What is left of the line inside the containers that go on, and how many go on."""
        matched = 0
        for container in self._tree.stack:
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
        tree = self._tree
        opened = False
        while rest.strip():
            indent = _indent(rest)
            if indent >= 4:
                if paragraph is not None:
                    break
                tree.close_to(keep)
                tree.open_code("indented", "")
                tree.add_code(rest[4:])
                return rest, keep, opened, True
            text = rest[indent:]
            interrupts = paragraph is not None and whole and not opened
            if self._starts_leaf(text, indent, keep, paragraph if interrupts else None):
                return rest, keep, opened, True
            if len(tree.stack[:keep]) >= MAX_DEPTH:
                break
            if text[0] == ">":
                tree.close_to(keep)
                tree.leave_list()
                tree.push(Container("quote"))
                rest = text[2:] if text[1:2] == " " else text[1:]
            elif (found := _ITEM.match(text)) and not (
                interrupts and (found.end() >= len(text.rstrip()) or (found[2] or "1").lstrip("0") != "1")
            ):
                rest = self._open_item(found, text, indent, keep)
            else:
                break
            keep, opened, paragraph = len(tree.stack), True, None
        return rest, keep, opened, False

    def _starts_leaf(self, text: str, indent: int, keep: int, paragraph: Leaf | None) -> bool:
        """Open the leaf that this line starts or is; `paragraph` is the one that it would interrupt or
        change."""
        tree = self._tree
        if text[0] == "#" and (found := _ATX.match(text)):
            tree.single(keep, "heading", _ATX_END.sub("", found[2]).strip(), len(found[1]))
        elif text[0] in "`~" and (found := _FENCE.match(text)):
            tree.close_to(keep)
            tree.open_code("fence", (found[2] or found[4] or "").strip())
            assert tree.leaf is not None
            tree.leaf.fence, tree.leaf.indent = found[1] or found[3], indent
        elif paragraph is not None and self._turns_into_table(text, paragraph):
            return True
        elif paragraph is not None and (found := _SETEXT.match(text)) and paragraph.unit.after is None:
            paragraph.unit.kind = "heading"
            paragraph.unit.level = 1 if found[1][0] == "=" else 2
            tree.close_leaf()
        elif _RULE.match(text):
            tree.single(keep, "rule", "", 0)
        elif text[:2] in _MATH and _MATH[text[:2]] not in text[2:]:
            tree.close_to(keep)
            tree.open("literal", "math", fence=_MATH[text[:2]]).lines.append(text)
        else:
            return False
        return True

    def _open_item(self, found: re.Match[str], text: str, indent: int, keep: int) -> str:
        tree = self._tree
        marker, number, spaces = found[1], found[2], len(found[3])
        blank = found.end() >= len(text.rstrip())
        width = len(marker) + (spaces if 1 <= spaces <= 4 and not blank else 1)
        tree.close_to(keep)
        if tree.stack and tree.stack[-1].kind == "list" and tree.stack[-1].marker != marker[-1]:
            tree.close_to(keep - 1)
        if not tree.stack or tree.stack[-1].kind != "list":
            tree.push(Container("list", marker=marker[-1], number=int(number or 1)))
        lists = tree.stack[-1]
        level = sum(c.kind == "list" for c in tree.stack)
        shown = f"{lists.number}." if number else "•◦▪"[(level - 1) % 3]
        lists.number += 1
        tree.push(Container("item", indent=indent + width, marker=shown))
        return text[width:]

    def _text(self, rest: str, blank: bool, opened: bool) -> None:
        """A line that starts nothing: more of the open leaf, a blank, or a new paragraph."""
        tree = self._tree
        if blank:
            tree.close_leaf()
            tree.blank = tree.blank or not opened
            return
        leaf = tree.leaf
        if leaf is None:
            kind: LeafKind = "literal" if _HTML.match(rest.lstrip()) else "paragraph"
            leaf = tree.open(kind, "paragraph")
        if leaf.how == "table":
            leaf.lines.append(rest)
            if len(leaf.lines) >= TABLE_ROWS:
                tree.next_piece(leaf, "\n".join(leaf.lines))
        else:
            tree.grow_paragraph(leaf, rest)

    def rest_of_line(self, text: str) -> None:
        """More of a line that was too long to be handed over at once: text, whatever it looks like."""
        tree = self._tree
        leaf = tree.leaf
        if leaf is None or leaf.how == "table":
            tree.close_leaf()
            leaf = tree.open("paragraph", "paragraph")
        if leaf.how in ("fence", "indented"):
            tree.add_code(text)
        else:
            leaf.lines[-1:] = ["".join((*leaf.lines[-1:], text))]
            tree.cut_paragraph(leaf)

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
                self._tree.close_leaf()
            else:
                self._tree.add_code(text[min(leaf.indent, _indent(text)) :])
        elif leaf.how == "math":
            leaf.lines.append(text)
            if leaf.fence in text or not text.strip():
                self._tree.blank = not text.strip()
                self._tree.close_leaf()
            else:
                self._tree.cut_paragraph(leaf)
        elif leaf.how == "indented":
            if not text.strip():
                leaf.blanks += 1
            elif _indent(text) >= 4:
                for _ in range(leaf.blanks):
                    self._tree.add_code("")
                leaf.blanks = 0
                self._tree.add_code(text[4:])
            else:
                self._tree.blank = self._tree.blank or leaf.blanks > 0
                self._tree.close_leaf()
                return False
        else:
            return False
        return True

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
            self._tree.close_leaf()
            leaf = self._tree.open("table", "table")
        leaf.unit.kind, leaf.how = "table", "table"
        leaf.lines = [header, text]
        return True
