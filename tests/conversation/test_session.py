"""A conversation with several lanes, without a screen and without an engine."""

from __future__ import annotations

import pytest

from osstui.conversation.kept import read_talk, talk_of
from osstui.conversation.live_run import LiveRun
from osstui.conversation.session import GO_ON, Session
from osstui.events import Delta, Ended, EndReason, Failed, LaneInfo, Sent, Started, Usage
from osstui.job import Price, Target

LANES = ("groq", "cerebras")
PRICE = Price(1.0, 2.0)


def target(name: str) -> Target:
    return Target(name, name.title(), "https://example.test/v1", "openai-chat", "m", "m", price=PRICE)


@pytest.fixture
def session() -> Session:
    return Session(lanes={name: target(name) for name in LANES}, specs=[*LANES])


def begin(run: LiveRun) -> None:
    infos = tuple(map(LaneInfo.of, run.job.lanes))
    run.apply(Started(run.job.run, 1, "0", "2026-11-21T03:00:00Z", run.job.prompt, infos))


def answer(session: Session, run: LiveRun, reason: EndReason = "stop", **texts: str) -> None:
    """Every lane of the run says its text, by default its name and the prompt, and ends."""
    begin(run)
    for lane in run.job.lanes:
        run.apply(Sent(run.job.run, lane.lane, 1, 1))
        text = texts.get(lane.lane, f"{lane.lane} on {run.job.prompt}")
        if text:
            run.apply(Delta(run.job.run, lane.lane, 5, "text", text, 1))
        run.apply(Usage(run.job.run, lane.lane, 6, input=1_000_000, output=1_000_000))
        run.apply(Ended(run.job.run, lane.lane, 7, reason))
    session.end(run)


def said(session: Session, prompt: str, **texts: str) -> LiveRun:
    run = session.ask(prompt)
    answer(session, run, **texts)
    return run


def talk(run: LiveRun, lane: str) -> list[str]:
    """What a lane is sent."""
    (asked,) = [asked for asked in run.job.lanes if asked.lane == lane]
    return [message.content for message in asked.messages]


def test_each_lane_is_sent_its_own_answers(session: Session) -> None:
    said(session, "one")
    run = session.ask("two")
    assert talk(run, "groq") == ["one", "groq on one", "two"]
    assert talk(run, "cerebras") == ["one", "cerebras on one", "two"]
    assert session.busy
    answer(session, run)
    assert not session.busy


def test_a_lane_that_said_nothing_is_not_sent_that_turn(session: Session) -> None:
    said(session, "one", groq="")
    assert talk(session.ask("two"), "groq") == ["two"]


def test_asked_again_a_lane_answers_in_the_place_of_what_it_said(session: Session) -> None:
    said(session, "one")
    again = session.ask_again(["groq", "nobody"])
    assert again is not None
    assert [lane.lane for lane in again.job.lanes] == ["groq"]
    answer(session, again, groq="better")
    turn = session.turn
    assert turn is not None
    assert turn.said("groq").text == "better"  # type: ignore[union-attr]
    assert turn.part("groq").replaced.text == "groq on one"  # type: ignore[union-attr]
    assert turn.said("cerebras").text == "cerebras on one"  # type: ignore[union-attr]


def test_there_is_nothing_to_repeat_or_to_go_on_with_at_first(session: Session) -> None:
    assert session.ask_again(LANES) is None
    assert session.go_on("groq") is None
    assert session.adopt("groq") is None
    assert session.answer_calls("groq", ["result"]) is None


def test_a_cut_answer_goes_on_where_it_stopped_and_counts_as_one(session: Session) -> None:
    answer(session, session.ask("one"), "truncated", groq="To be con")
    assert session.retryable() == ["groq", "cerebras"]
    run = session.go_on("groq")
    assert run is not None
    assert talk(run, "groq") == ["one", "To be con", GO_ON]
    answer(session, run, groq="tinued")
    assert talk(session.ask("two"), "groq") == ["one", "To be continued", "two"]


def test_an_adopted_answer_is_what_the_others_go_on_with(session: Session) -> None:
    said(session, "one")
    adopted = session.adopt("groq")
    assert adopted is not None
    assert talk(session.ask("two"), "cerebras") == ["one", "groq on one", "two"]


def test_a_fork_is_named_apart_and_has_the_conversation_and_the_parameters(session: Session) -> None:
    session.parameters("groq", session.profile.laid_under({"temperature": 0.5}))
    said(session, "one")
    fork = session.fork_lane("groq")
    session.lanes[fork] = target("groq")
    assert fork == "groq#2"
    assert session.profile_of(fork).temperature == 0.5
    assert talk(session.ask("two"), fork) == ["one", "groq on one", "two"]
    assert session.fork_lane(fork) == "groq#3"


def test_going_back_keeps_what_is_left_behind_as_a_branch(session: Session) -> None:
    for prompt in ("one", "two", "three"):
        said(session, prompt)
    session.go_back(1)
    assert talk(session.ask("another"), "groq") == ["one", "groq on one", "another"]
    session.take_branch(0)
    assert [turn.prompt for turn in session.turns] == ["one", "two", "three"]
    assert [[turn.prompt for turn in branch] for branch in session.branches] == [["one", "another"]]


def test_muted_lanes_are_not_asked(session: Session) -> None:
    session.muted = {"groq"}
    assert [lane.lane for lane in session.ask("one").job.lanes] == ["cerebras"]


def test_dropped_turns_are_sent_no_more(session: Session) -> None:
    said(session, "one")
    said(session, "two")
    session.dropped["groq"] = 1
    run = session.ask("three")
    assert talk(run, "groq") == ["two", "groq on two", "three"]
    assert len(talk(run, "cerebras")) == 5


def test_all_that_was_spent_is_counted_retries_and_other_conversations_too(session: Session) -> None:
    said(session, "one")
    assert session.spent_usd == pytest.approx(6.0)
    again = session.ask_again(["groq"])
    assert again is not None
    answer(session, again)
    session.forget()
    session.spend(0.5)
    assert session.spent_usd == pytest.approx(9.5)
    assert session.turns == []


def test_only_failed_and_cut_lanes_are_retried(session: Session) -> None:
    run = session.ask("one")
    begin(run)
    run.apply(Failed(run.job.run, "groq", 3, "server", 500, "no"))
    assert session.retryable() == ["groq"]
    assert session.live_run("groq") is None
    assert session.live_run("cerebras") is run


def test_what_is_kept_of_a_conversation_brings_its_turns_back(session: Session) -> None:
    first = said(session, "one")
    session.adopt("groq")
    session.muted = {"cerebras"}
    second = session.ask("two")
    answer(session, second, "truncated", groq="half")
    on = session.go_on("groq")
    assert on is not None
    answer(session, on, groq=" and half")
    kept = read_talk(talk_of(session))
    assert kept is not None
    assert (kept.lanes, kept.muted) == ([*LANES], ["cerebras"])
    turns = kept.turns_with({run.job.run: run for run in (first, second, on)})
    assert [turn.prompt for turn in turns] == ["one", "two"]
    for name in LANES:
        assert [turn.said(name) for turn in turns] == [turn.said(name) for turn in session.turns]
