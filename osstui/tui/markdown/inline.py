"""Inline Markdown: one paragraph's source as spans of (text, flags).

markdown-it-py does the parsing; text without any of Markdown's special characters never reaches it. HTML
and TeX (`\\(…\\)`, `\\[…\\]`, `$…$`, `$$…$$`) stay as they were written; only `<br>` is a line break. Links
show their text and their address as text: a terminal hyperlink from a model could hide where it leads.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from osstui.safe_text import visible

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

BOLD: Final = 1
ITALIC: Final = 2
CODE: Final = 4
STRIKE: Final = 8
LINK: Final = 16
ADDRESS: Final = 32
MATH: Final = 64

Span = tuple[str, int]
"""Text and the sum of its flags. A "\\n" in the text is a hard line break."""

_special = re.compile(r"[*_`\[\]<\\~&$\n]")
_math = re.compile(
    r"\\\((?:.|\n)+?\\\)|\\\[(?:.|\n)+?\\\]|\$\$(?:.|\n)+?\$\$|\$(?![\s$])[^$\n]*(?<![\s\\$])\$(?!\d)"
)
_break = re.compile(r"<br\s*/?>[ \t]*", re.IGNORECASE)
_OPENS = {"strong": BOLD, "em": ITALIC, "s": STRIKE, "link": LINK}


def _math_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "\\$":
        return False
    found = _math.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("math", "", 0).content = found.group()
    state.pos = found.end()
    return True


def _break_rule(state: StateInline, silent: bool) -> bool:
    """Models break lines so where Markdown has no way to, in the cells of tables."""
    if state.src[state.pos] != "<":
        return False
    found = _break.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        state.push("hardbreak", "", 0)
    state.pos = found.end()
    return True


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("strikethrough")
    parser.disable("html_inline")
    parser.inline.ruler.before("escape", "math", _math_rule)
    parser.inline.ruler.before("autolink", "break", _break_rule)
    return parser


@lru_cache(maxsize=512)
def spans(source: str) -> tuple[Span, ...]:
    """The spans of a paragraph's source; a line end in it becomes a space, as CommonMark has it."""
    if _special.search(source) is None:
        return ((source, 0),)
    parser = _parser()
    tokens: list[Token] = []
    parser.inline.parse(source, parser, {}, tokens)
    return tuple(_walk(tokens))


def _walk(tokens: list[Token]) -> list[Span]:
    out: list[Span] = []
    counts = dict.fromkeys(_OPENS, 0)
    flags = 0
    targets: list[tuple[str, int]] = []
    for token in tokens:
        kind = token.type
        if kind in ("text", "text_special"):
            if token.content:
                out.append((visible(token.content), flags))
        elif kind == "code_inline":
            out.append((token.content, flags | CODE))
        elif kind == "math":
            out.append((token.content.replace("\n", " "), flags | MATH))
        elif kind == "softbreak":
            out.append((" ", flags))
        elif kind == "hardbreak":
            if out:
                out[-1] = (out[-1][0].rstrip(" "), out[-1][1])
            out.append(("\n", 0))
        elif kind == "image":
            out.append((visible(f"{token.content or 'image'} ({token.attrGet('src')})"), flags | LINK))
        elif kind.endswith(("_open", "_close")):
            name, _, way = kind.rpartition("_")
            counts[name] += 1 if way == "open" else -1
            flags = sum(flag for key, flag in _OPENS.items() if counts[key])
            if kind == "link_open":
                targets.append((str(token.attrGet("href") or ""), len(out)))
            elif kind == "link_close":
                href, since = targets.pop()
                shown = "".join(text for text, _ in out[since:])
                if href and href not in (shown, "mailto:" + shown, shown + "/"):
                    out.append((visible(f" ({href})"), flags | ADDRESS))
        elif token.content:
            out.append((visible(token.content), flags))
    return out
