"""Runs as one HTML page that needs nothing else: no script, no font, no picture, no network.

Answers are rendered as Markdown without raw HTML and without images, with control characters made visible.
The `--json` document stands at the end of the page, foldable, so that every text is in it to the byte.
"""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from osstui.safe_text import visible, visible_line
from osstui.store.export import Past, PastConversation, told_vote
from osstui.store.export.numbers import numbers
from osstui.store.export.plain_json import plain

DOCUMENT_ID = "osstui-document"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_CONTROLS = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def write(past: Past) -> str:
    run = past.document
    head = f"osstui {run['osstui']} · {run['started_at']} · run {run['run_id']}"
    return _page(run["prompt"], head, _run(past), run)


def write_all(whole: PastConversation) -> str:
    parts, before = [], 0
    for turn, past in whole.runs:
        again = ", asked again" if turn == before else ""
        parts.append(f'<h2 class="turn dim">Turn {turn}{again} · {_line(past.document["started_at"])}</h2>\n')
        parts.append(_run(past))
        before = turn
    marks = " ".join(f"#{tag}" for tag in whole.tags)
    return _page(whole.title, f"{whole.title} {marks}", "".join(parts), plain(whole))


def _page(title: str, head: str, body: str, data: dict[str, Any]) -> str:
    style = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width">
<meta name="referrer" content="no-referrer">
<title>{escape(visible_line(title, 80) or "osstui")}</title>
<style>
{style}</style>
</head>
<body>
<h1 class="dim">{_line(head)}</h1>
<main>
{body}</main>
<details>
<summary class="dim">All of this as a JSON document</summary>
<pre id="{DOCUMENT_ID}">{_document(data)}</pre>
</details>
</body>
</html>
"""


def _run(past: Past) -> str:
    run = past.document
    vote = told_vote(run)
    return f"""<p class="prompt" dir="auto">{escape(_shown(run["prompt"]))}</p>
<div class="panes">
{"".join(map(_pane, past.lanes))}</div>
{f'<p class="dim">{_line(vote)}</p>' if vote else ""}
"""


def _pane(lane: dict[str, Any]) -> str:
    status = escape(lane["status"])
    parts = [
        f'<h3>{_line(lane["lane"])} <span class="{status}">{status}</span></h3>',
        f'<div class="dim">{_line(lane["provider"])} · {_line(lane["model_id"])}</div>',
        _numbers(lane),
    ]
    for given in lane.get("tool_results") or ():
        told = f"{given['name']} {given['arguments']}\n→ {given['result']}"
        parts.append(f"<pre><code>{escape(_shown(told))}</code></pre>")
    if lane.get("reasoning"):
        body = _rendered(lane["reasoning"])
        parts.append(f'<details class="dim"><summary>Reasoning</summary>{body}</details>')
    if lane.get("text"):
        parts.append(f'<div dir="auto">{_rendered(lane["text"])}</div>')
    if lane.get("tool_text"):
        parts.append(f"<pre><code>{escape(_shown(lane['tool_text']))}</code></pre>")
    if lane.get("error"):
        parts.append(f'<p class="error">{_line(lane["error"]["message"])}</p>')
    parts += [f'<p class="dim">{_line(warning)}</p>' for warning in lane.get("warnings") or []]
    return '<section class="pane">\n' + "\n".join(parts) + "\n</section>\n"


def _numbers(lane: dict[str, Any]) -> str:
    cells = [
        f'<div title="{_line(number.why_missing or "")}"><dt>{escape(number.title)}</dt>'
        f"<dd>{escape(number.text)}</dd></div>"
        for number in numbers(lane)
    ]
    return f"<dl>{''.join(cells)}</dl>"


def _rendered(text: str) -> str:
    html: str = _markdown.render(_shown(text))
    return html


def _shown(text: str) -> str:
    return visible(text.replace("\r\n", "\n"))


def _line(text: str) -> str:
    return escape(visible_line(str(text)))


def _document(run: dict[str, Any]) -> str:
    """As JSON whose every character HTML keeps as it is: U+0085 and its like become \\u escapes."""
    plain = json.dumps(run, ensure_ascii=False, allow_nan=False, indent=1)
    return escape(_CONTROLS.sub(lambda match: f"\\u{ord(match.group()):04x}", plain), quote=False)
