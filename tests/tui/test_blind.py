"""Blind mode: nothing on the screen tells which lane a pane shows until the user has voted."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content

from osstui.conversation.blind import Blind, letter
from osstui.job import Job
from osstui.profile import Profile
from osstui.store.history import History
from tests.tui.scripted import ScriptedEngine, Terminal, catalog, opened, terminal, whole

LANES = ("cerebras", "groq", "deepinfra")
TARGETS = dict(catalog().targets(LANES))
TELLING = re.compile(
    r"cerebras|groq|deepinfra|gpt-oss|openai|simulated|\$|tok/s|\bt/s\b|\d ms|\d s\b|TTFT|tokens|API_KEY|/1M",
    re.IGNORECASE,
)


def answers(engine: ScriptedEngine, job: Job) -> None:
    for at, lane in enumerate(job.lanes, 1):
        engine.open(lane.lane)
        engine.delta(lane.lane, "Hm.", 5 + 100 * at, "reasoning")
        engine.delta(
            lane.lane, f"answer number {LANES.index(lane.lane.partition('#')[0])}", 5 + 200 * at, n=40
        )
        engine.usage(lane.lane, 5 + 200 * at, 60)
        engine.end(lane.lane, 5 + 200 * at)


@asynccontextmanager
async def blind(
    engine: ScriptedEngine | None = None, path: Path | None = None, size: tuple[int, int] = (160, 40)
) -> AsyncIterator[Terminal]:
    """Blind mode is on, nothing is asked yet. The panes come in the order groq, deepinfra, cerebras."""
    async with terminal(engine or ScriptedEngine(answers), size=size, lanes=LANES, history=lambda: path) as t:
        t.compare.session.blind.random = Dealt()
        await t.press("ctrl+b")
        yield t


class Dealt(Random):
    """Deals so that no pane stays where it was."""

    def shuffle(self, x: list[str]) -> None:  # type: ignore[override]
        x.sort(key=["groq", "deepinfra", "cerebras", "groq#2"].index)


def everything(t: Terminal) -> str:
    """All that the screen says, what lies below the view of each pane included."""
    texts = [t.screen, t.notices]
    for pane in t.compare.grid.panes:
        rows = [pane.transcript._feed.row(y) for y in range(pane.transcript.line_count)]
        texts += [
            Content.from_markup(title or "").plain for title in (pane.border_title, pane.border_subtitle)
        ]
        texts.append(pane.meter.render().plain)
        texts += ["".join(segment.text for segment in row.segments) for row in rows if row is not None]
    return "\n".join(texts)


def nothing_tells(t: Terminal) -> bool:
    found = TELLING.search(everything(t))
    assert found is None, f"{found} in\n{everything(t)}"
    return True


def lanes(t: Terminal) -> list[str]:
    return [pane.lane for pane in t.compare.grid.panes]


@given(st.integers(), st.integers(1, 40))
def test_every_lane_has_a_letter_of_its_own_whatever_its_place(seed: int, count: int) -> None:
    blind = Blind(random=Random(seed))
    names = [f"lane{n}" for n in range(count)]
    blind.deal(dict.fromkeys(names, TARGETS["groq"]))
    assert {*blind.letters} == {*names}
    assert [*blind.letters.values()] == [letter(n) for n in range(count)]
    assert len({*blind.letters.values()}) == count
    assert letter(0) == "A"
    assert letter(27) == "B2"


def test_every_order_comes_as_often() -> None:
    blind, seen = Blind(random=Random(1)), dict[tuple[str, ...], int]()
    for _ in range(600):
        blind.deal(TARGETS)
        order = tuple(blind.letters)
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert min(seen.values()) > 60


def test_a_line_is_masked_while_names_are_hidden() -> None:
    blind = Blind(random=Dealt())
    line = "Groq and cerebras: GPT-OSS-120b costs $0.15, set GROQ_API_KEY; grok stays"
    blind.deal(TARGETS)
    assert blind.masked(line) == "A and C: … costs …, set …; grok stays"
    assert blind.called("groq") == "A"
    blind.reveal()
    assert blind.masked(line) == line
    assert blind.called("groq") == "groq"


async def test_nothing_tells_who_answers_before_while_and_after_they_do() -> None:
    async with blind(ScriptedEngine(opened)) as t:
        assert nothing_tells(t)
        assert lanes(t) == ["groq", "deepinfra", "cerebras"]
        await t.ask("Why?")
        assert nothing_tells(t)
        engine = t.engine
        engine.delta("groq", "Hm, hm.", 105, "reasoning")
        engine.delta("groq", "An answer", 205, n=40)
        engine.retry("cerebras", 100, 30_000, "Cerebras is full, see cerebras.ai")
        engine.note("groq", 210, "groq says usage is odd")
        await t.until_shown("An answer")
        assert nothing_tells(t)
        await t.until_shown("● answering")
        engine.usage("groq", 400, 60)
        engine.end("groq", 500)
        engine.fail("cerebras", 300, "groq: Invalid API Key for openai/gpt-oss-120b")
        engine.delta("deepinfra", "Cut off", 205)
        engine.end("deepinfra", 500, "truncated")
        await t.until_quiet()
        await t.until_shown("this lane failed")
        assert nothing_tells(t)
        assert all(
            word in t.screen
            for word in ("✓ done", "✗ failed", "! cut", "1/3 done", "1 failed", "1 cut", "1 A", "2 B", "3 C")
        )


async def test_no_command_gives_a_lane_away() -> None:
    async with blind() as t:
        await t.ask("one")
        await t.until_quiet()
        await t.press("alt+1")
        for key in ("i", "o", "c", "x", "m", "m", "f", "s", "g", "a", "z", "z"):
            await t.press(key)
            assert t.app.screen is t.compare
            assert nothing_tells(t)
        await t.press("w")
        await t.until_shown("only in A")
        assert nothing_tells(t)
        await t.press("escape", "r")
        await t.until(lambda: len(t.engine.jobs) == 2)
        await t.until_quiet()
        assert nothing_tells(t)


async def test_parameters_of_one_lane_are_not_shown_at_its_foot() -> None:
    async with terminal(ScriptedEngine(answers), lanes=LANES, profile=Profile()) as t:
        t.compare.session.parameters("groq", Profile(temperature=0.7))
        t.compare.show_parameters()
        await t.until_shown("0.7")
        await t.press("ctrl+b")
        await t.ask()
        await t.until_quiet()
        assert "0.7" not in everything(t)


async def test_a_vote_shows_names_and_figures_and_is_kept(tmp_path: Path) -> None:
    async with blind(path=tmp_path / "h.db") as t:
        await t.ask("Why?")
        await t.until_quiet()
        assert nothing_tells(t)
        await t.press("alt+2", "v")
        await t.until_shown("B = deepinfra")
        assert "Your vote: B = deepinfra, blind" in t.notices
        await t.until_shown("★ your vote")
        await t.until_shown("400 tok/s")
        assert lanes(t) == ["groq", "deepinfra", "cerebras"]
        run = t.engine.job.run
        await t.press("b")
        assert lanes(t) == [*LANES]
        assert "deepinfra gpt-oss-120b" in t.screen
        assert "B =" not in t.screen.replace("Your vote: B =", "")
    with History(tmp_path / "h.db") as history:
        (vote,) = history.votes()
    assert (vote.run, vote.lane, vote.blind) == (run, "deepinfra", True)
    assert {*vote.among} == {*LANES}


async def test_voting_again_changes_the_vote_and_is_not_blind_any_more(tmp_path: Path) -> None:
    async with blind(path=tmp_path / "h.db") as t:
        await t.ask("Why?")
        await t.until_quiet()
        await t.press("alt+1", "v", "alt+3", "v")
        assert "Your vote is now: C = cerebras" in t.notices
        await t.press("alt+2", "r")
        await t.until(lambda: len(t.engine.jobs) == 2)
        await t.until_quiet()
        await t.press("equals_sign")
        assert "Your vote is now: a draw" in t.notices
    with History(tmp_path / "h.db") as history:
        (vote,) = history.votes()
    assert (vote.lane, vote.blind) == (None, False)
    assert {*vote.among} == {*LANES}


async def test_each_prompt_is_dealt_anew_and_hides_what_was_said_before() -> None:
    async with blind() as t:
        await t.ask("first")
        await t.until_quiet()
        await t.press("alt+1", "v")
        t.compare.session.blind.random = Random(3)
        await t.ask("second")
        await t.until_quiet()
        assert nothing_tells(t)
        assert "❯ first" not in everything(t)
        assert t.screen.count("answer number") == 3
        await t.press("alt+1", "equals_sign")
        await t.until(lambda: t.screen.count("answer number") == 6)


async def test_answers_seen_with_their_names_make_no_blind_vote(tmp_path: Path) -> None:
    async with terminal(ScriptedEngine(answers), lanes=LANES, history=lambda: tmp_path / "h.db") as t:
        await t.ask()
        await t.until_quiet()
        await t.press("ctrl+b")
        assert nothing_tells(t)
        await t.press("alt+1", "v")
        assert "Your vote" in t.notices
        assert ", blind" not in t.notices
    with History(tmp_path / "h.db") as history:
        assert [vote.blind for vote in history.votes()] == [False]


async def test_a_vote_without_blind_mode_is_kept_too(tmp_path: Path) -> None:
    async with terminal(ScriptedEngine(answers), lanes=LANES, history=lambda: tmp_path / "h.db") as t:
        await t.press("alt+1", "v")
        assert "There is no answer to vote on yet" in t.notices
        await t.ask()
        await t.until_quiet()
        await t.press("alt+2", "v")
        assert "Your vote: groq" in t.notices
        assert "not kept" not in t.notices
        await t.until_shown("★ your vote")
    with History(tmp_path / "h.db") as history:
        assert [(vote.lane, vote.blind) for vote in history.votes()] == [("groq", False)]


async def test_a_vote_waits_for_the_answers_and_needs_two() -> None:
    async with blind(ScriptedEngine(opened)) as t:
        await t.ask()
        t.engine.delta("groq", "I am there", 100)
        await t.press("alt+1", "v")
        assert "vote when they are whole" in t.notices
        t.engine.end("groq", 200)
        t.engine.fail("cerebras", 300, "no")
        t.engine.end("deepinfra", 300)
        await t.until_quiet()
        await t.press("v")
        assert "A vote needs two answers" in t.notices
        assert nothing_tells(t)


async def test_without_a_history_it_is_said_that_the_vote_is_not_kept() -> None:
    async with blind() as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "v")
        assert "It is not kept" in t.notices
        await t.until_shown("A = groq")


async def test_leaving_blind_mode_shows_all_again_and_a_new_conversation_too() -> None:
    async with blind() as t:
        await t.ask()
        await t.until_quiet()
        assert "blind: v votes" in t.screen
        await t.press("ctrl+b")
        await t.until_shown("400 tok/s")
        assert lanes(t) == [*LANES]
        assert "blind" not in t.screen.replace("Blind mode is off", "")
        await t.press("ctrl+b", "ctrl+n")
        await t.until_shown("blind from the next prompt on")
        assert "A =" not in t.screen
        assert lanes(t) == [*LANES]
        assert "gpt-oss-120b" in t.screen


async def test_readers_keep_their_places_when_names_are_shown() -> None:
    long = "\n\n".join(f"paragraph {n}" for n in range(80))
    async with blind(ScriptedEngine(whole(long))) as t:
        await t.ask()
        await t.until_quiet()
        pane = t.compare.grid.panes[0].transcript
        await t.press("alt+1", "home")
        await t.until(lambda: pane.scroll_y == 0)
        await t.press("pagedown")
        await t.until(lambda: pane.scroll_y == pane.scroll_target_y > 5)
        before = pane.scroll_y
        await t.press("v")
        await t.until_shown("A = groq")
        assert abs(pane.scroll_y - before) <= 2
        assert not pane.following


async def test_a_fork_gets_the_next_letter() -> None:
    async with blind() as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "d")
        await t.until(lambda: len(lanes(t)) == 4)
        await t.until_shown("4 D")
        assert nothing_tells(t)


async def test_switching_it_on_and_off_while_answers_come_loses_nothing() -> None:
    async with terminal(ScriptedEngine(opened), lanes=LANES) as t:
        await t.ask()
        t.engine.delta("groq", "one ", 105)
        await t.until_shown("one")
        await t.press("ctrl+b")
        t.engine.delta("groq", "two ", 205)
        await t.until_shown("one two")
        assert nothing_tells(t)
        await t.press("ctrl+b")
        t.engine.delta("groq", "three", 305)
        await t.until_shown("one two three")
        await t.until_shown("● streaming")
        t.engine.cancel(t.engine.job.run)
        await t.until_quiet()
        assert lanes(t) == [*LANES]


async def test_a_conversation_that_is_opened_again_shows_its_names(tmp_path: Path) -> None:
    path = tmp_path / "h.db"
    async with blind(path=path) as t:
        await t.ask("first")
        await t.until_quiet()
        assert nothing_tells(t)
        await t.press("ctrl+g")
        await t.until(lambda: t.app.screen is not t.compare and "first" in t.screen)
        await t.press("enter")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown("400 tok/s")
        assert lanes(t) == [*LANES]
        assert "A =" not in t.screen
        await t.ask("second")
        await t.until_quiet()
        assert nothing_tells(t)
