"""Runs as Markdown: what is known of them as YAML front matter, then each text as it came."""

from __future__ import annotations

import re
from typing import Any

import yaml
from markdown_it import MarkdownIt

from osstui.safe_text import visible_line
from osstui.store.export import Past, PastConversation, told_vote
from osstui.store.export.numbers import numbers

_TEXTS = ("text", "reasoning", "tool_text")
_PROBE = "osstui probe"
_ENDS = ("-->", "?>", "]]>", "</script>", "</pre>", "</style>", "</textarea>", ">")
"""What ends the HTML blocks that a blank line does not end (CommonMark 0.31, 4.6)."""
_markdown = MarkdownIt("commonmark")


def write(past: Past) -> str:
    return _page(_facts(past), _run(past))


def write_all(conversation: PastConversation) -> str:
    """Each turn under a heading of its own."""
    sections = [f"# {_cell(conversation.title)}"]
    before = 0
    for turn, past in conversation.runs:
        sections += [f"# Turn {turn}{', asked again' if turn == before else ''}", *_run(past)]
        before = turn
    runs = [{"turn": turn} | _facts(past) for turn, past in conversation.runs]
    return _page(conversation.head | {"runs": runs}, sections)


def _page(facts: dict[str, Any], sections: list[str]) -> str:
    front = yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n" + "\n\n".join(sections) + "\n"


def _facts(past: Past) -> dict[str, Any]:
    """The document without the texts that stand below."""
    lanes = [{key: value for key, value in lane.items() if key not in _TEXTS} for lane in past.lanes]
    return past.document | {"lanes": lanes}


def _run(past: Past) -> list[str]:
    sections = ["## Prompt", whole(past.document["prompt"])]
    for lane in past.lanes:
        sections += _lane(lane)
    if (vote := told_vote(past.document)) is not None:
        sections.append(_cell(vote))
    return sections


def _lane(lane: dict[str, Any]) -> list[str]:
    heading = f"## {_cell(lane['lane'])} · {_cell(lane['model'])}"
    if lane["status"] != "ok":
        heading += f" · {lane['status']}"
    parts = [heading, _table(lane)]
    if lane.get("error"):
        parts.append(f"Error: {_cell(lane['error']['message'])}")
    for given in lane.get("tool_results") or ():
        call = f"{given['name']} {given['arguments']}"
        parts += ["### Result of a tool", _fenced(call), _fenced(given["result"])]
    if lane.get("reasoning"):
        parts += ["### Reasoning", whole(lane["reasoning"])]
    if lane.get("text"):
        parts += ["### Answer", whole(lane["text"])]
    if lane.get("tool_text"):
        parts += ["### Tool calls", _fenced(lane["tool_text"])]
    return parts


def _table(lane: dict[str, Any]) -> str:
    shown = numbers(lane)
    rows = ([number.title for number in shown], ["---:"] * len(shown), [number.text for number in shown])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def whole(text: str) -> str:
    """The text as it is, followed by whatever ends a block that it left open: the rest of the file must not
    be swallowed by one answer's unclosed fence."""
    closers = ["", *_ENDS]
    blocks = _markdown.parse(text)
    if blocks and blocks[-1].type == "fence":
        closers.insert(1, blocks[-1].markup)
    return text + next((f"\n{end}" if end else "" for end in closers if _ends(f"{text}\n{end}")), "")


def _ends(text: str) -> bool:
    """Whether a heading written after this text is one."""
    last = _markdown.parse(f"{text}\n\n# {_PROBE}\n")[-3:]
    types = [(block.type, block.level) for block in last[:2]]
    return types == [("heading_open", 0), ("inline", 1)] and last[1].content == _PROBE


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}\n{text}\n{fence}"


def _cell(text: str) -> str:
    """On one line, without what Markdown would read as markup."""
    return re.sub(r"([\\`*_{}\[\]<>()#|])", r"\\\1", visible_line(text))
