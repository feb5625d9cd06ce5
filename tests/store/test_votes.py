"""Votes in the history and the ranking they make."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.measure.stats import wilson
from osstui.store.history import History
from osstui.store.statements import Place
from osstui.store.votes import Contender, Vote, cast, ranking
from osstui.store.writer import HistoryWriter
from tests.store.made import fail, whole_run, write

A, B, C = (Contender(provider, "gpt-oss-120b") for provider in ("a", "b", "c"))
AMONG = {"a": A, "b": B, "c": C}


def voted(lane: str | None, blind: bool = True, among: dict[str, Contender] = AMONG) -> Vote:
    return Vote("run", lane, blind, 0.0, among)


def vote(path: Path, runs: list[str], lane: str | None, blind: bool = True, when: float = 1.0) -> None:
    with HistoryWriter(path, fail) as writer:
        assert writer.add(cast(runs, lane, blind=blind, when=when))


def test_a_vote_wins_against_each_other_lane_and_they_lose_to_it_alone() -> None:
    table = {line.contender: line for line in ranking([voted("a"), voted("a"), voted("b")])}
    assert (table[A].wins, table[A].draws, table[A].losses, table[A].contests) == (4, 0, 1, 5)
    assert (table[B].wins, table[B].losses, table[C].wins, table[C].losses) == (2, 2, 0, 3)
    assert table[A].share == 0.8
    assert table[A].interval == wilson(4, 5)


def test_a_draw_is_half_a_win_of_each_against_each() -> None:
    for line in ranking([voted(None)]):
        assert (line.wins, line.draws, line.losses, line.share) == (0, 2, 0, 0.5)


def test_few_contests_put_nobody_at_the_top() -> None:
    two = {"b": B, "c": C}
    votes = [voted("b", among=two), *[voted("a", among={"a": A, "c": C})] * 20, voted("c")]
    assert next(line.contender for line in ranking(votes)) == A
    assert {line.contender: line.share for line in ranking(votes)}[B] == 0.5


def test_only_blind_votes_where_they_are_wanted() -> None:
    votes = [voted("a", blind=False), voted("b")]
    assert next(line.contender for line in ranking(votes, blind_only=True)) == B
    assert sum(line.wins for line in ranking(votes, blind_only=True)) == 2


def test_a_model_at_a_host_is_not_set_against_itself_and_simulated_hosts_stand_apart() -> None:
    twice = {"a": A, "a#2": A, "b": B, "sim": A._replace(simulated=True)}
    table = {line.contender: line for line in ranking([voted("a", among=twice)])}
    assert table[A].contests == 2
    assert table[A._replace(simulated=True)].losses == 1
    assert A._replace(simulated=True).name == "a:gpt-oss-120b (simulated)"


@given(st.lists(st.sampled_from(["a", "b", "c", None, "gone"]), max_size=30))
def test_every_contest_is_won_as_often_as_lost(lanes: list[str | None]) -> None:
    table = ranking(map(voted, lanes))
    assert sum(line.wins for line in table) == sum(line.losses for line in table)
    assert sum(line.draws for line in table) % 2 == 0
    lows = [line.interval[0] for line in table]
    assert lows == sorted(lows, reverse=True)
    for line in table:
        assert 0 <= line.interval[0] <= line.share <= line.interval[1] <= 1


def test_a_vote_comes_back_with_those_who_answered(path: Path) -> None:
    write(path, whole_run("run1"))
    vote(path, ["run1"], "groq")
    with History(path) as history:
        (kept,) = history.votes()
        assert history.votes("run1") == [kept]
    assert (kept.run, kept.lane, kept.blind, kept.voted) == ("run1", "groq", True, 1.0)
    assert kept.among == {name: Contender(name, "gpt-oss-120b") for name in ("groq", "together")}


def test_voting_again_on_any_run_of_the_turn_changes_the_vote(path: Path) -> None:
    place = Place("talk", 0)
    write(path, whole_run("run1"), place)
    write(path, whole_run("run2", lanes=["groq"]), place)
    vote(path, ["run1", "run2"], "groq")
    vote(path, ["run2", "run1"], "together", blind=False, when=2.0)
    with History(path) as history:
        (kept,) = history.votes()
        assert (kept.run, kept.lane, kept.blind) == ("run1", "together", False)
        assert {*kept.among} == {"groq", "together"}


def test_turns_of_other_prompts_and_conversations_do_not_take_part(path: Path) -> None:
    write(path, whole_run("run1", lanes=["groq", "together"]), Place("talk", 0))
    write(path, whole_run("run2", "another?", lanes=["novita"]), Place("talk", 0))
    write(path, whole_run("run3", lanes=["baseten"]), Place("other", 0))
    vote(path, ["run1"], None)
    with History(path) as history:
        assert {*history.votes()[0].among} == {"groq", "together"}


def test_a_vote_waits_in_line_behind_the_run_it_is_on(path: Path) -> None:
    with HistoryWriter(path, fail) as writer:
        for event in whole_run("run1"):
            writer.put(event)
        assert writer.add(cast(["run1"], None, blind=False, when=1.0))
    assert not writer.add([])
    with History(path) as history:
        assert [(kept.lane, kept.blind) for kept in history.votes()] == [(None, False)]


def test_a_vote_goes_with_its_run(path: Path) -> None:
    write(path, whole_run("run1"))
    vote(path, ["run1"], "groq")
    with History(path) as history:
        history.delete("run1")
        assert history.votes() == []


@pytest.mark.parametrize(
    ("hits", "tries", "low", "high"), [(8, 10, 0.4902, 0.9433), (0.5, 1, 0.0546, 0.9454)]
)
def test_the_interval_holds_for_halves(hits: float, tries: int, low: float, high: float) -> None:
    assert wilson(hits, tries) == pytest.approx((low, high), abs=2e-4)
