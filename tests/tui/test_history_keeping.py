"""What the app asks and gets goes into the history, and comes back out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from osstui.conversation.keeping import Keeper
from osstui.conversation.session import Session
from osstui.events import AnyEvent
from osstui.job import Params
from osstui.measure.document import document
from osstui.profile import Profile
from osstui.store.history import History
from tests.store.made import whole_run
from tests.tui.scripted import ScriptedEngine, opened, terminal, whole


def kept_in(path: Path) -> dict[str, object]:
    return {"history": lambda: path}


async def test_turns_and_retries_belong_to_one_conversation_until_a_new_one_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with terminal(ScriptedEngine(whole()), profile=Profile(system="Be brief"), **kept_in(path)) as t:
        await t.ask("one")
        await t.until_quiet()
        await t.ask("two")
        await t.until_quiet()
        await t.press("alt+2", "r")
        await t.until(lambda: len(t.engine.jobs) == 3)
        await t.until_quiet()
        await t.press("ctrl+n")
        await t.ask("three")
        await t.until_quiet()
        shown = [document(turn.runs["groq"].state) for turn in t.compare.session.turns]
    with History(path) as history:
        newest, first = history.conversations()
        assert (first.title, first.turns, newest.title) == ("one", 2, "three")
        runs = history.conversation(first.id).runs
        assert [(run.position, run.prompt, run.system) for run in runs] == [
            (0, "one", "Be brief"), (1, "two", "Be brief"), (1, "two", "Be brief"),
        ]  # fmt: skip
        assert runs[2].lanes == ("groq",)
        assert history.document("last") == shown[-1]


async def test_nothing_is_kept_where_nothing_is_wanted() -> None:
    async with terminal(ScriptedEngine(whole()), params=Params()) as t:
        await t.ask()
        await t.until_quiet()
        assert t.app.keeper.path is None
        assert t.notices == ""


async def test_leaving_the_app_cancels_what_streams_and_leaves_nothing_to_reopen(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    async with terminal(ScriptedEngine(opened), **kept_in(path)) as t:
        await t.ask()
        t.engine.delta("groq", "half an ans", 100)
        await t.until_shown("half an ans")
    with History(path) as history:
        assert history.close_unfinished() == []
        lanes = {lane["lane"]: lane for lane in history.document("last")["lanes"]}
    assert {lane["status"] for lane in lanes.values()} == {"cancelled"}
    assert lanes["groq"]["text"] == "half an ans"


async def test_an_engine_that_breaks_off_leaves_a_whole_run(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    engine = ScriptedEngine()
    engine.explode = RuntimeError("no engine")
    async with terminal(engine, **kept_in(path)) as t:
        t.compare.prompt.text = "precious"
        await t.press("enter")
        await t.until_shown("✗ failed")
    with History(path) as history:
        assert history.close_unfinished() == []
        assert history.run("last").prompt == "precious"


async def test_a_history_that_cannot_be_written_is_told_once_and_the_app_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "history.db"
    async with terminal(ScriptedEngine(whole()), **kept_in(path)) as t:
        for prompt in ("one", "two"):
            await t.ask(prompt)
            await t.until_quiet()
        await t.until(lambda: "going on without a history" in t.notices)
        assert t.notices.count("cannot use the history") == 1
        assert t.screen.count("Hello world") > 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not let an open file go")
def test_a_history_that_was_moved_away_is_no_longer_read(tmp_path: Path) -> None:
    def put(event: AnyEvent) -> None:
        keeper.put(event, Session())

    path = tmp_path / "history.db"
    keeper = Keeper(lambda: path, lambda _: None)
    shown = []
    for run in ("before", "next", "after"):
        for event in whole_run(run):
            put(event)
        shown.append([row.run for row in keeper.history().runs()])
        if run == "before":
            path.rename(tmp_path / "elsewhere.db")
    keeper.close()
    assert shown == [["before"], ["next"], ["after", "next"]]
