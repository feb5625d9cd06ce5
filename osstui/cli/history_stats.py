"""`osstui history stats`: what was asked adds up to, host by host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from osstui.cli.choosing import choosing
from osstui.cli.group import narrate
from osstui.cli.options import json_option
from osstui.cli.output import Stdout, json_document
from osstui.cli.past import opened
from osstui.cli.plain import aligned
from osstui.measure.format import show
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.store.only import Only
    from osstui.store.tally import Line

_HEAD = ["host and model", "answers", "ok", "TTFT", "Speed", "Output tokens", "Cost"]


@click.command()
@json_option
@choosing
def stats(as_json: bool, only: Only) -> None:
    """Add up answers, tokens and cost by host and model, with the medians of TTFT and speed.

    Medians are over whole answers. Simulated hosts stand apart and cost nothing.
    """
    with opened() as past:
        lines = past.tally(only)
    spent = [line.cost_usd for line in lines if line.cost_usd is not None and not line.contender.simulated]
    total = sum(spent) if spent else None
    out = Stdout()
    if as_json:
        out.write(json_document({"v": 1, "cost_usd": total, "hosts": [plain(line) for line in lines]}))
    elif lines:
        rows = [_HEAD, *map(_cells, lines)]
        if len(lines) > 1:
            rows.append(["spent at real hosts", "", "", "", "", "", show(total, "$")])
        out.write("\n".join(aligned(rows)) + "\n")
    else:
        narrate("nothing was asked")


def plain(line: Line) -> dict[str, object]:
    """A line as `--json` lists it."""
    return {
        "provider": line.contender.provider,
        "model": line.contender.model,
        "simulated": line.contender.simulated,
        "answers": line.answers,
        "ok": line.ok,
        "ttft_ms": line.ttft_ms,
        "output_tps": line.output_tps,
        "output_tokens": line.output_tokens,
        "cost_usd": line.cost_usd,
    }


def _cells(line: Line) -> list[str]:
    return [
        visible_line(line.contender.name, 60),
        f"{line.answers:,}",
        f"{line.ok / line.answers:.0%}",
        show(line.ttft_ms, "ms"),
        show(line.output_tps, "tok/s"),
        show(line.output_tokens, "count"),
        show(line.cost_usd, "$"),
    ]
