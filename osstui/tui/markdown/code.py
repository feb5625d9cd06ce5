"""Syntax colours for code that arrives in pieces.

Each piece is lexed once, from the lexer state in which the piece before it ended. The states are Pygments'
own stack; lexers that don't work with one (JSON, diffs in disguise, PHP) start each piece afresh. A
construct that a lexer matches with a single pattern over several lines (a block comment in C) stays whole
as long as `blocks` keeps it in one piece.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

LONG_LINE: Final = 1000
"""Characters; longer lines stay uncoloured, since some lexers' patterns are slow on them."""

TOOL_CALL: Final = "tool-call"
"""The label of a block of calls, a name and JSON each: coloured as the language that has both."""
_LEXERS: Final = {TOOL_CALL: "javascript"}

State = tuple[str, ...]
_NAMES = ("Function", "Class", "Decorator", "Tag", "Namespace", "Exception", "Builtin", "Attribute")


@lru_cache(maxsize=64)
def lexer_for(label: str) -> Lexer | None:
    """The lexer of a fence's language label; None when it has none."""
    if not label:
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(_LEXERS.get(label, label.lower()), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


@lru_cache(maxsize=512)
def _role(token: _TokenType) -> str:
    """The palette's name for a kind of token."""
    path = [str(part) for part in token]
    if not path:
        return "code-block"
    if path[0] == "Comment":
        return "token-comment"
    if path[0] == "Keyword" or path[:2] == ["Operator", "Word"]:
        return "token-keyword"
    if path[0] == "Literal":
        return "token-number" if path[1:2] == ["Number"] else "token-string"
    if path[0] == "Name" and path[1:2] and path[1] in _NAMES:
        return "token-name"
    if path[0] == "Generic" and path[1:2]:
        return {"Deleted": "token-deleted", "Inserted": "token-string", "Heading": "token-name"}.get(
            path[1], "code-block"
        )
    return "code-block"


def highlight(text: str, label: str, state: State | None) -> tuple[list[list[tuple[str, str]]], State | None]:
    """The lines of `text` as (piece, role) spans, and the state in which the next piece starts."""
    lexer = lexer_for(label)
    lines = text.split("\n")
    if lexer is None or max(map(len, lines)) > LONG_LINE:
        return [[(line, "code-block")] if line else [] for line in lines], None
    tokens, end = _lex(lexer, text + "\n", state or ("root",))
    out: list[list[tuple[str, str]]] = [[]]
    for token, value in tokens:
        role = _role(token)
        first, *others = value.split("\n")
        if first:
            out[-1].append((first, role))
        out.extend([(part, role)] if part else [] for part in others)
    out.pop()
    return out, end


def _lex(lexer: Any, text: str, stack: State) -> tuple[list[tuple[_TokenType, str]], State | None]:
    """Pygments' RegexLexer loop (lexer.py, `get_tokens_unprocessed`), which doesn't tell its last state."""
    from pygments.lexer import ExtendedRegexLexer, RegexLexer
    from pygments.token import Error, Text, _TokenType

    plain = type(lexer).get_tokens_unprocessed is RegexLexer.get_tokens_unprocessed
    if not plain or isinstance(lexer, ExtendedRegexLexer):
        return [(token, value) for _, token, value in lexer.get_tokens_unprocessed(text)], None
    states, at = list(stack), 0
    out: list[tuple[_TokenType, str]] = []
    rules = lexer._tokens
    steps = 20 * len(text) + 1000
    while at < len(text):
        steps -= 1
        if steps < 0:  # a lexer that goes round in circles without taking a character
            return [*out, (Text, text[at:])], None
        for match_at, action, new in rules[states[-1]]:
            found = match_at(text, at)
            if found is None:
                continue
            if type(action) is _TokenType:
                out.append((action, found.group()))
            elif action is not None:
                out.extend((token, value) for _, token, value in action(lexer, found) if value)
            at = found.end()
            if new is not None:
                _move(states, new)
            break
        else:
            newline = text[at] == "\n"
            if newline:
                states = ["root"]
            out.append((Text if newline else Error, text[at]))
            at += 1
    return out, tuple(states[-32:]) if states[0] == "root" and len(states) <= 32 else ("root",)


def _move(states: list[str], new: Any) -> None:
    """One state transition, as Pygments writes them: names, "#pop", "#push", or a negative count of pops."""
    if isinstance(new, int):
        del states[max(1, len(states) + new) :]
        return
    for step in new if isinstance(new, tuple) else (new,):
        if step == "#pop":
            del states[max(1, len(states) - 1) :]
        else:
            states.append(states[-1] if step == "#push" else step)
