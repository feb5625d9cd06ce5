"""Votes on answers, and the ranking that they make."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

from osstui.measure.stats import wilson
from osstui.store.statements import Op


class Contender(NamedTuple):
    """What is ranked: a model at a host. Simulated hosts are ranked apart from real ones."""

    provider: str
    model: str
    simulated: bool = False

    @property
    def name(self) -> str:
        return f"{self.provider}:{self.model}" + (" (simulated)" if self.simulated else "")


@dataclass(frozen=True, slots=True)
class Vote:
    """Of one turn. `lane` is None for a draw."""

    run: str
    lane: str | None
    blind: bool
    voted: float
    """Unix time in seconds."""
    among: dict[str, Contender]
    """By lane: those whose answers could be read; of a lane that was asked again, the last answer."""

    @property
    def plain(self) -> dict[str, str | bool | float | None]:
        """As the run's document tells it."""
        return {"lane": self.lane, "blind": self.blind, "voted": self.voted}


@dataclass(frozen=True, slots=True)
class Standing:
    """A line of the ranking. A vote for a lane is one contest with each of the others, won; a draw is one
    contest of each with each."""

    contender: Contender
    wins: int
    draws: int
    losses: int

    @property
    def contests(self) -> int:
        return self.wins + self.draws + self.losses

    @property
    def share(self) -> float:
        """Of the contests won, a draw being half a win: 0 to 1."""
        return (self.wins + self.draws / 2) / self.contests

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the share (Wilson 1927). Contests of one turn are taken as independent,
        which makes it a little narrow."""
        return wilson(self.wins + self.draws / 2, self.contests)

    @property
    def interval_told(self) -> str:
        low, high = self.interval
        return f"{low:.0%} to {high:.0%}"


def cast(runs: Sequence[str], lane: str | None, *, blind: bool, when: float) -> list[Op]:
    """The statements that keep a vote on a turn; an earlier one on the same turn is replaced.

    `runs` are all runs of the turn, the one that holds the lane voted for last.
    """
    marks = ", ".join("?" * len(runs))
    forget = f"DELETE FROM votes WHERE turn IN (SELECT id FROM turns WHERE run IN ({marks}))"  # noqa: S608
    keep = "INSERT INTO votes (turn, lane, blind, voted) SELECT id, ?, ?, ? FROM turns WHERE run = ?"
    return [(forget, tuple(runs)), (keep, (lane, int(blind), when, runs[-1]))]


def votes(db: sqlite3.Connection, run: str | None = None) -> list[Vote]:
    """All votes, oldest first, or that of one run. Raises sqlite3.Error."""
    found: dict[str, Vote] = {}
    for at, lane, blind, voted, name, provider, model, simulated in db.execute(_VOTES, (run, run)):
        vote = found.setdefault(at, Vote(at, lane, bool(blind), voted, {}))
        vote.among[name] = Contender(provider, model, bool(simulated))
    return [*found.values()]


def ranking(cast: Iterable[Vote], *, blind_only: bool = False) -> list[Standing]:
    """Best first: by the lower end of the interval, so that few contests don't put anybody at the top (Evan
    Miller, How Not To Sort By Average Rating, 2009)."""
    tally: dict[Contender, list[int]] = {}
    for vote in cast:
        if not blind_only or vote.blind:
            for one, other, drawn in _contests(vote):
                tally.setdefault(one, [0, 0, 0])[1 if drawn else 0] += 1
                tally.setdefault(other, [0, 0, 0])[1 if drawn else 2] += 1
    table = [Standing(contender, *counts) for contender, counts in tally.items()]
    return sorted(table, key=lambda line: (-line.interval[0], -line.share, line.contender))


def _contests(vote: Vote) -> Iterable[tuple[Contender, Contender, bool]]:
    """The winner, the loser, and whether it was a draw; nobody is set against itself."""
    if vote.lane is None:
        pairs = [(*pair, True) for pair in combinations(vote.among.values(), 2)]
    elif (winner := vote.among.get(vote.lane)) is not None:
        pairs = [(winner, other, False) for name, other in vote.among.items() if name != vote.lane]
    else:
        pairs = []
    return [(one, other, drawn) for one, other, drawn in pairs if one != other]


_VOTES = """
SELECT voted_on.run, votes.lane, blind, voted, lanes.lane, provider, model,
    coalesce(json_extract(document, '$.simulated'), 0)
FROM votes JOIN turns AS voted_on ON voted_on.id = votes.turn
JOIN turns ON turns.conversation = voted_on.conversation AND turns.position = voted_on.position
    AND turns.prompt = voted_on.prompt
JOIN lanes ON lanes.turn = turns.id
WHERE lanes.text <> '' AND (? IS NULL OR voted_on.run = ?)
ORDER BY voted, voted_on.id, turns.id, lanes.position
"""
