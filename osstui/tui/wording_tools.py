"""Words for tool calls and their results. What a model or a command wrote is never markup and never long."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Literal

from osstui.events import DeltaKind, ToolCall
from osstui.job import Message, Tool
from osstui.safe_text import visible, visible_line

ANSWER_KEY = "t"
LONGEST = 2_000
"""Characters of a result, or of arguments, that are shown."""
MOST_LINES = 12
MOST_CALLS = 32
"""Of one answer that can be answered."""
_NAME = 64


def calls_told(
    calls: Sequence[ToolCall], tools: Sequence[Tool]
) -> Iterator[tuple[str, Literal["info", "error"]]]:
    """Whether each call fits its schema, where there is one, and the key that answers them."""
    from osstui.tools import call_problem

    for call in calls[:MOST_CALLS]:
        name = visible_line(call.name, _NAME)
        problem = call_problem(call.name, call.arguments, tools) if tools else None
        if problem is not None:
            yield f"{name}: {problem}", "error"
        elif tools:
            yield f"✓ {name} fits its schema", "info"
    if len(calls) > MOST_CALLS:
        yield f"{len(calls):,} tools were called: more than {MOST_CALLS} can't be answered", "error"
        return
    yield f"press {ANSWER_KEY} in the pane to answer {'it' if len(calls) == 1 else 'them'}", "info"


def pretty(arguments: str) -> str:
    """Arguments for reading: indented where they are JSON, and cut where they are long."""
    text = arguments
    if len(text) <= LONGEST:
        with suppress(ValueError, RecursionError):
            text = json.dumps(json.loads(text or "{}"), ensure_ascii=False, indent=2)
    return cut(visible(text))


def cut(text: str, longest: int = LONGEST, lines: int = 10**9) -> str:
    """The beginning of a long text, and how long it is."""
    short = "\n".join(text[:longest].split("\n")[:lines])
    return text if short == text else f"{short}… ({len(text):,} characters in all)"


def result_told(name: str, result: str) -> str:
    told = cut(visible(result).strip("\n"), LONGEST, MOST_LINES)
    return f"{visible_line(name, _NAME)} gave: {told or '(nothing)'}"


def said_before(message: Message) -> Iterator[tuple[DeltaKind, str]]:
    """What an assistant said when it called its tools, as its pieces were."""
    if message.calls:
        calls = "\n".join(f"{call.name} {call.arguments}" for call in message.calls)
        yield "reasoning", message.reasoning or ""
        yield "text", message.content
        yield "tool", calls
