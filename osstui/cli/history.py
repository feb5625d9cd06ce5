"""`osstui history …`: the runs of the past; without a subcommand, a list of them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from osstui.cli.choosing import choosing
from osstui.cli.group import LazyGroup, narrate
from osstui.cli.options import json_option
from osstui.cli.output import Stdout, json_document
from osstui.cli.past import opened
from osstui.measure.format import show as shown
from osstui.safe_text import cut_to, visible, visible_line

if TYPE_CHECKING:
    from osstui.store.history import History
    from osstui.store.only import Only
    from osstui.store.rows import Hit, RunRow

_FIRST_PAGE = 50


_ELSEWHERE = {
    **{
        name: f"osstui.cli.history_change:{name}"
        for name in ("rename", "tag", "untag", "pin", "unpin", "delete")
    },
    "ranking": "osstui.cli.history_ranking:ranking",
    "stats": "osstui.cli.history_stats:stats",
}


@click.group(
    cls=LazyGroup,
    places=_ELSEWHERE,
    invoke_without_command=True,
    short_help="Past runs: list, search, show, tag, delete.",
)
@json_option
@click.option(
    "--limit", type=click.IntRange(min=1), metavar="N", help=f"At most N runs; {_FIRST_PAGE} without --json."
)
@choosing
@click.pass_context
def history(context: click.Context, as_json: bool, limit: int | None, only: Only) -> None:
    """List past runs, newest first.

    RUN is a run's id, the beginning of one, or `last`. The history stands in one file in the user's data
    folder; OSSTUI_HISTORY names another, or switches it off.
    """
    if context.invoked_subcommand is not None:
        return
    with opened() as past:
        rows = past.runs(limit or (None if as_json else _FIRST_PAGE), only=only)
    out = Stdout()
    out.write(json_document([plain(row) for row in rows]) if as_json else _lines(rows, out.is_terminal))


@history.command()
@click.argument("words", nargs=-1, required=True)
@json_option
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N")
@choosing
def search(words: tuple[str, ...], as_json: bool, limit: int, only: Only) -> None:
    """Find runs whose prompt or answers hold all WORDS, best first.

    The last word may be unfinished; words in double quotes are a phrase.
    """
    with opened() as past:
        hits = past.search(" ".join(words), limit, only=only)
    out = Stdout()
    if as_json:
        out.write(json_document([plain(hit.run) | {"snippet": _snippet(hit)} for hit in hits]))
    else:
        out.write("".join(_found(hit, out.is_terminal) for hit in hits))
        if not hits:
            narrate("nothing found")


@history.command()
@click.argument("run")
@json_option
@click.option("--conversation", is_flag=True, help="All turns of the conversation of RUN.")
def show(run: str, as_json: bool, conversation: bool) -> None:
    """Print a run's prompt, and its answers and numbers as `osstui ask` did."""
    from osstui.store.export import past, past_conversation
    from osstui.store.export.plain_json import plain as whole

    out = Stdout()
    with opened() as kept:
        if as_json:
            found = whole(past_conversation(kept, run)) if conversation else past(kept, run).document
            out.write(json_document(found))
            return
        rows = kept.conversation(run).runs if conversation else [kept.run(run)]
        text = "\n".join(_page(kept, row, numbered=conversation) for row in rows)
    out.write(visible(text) if out.is_terminal else text)


def _page(kept: History, row: RunRow, *, numbered: bool) -> str:
    from osstui.cli import plain as page
    from osstui.store.export import told_vote

    turn = f"turn {row.position + 1} · " if numbered else ""
    head = visible_line(f"{turn}{_when(row)} · run {row.run}")
    prompt = "\n".join(f"> {line}".rstrip() for line in row.prompt.split("\n"))
    text = f"{head}\n\n{prompt}\n\n{page.report(kept.state(row.run))}"
    vote = next((vote.plain for vote in kept.votes(row.run)), None)
    return text + (f"{told_vote({'vote': vote})}\n" if vote else "")


def plain(row: RunRow) -> dict[str, object]:
    """A run as `osstui history --json` lists it."""
    return {
        "run_id": row.run,
        "started_at": row.started_at,
        "prompt": row.prompt,
        "lanes": list(row.lanes),
        "cost_usd": row.cost_usd,
        "conversation": row.conversation,
        "title": row.title,
        "tags": list(row.tags),
        "pinned": row.pinned,
        "state": row.state,
    }


def _lines(rows: Sequence[RunRow], fit: bool) -> str:
    """A line a run; cut to the terminal's width where it is one."""
    costs = [shown(row.cost_usd, "$") for row in rows]
    width = max(map(len, costs), default=0)
    return "".join(_line(row, f"{cost:>{width}}", fit) for row, cost in zip(rows, costs, strict=True))


def _line(row: RunRow, cost: str, fit: bool) -> str:
    marks = [*(["pinned"] if row.pinned else []), *(f"#{tag}" for tag in row.tags)]
    marks += {"died": ["cut"], "running": ["running"]}.get(row.state, [])
    cells = [row.run, _when(row), cost, " ".join(marks), ", ".join(row.lanes), row.prompt]
    line = "  ".join(visible_line(cell) if cell is not cost else cost for cell in cells if cell)
    return (cut_to(line, shutil.get_terminal_size().columns) if fit else line) + "\n"


def _found(hit: Hit, fit: bool) -> str:
    text = "".join(click.style(part, bold=True) if found and fit else part for part, found in _safe(hit))
    return _line(hit.run, shown(hit.run.cost_usd, "$"), fit) + f"    {text}\n"


def _safe(hit: Hit) -> list[tuple[str, bool]]:
    return [(visible(part.replace("\n", " ").replace("\r", " ")), found) for part, found in hit.snippet]


def _snippet(hit: Hit) -> str:
    return "".join(text for text, _ in hit.snippet)


def _when(row: RunRow) -> str:
    """In the local time zone."""
    try:
        return datetime.fromisoformat(row.started_at).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return visible_line(row.started_at, 16).ljust(16)
