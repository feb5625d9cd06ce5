"""What the user's votes make of hosts and models."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from osstui.safe_text import visible_line
from osstui.store.schema import HistoryError
from osstui.store.votes import Standing, Vote, ranking
from osstui.tui.say import LONG, say
from osstui.tui.screens.page import PageScreen

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen

WIDTH = 96
"""Cells of the box, where the terminal has them."""
FIXED = 7 + 36
"""Cells that border, padding, scrollbar and figures take; the rest is the name's and the bar's."""


class RankingScreen(PageScreen):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f12", "dismiss(None)", "Close", show=False),
        Binding("b", "blind_only", "Blind votes only"),
    ]

    def __init__(self, votes: Sequence[Vote]) -> None:
        super().__init__("Ranking by your votes", "b blind votes only, or all")
        self._votes = votes
        self._blind_only = False

    def action_blind_only(self) -> None:
        self._blind_only = not self._blind_only
        self.draw()

    def text(self) -> Content:
        return Content("\n").join(self._lines())

    def _lines(self) -> Iterator[Content]:
        cast = [vote for vote in self._votes if vote.blind or not self._blind_only]
        kind = "blind vote" if self._blind_only else "vote"
        yield Content.styled(f"{len(cast):,} {kind}{'s' * (len(cast) != 1)}", "bold")
        yield Content("")
        table = ranking(cast)
        if not table:
            yield Content("v in a pane votes for its answer, = is a draw, b hides names until then")
            return
        room = min(WIDTH, int(self.app.size.width * 0.96)) - FIXED
        bar = 20 if room >= 50 else 10
        name = room - bar
        yield Content.styled(
            f"    {'host and model'.ljust(name)} share  {'interval'.ljust(bar)}  contests won drawn lost",
            "$secondary",
        )
        for place, line in enumerate(table, 1):
            yield _line(place, line, name, bar)
        yield Content("")
        yield Content.styled(
            "A vote is one contest with each lane beaten; a draw is half a win for each. The bar is the 95 % "
            "interval of the share (Wilson), by whose lower end the table is sorted. (sim): simulated.",
            "$secondary",
        )


def _line(place: int, line: Standing, room: int, width: int) -> Content:
    mark = " (sim)" if line.contender.simulated else ""
    plain = visible_line(f"{line.contender.provider}:{line.contender.model}", 200)
    name = Content(plain).truncate(room - len(mark), ellipsis=True) + mark
    return Content.assemble(
        (f"{place:>2}  ", "$secondary"),
        name.pad_right(room - name.cell_length).stylize("bold"),
        (f" {line.share:>5.0%}", "bold"),
        "  ",
        (bar(line, width), "$primary"),
        f"  {line.contests:>8} {line.wins:>3} {line.draws:>5} {line.losses:>4}",
    )


def bar(line: Standing, width: int) -> str:
    """`··├──●──┤···`: the share within its interval."""
    low, share, high = (
        round(part * (width - 1)) for part in (line.interval[0], line.share, line.interval[1])
    )
    cells = ["·"] * low + ["─"] * (high - low + 1) + ["·"] * (width - 1 - high)
    cells[low], cells[high] = "├", "┤"
    cells[share] = "●"
    return "".join(cells)


async def show_ranking(screen: CompareScreen) -> None:
    """Reads the votes in a thread and shows what they come to."""
    try:
        history = await asyncio.to_thread(screen.keeper.history)
        votes = await asyncio.to_thread(history.votes) if history is not None else None
    except HistoryError as error:
        say(screen.app, str(error), "error", timeout=LONG)
        return
    if votes is None:
        say(screen.app, "No vote is kept: the history is switched off")
    else:
        screen.app.push_screen(RankingScreen(votes))
