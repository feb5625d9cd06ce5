"""`osstui history ranking`: what the user's votes make of hosts and models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from osstui.cli.group import narrate
from osstui.cli.options import json_option
from osstui.cli.output import Stdout, json_document
from osstui.cli.past import opened
from osstui.cli.plain import aligned
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.store.votes import Standing

_FOOT = "A vote is one contest with each lane beaten; a draw is half a win for each. Sorted by the lower end."


@click.command()
@json_option
@click.option("--blind-only", is_flag=True, help="Only votes cast in blind mode.")
def ranking(as_json: bool, blind_only: bool) -> None:
    """Rank hosts and models by your votes in the app.

    A vote is one contest with each lane that it beat. The win share, a draw being half a win, comes with its
    95 % Wilson interval, by whose lower end the table is sorted. Simulated hosts are ranked apart.
    """
    from osstui.store import votes

    with opened() as past:
        cast = [vote for vote in past.votes() if vote.blind or not blind_only]
    table = votes.ranking(cast)
    out = Stdout()
    if as_json:
        out.write(json_document({"v": 1, "votes": len(cast), "ranking": [plain(line) for line in table]}))
    elif table:
        rows = [["", "host and model", "share", "95 % interval", "contests", "won", "drawn", "lost"]]
        rows += [[str(place), *_cells(line)] for place, line in enumerate(table, 1)]
        out.write("\n".join(aligned(rows)) + "\n")
        narrate(f"{len(cast)} vote{'s' * (len(cast) != 1)}. {_FOOT}")
    else:
        narrate("no votes yet: in the app, v votes for a pane's answer, = is a draw")


def plain(line: Standing) -> dict[str, object]:
    """A line of the ranking as `--json` lists it."""
    low, high = line.interval
    return {
        "provider": line.contender.provider,
        "model": line.contender.model,
        "simulated": line.contender.simulated,
        "contests": line.contests,
        "wins": line.wins,
        "draws": line.draws,
        "losses": line.losses,
        "share": round(line.share, 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def _cells(line: Standing) -> list[str]:
    counts = [line.contests, line.wins, line.draws, line.losses]
    return [visible_line(line.contender.name, 60), f"{line.share:.0%}", line.interval_told, *map(str, counts)]
