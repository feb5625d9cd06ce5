"""A conversation that is opened again goes on as it would have: what each lane heard, how it is asked."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from osstui.job import Job, Lane
from osstui.profile import Profile
from osstui.store.history import History
from osstui.tui.screens.history import HistoryScreen
from tests.tui.scripted import ScriptedEngine, Terminal, terminal


def spoken(engine: ScriptedEngine, job: Job) -> None:
    """Every lane answers in its own words, and how often it was asked; what goes on meets its limit."""
    for lane in job.lanes:
        engine.open(lane.lane)
        text = f"{lane.lane} to {lane.messages[-1].content[:9]} #{len(engine.jobs)}"
        engine.delta(lane.lane, text, 100)
        engine.end(lane.lane, 200, "length")


async def say_to_all(t: Terminal, prompt: str) -> None:
    await t.ask(prompt)
    await t.until_quiet()


async def in_pane(t: Terminal, pane: int, key: str) -> None:
    """A key in a pane that asks, and the answer."""
    before = len(t.engine.jobs)
    await t.press(f"alt+{pane}", key)
    await t.until(lambda: len(t.engine.jobs) > before)
    await t.until_quiet()


async def reopen(t: Terminal) -> None:
    await t.press("ctrl+g")
    await t.until(lambda: isinstance(t.app.screen, HistoryScreen) and t.app.screen._listed is not None)
    await t.press("enter")
    await t.until(lambda: t.compare.session.turns)
    await t.until_quiet()


def would_send(t: Terminal) -> list[Lane]:
    session = t.compare.session
    return [session.lane_for(name, "next") for name in session.lanes]


async def test_what_was_adopted_forked_gone_on_with_muted_and_set_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    profile = Profile(system="Be brief", response_format="json", stop=("END",))
    async with terminal(ScriptedEngine(spoken), profile=profile, history=lambda: path) as t:
        t.compare.session.parameters("groq", Profile(temperature=0.5, seed=7))
        await say_to_all(t, "one")
        await t.press("alt+2", "a")
        await say_to_all(t, "two")
        await in_pane(t, 1, "g")
        await in_pane(t, 2, "r")
        await t.press("alt+1", "d")
        await t.until(lambda: len(t.compare.grid.panes) == 4)
        await say_to_all(t, "three")
        await t.press("alt+3", "m")
        await say_to_all(t, "four")
        before, muted = would_send(t), t.compare.session.muted
        names = [pane.lane for pane in t.compare.grid.panes]
        shown = [[turn.said(name) for name in names] for turn in t.compare.session.turns]
    told = {lane.lane: [message.content for message in lane.messages] for lane in before}
    assert told["cerebras"][2] == "groq to one #1", "adopted"
    assert told["cerebras"][4].startswith("cerebras to two #2cerebras to "), "gone on with"
    assert told["groq"][3].endswith("#4"), "asked again"
    assert told["cerebras#2"][:5] == told["cerebras"][:5], "forked"
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await reopen(t)
        assert [pane.lane for pane in t.compare.grid.panes] == names
        assert would_send(t) == before
        assert t.compare.session.muted == muted != set()
        assert [[turn.said(name) for name in names] for turn in t.compare.session.turns] == shown
        await t.until_shown("response format json")


async def test_what_was_adopted_forked_muted_and_set_after_the_last_answer_is_there_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "history.db"
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await say_to_all(t, "one")
        await t.press("alt+2", "a")
        await t.press("alt+3", "d")
        await t.until(lambda: len(t.compare.grid.panes) == 4)
        await t.press("alt+1", "m")
        before, muted = would_send(t), t.compare.session.muted
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await reopen(t)
        assert would_send(t) == before
        assert t.compare.session.muted == muted != set()
        await t.press("alt+2", "m")
        muted = t.compare.session.muted
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await reopen(t)
        assert t.compare.session.muted == muted
        assert len(muted) == 2


async def test_the_branch_that_was_gone_on_with_is_the_one_that_opens(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with terminal(ScriptedEngine(spoken), lanes=["groq"], history=lambda: path) as t:
        for prompt in ("one", "two", "three"):
            await say_to_all(t, prompt)
        t.compare.session.go_back(1)
        await say_to_all(t, "another two")
        t.compare.session.take_branch(0)
        await say_to_all(t, "four")
        before = would_send(t)
    assert [message.content for message in before[0].messages if message.role == "user"] == [
        "one", "two", "three", "four", "next",
    ]  # fmt: skip
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await reopen(t)
        assert would_send(t) == before


async def test_a_run_that_was_deleted_is_left_out_of_the_conversation(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with terminal(ScriptedEngine(spoken), lanes=["groq"], history=lambda: path) as t:
        await say_to_all(t, "one")
        await say_to_all(t, "two")
        first = t.engine.jobs[0].run
    with History(path) as history:
        history.delete(first)
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await reopen(t)
        assert [turn.prompt for turn in t.compare.session.turns] == ["two"]


async def test_of_a_deleted_run_nothing_stays_beside_the_others(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    (tmp_path / "notes.md").write_text("a secret")
    async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
        await say_to_all(t, f"unmistakable @{tmp_path}/notes.md")
        await t.press("alt+2", "a")
        await t.press("escape")
        await say_to_all(t, "two")
        first, second = (job.run for job in t.engine.jobs)
    with History(path) as history:
        assert "unmistakable" in (history.talk(second) or "")
        history.delete(first)
        assert [turn["runs"] for turn in json.loads(history.talk(second) or "")["turns"]] == [
            dict.fromkeys(("cerebras", "groq", "deepinfra"), second)
        ]
    assert b"unmistakable" not in path.read_bytes()


async def test_what_cannot_be_read_beside_a_run_is_done_without(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with terminal(
        ScriptedEngine(spoken), lanes=["groq"], history=lambda: path, profile=Profile(system="Be brief")
    ) as t:
        await say_to_all(t, "one")
        await say_to_all(t, "two")
        run, before = t.engine.job.run, would_send(t)
    for talk in ("{", '{"turns": 5}', msgspec.json.encode({"turns": []}).decode(), None):
        with History(path) as history:
            history._change("UPDATE turns SET talk = ? WHERE run = ?", talk, run)
        async with terminal(ScriptedEngine(spoken), history=lambda: path) as t:
            await reopen(t)
            assert would_send(t) == before
