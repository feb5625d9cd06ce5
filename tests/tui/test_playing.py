"""A recorded run on the screen: the same events at their pace, the same numbers, nothing asked or kept."""

from __future__ import annotations

from pathlib import Path

from osstui.measure.document import document
from osstui.measure.metrics import METRICS
from osstui.store.history import History
from osstui.tui.screens.history import HistoryScreen
from tests.store.made import NASTY, folded, whole_run, write
from tests.tui.scripted import ScriptedEngine, control_characters, terminal, whole

EVENTS = whole_run(answer="a recorded answer", lanes=("groq", "bygone"))


async def test_a_recording_is_played_with_the_same_numbers_and_nothing_is_asked_or_kept(
    tmp_path: Path,
) -> None:
    path, engine = tmp_path / "history.db", ScriptedEngine(whole())
    async with terminal(engine, play=([EVENTS], 50.0), history=lambda: path) as t:
        await t.until_shown("a recorded answer")
        await t.until_quiet()
        await t.until_shown("1/2 done")
        assert "RECORDING run1, 2026-11-21 03:00 UTC · 50×" in t.screen
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq", "bygone"]
        shown = t.compare.session.turns[0].runs["groq"].state
        recorded = folded(EVENTS)
        assert document(shown) == document(recorded)
        for one, other in zip(shown.lanes.values(), recorded.lanes.values(), strict=True):
            assert [metric.value(one) for metric in METRICS] == [metric.value(other) for metric in METRICS]
        assert t.compare.session.spent_usd == 0
        t.compare.prompt.text = "precious"
        await t.press("enter")
        await t.until(lambda: "This is a recording" in t.notices)
        assert t.compare.prompt.text == "precious"
        for key in ("alt+1", "r", "g", "a", "m", "d", "e", "o", "f5", "ctrl+r"):
            await t.press(key)
            await t.press("escape")
        assert engine.jobs == []
    assert not path.exists()


async def test_the_pace_is_the_recorded_one_and_a_lane_can_be_cancelled() -> None:
    async with terminal(ScriptedEngine(), play=([EVENTS], 0.001)) as t:
        await t.until_shown("RECORDING")
        await t.until(lambda: t.compare.session.busy)
        assert "a recorded answer" not in t.screen
        await t.press("alt+2", "x", "ctrl+c")
        await t.until_quiet()
        states = t.compare.session.turns[0].states
        assert {state.status for state in states.values()} == {"cancelled"}


async def test_every_run_of_a_file_is_a_turn() -> None:
    second = whole_run("run2", "and then?", "the end", lanes=("together",))
    async with terminal(ScriptedEngine(), play=([EVENTS, second], 100.0)) as t:
        await t.until_shown("the end")
        await t.until_quiet()
        assert [turn.prompt for turn in t.compare.session.turns] == ["why?", "and then?"]
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq", "bygone", "together"]
        assert "RECORDING run2" in t.screen


async def test_leaving_a_recording_brings_the_lanes_back_and_they_are_asked(tmp_path: Path) -> None:
    path, engine = tmp_path / "history.db", ScriptedEngine(whole())
    write(path, EVENTS)
    async with terminal(engine, history=lambda: path) as t:
        await t.press("ctrl+g")
        await t.until(lambda: isinstance(t.app.screen, HistoryScreen) and t.app.screen._listed is not None)
        await t.press("ctrl+y")
        await t.until_shown("RECORDING run1")
        await t.until_shown("a recorded")
        t.compare.session.live[0].player.cancel("run1")
        await t.until_quiet()
        await t.press("ctrl+n")
        await t.until(lambda: len(t.compare.grid.panes) == 3)
        await t.until(lambda: "RECORDING" not in t.screen)
        await t.ask("Why?")
        await t.until_quiet()
        assert [lane.lane for lane in engine.job.lanes] == ["cerebras", "groq", "deepinfra"]
        assert [message.content for message in engine.job.lanes[1].messages] == ["Why?"]
    with History(path) as kept:
        assert len(kept.runs()) == 2


async def test_a_hostile_recording_is_text() -> None:
    events = whole_run("[/b]\x1b]0;t\x07", NASTY, NASTY, at="\x1b[2J", lanes=("groq",))
    async with terminal(ScriptedEngine(), play=([events], 100.0)) as t:
        await t.until_shown("RECORDING")
        await t.until_quiet()
        assert control_characters(t.screen) == set()


async def test_a_recording_without_a_beginning_is_told() -> None:
    async with terminal(ScriptedEngine(whole()), play=([EVENTS[1:]], 1.0)) as t:
        await t.until(lambda: "has no events to replay" in t.notices)
        assert t.compare.recording is None
