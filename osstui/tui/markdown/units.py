"""The pieces that a text is cut into, and where long ones are cut."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

LeafKind = Literal["paragraph", "literal", "heading", "code", "table", "rule"]

PARAGRAPH_MAX: Final = 1200
"""Characters of a paragraph that are parsed together; bounds the inline parser's quadratic cases."""
CODE_LINES: Final = 16
CODE_MAX_LINES: Final = 64
"""A piece of code may grow to this many lines while a block comment is open in it."""
CODE_MAX: Final = 4000
TABLE_ROWS: Final = 20
TABLE_COLUMNS: Final = 40
MAX_DEPTH: Final = 16

_CELL_END = re.compile(r"(?<!\\)\|")


class Mark(NamedTuple):
    """What a container draws at the left of its lines: a quote's bar, or an item's marker on its first
    line."""

    kind: Literal["quote", "item"]
    text: str = ""
    first: bool = False


@dataclass(slots=True, eq=False)
class Unit:
    """A piece of the answer that is rendered as a whole. `text` is source (newlines kept), already made
    visible.

    `after` is the piece that this one goes on from: a paragraph goes on where its last line stopped, code
    with the lexer's state, a table with the columns of its first piece. `carry` and `cache` are the
    renderer's, per width.
    """

    kind: LeafKind
    text: str
    marks: tuple[Mark, ...] = ()
    gap: bool = False
    gap_marks: tuple[Mark, ...] = ()
    level: int = 0
    info: str = ""
    role: str = "text"
    after: Unit | None = None
    more: bool = False
    """Another piece follows, and starts where this one's last line stops."""
    carry: object = None
    carry_width: int = -1


@dataclass(slots=True, eq=False)
class Container:
    """An open quote, list or item of the block parser."""

    kind: Literal["quote", "list", "item"]
    indent: int = 0
    marker: str = ""
    number: int = 0
    level: int = 0
    empty: bool = True
    started: bool = False


@dataclass(slots=True, eq=False)
class Leaf:
    """The open leaf of the block parser: what of it is not put out yet stands in `lines`."""

    unit: Unit
    how: Literal["paragraph", "fence", "indented", "math", "table"]
    lines: list[str] = field(default_factory=list)
    size: int = 0
    fence: str = ""
    indent: int = 0
    blanks: int = 0


def split_cells(row: str) -> list[str]:
    """The cells of one table row; `\\|` is a pipe in a cell (GitHub's table extension)."""
    row = row.strip()
    if row.startswith("|"):
        row = row[1:]
    cells = _CELL_END.split(row, TABLE_COLUMNS)
    if cells and not cells[-1].strip():
        cells.pop()
    return [cell.strip().replace("\\|", "|") for cell in cells]


def balanced_cut(text: str, limit: int) -> int:
    """Where to cut a text of more than `limit` characters: the last sentence end, else the last space, of
    the second half at which no emphasis, code or link is open; else the last space; else `limit`."""
    spaces = [m.start() for m in re.finditer(r"\s", text[limit // 2 : limit])]
    places = [limit // 2 + at for at in reversed(spaces)]
    ends = [at for at in places if text[at - 1] in ".!?:;"]
    for at in (*ends[:8], *places[:8]):
        head = text[:at]
        if (
            head.count("*") % 2 == head.count("`") % 2 == head.count("~") % 2 == head.count("$") % 2 == 0
            and head.count("[") == head.count("]")
            and head.count("(") == head.count(")")
        ):
            return at
    return places[0] if places else limit
