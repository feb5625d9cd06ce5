"""One answer against another on the screen."""

from __future__ import annotations

from osstui.job import Job
from osstui.tui.screens.diff import DiffScreen
from tests.tui.scripted import ScriptedEngine, control_characters, opened, terminal

ANSWERS = {"cerebras": "The **quick** brown fox", "groq": "The quick red fox", "deepinfra": "A slow fox"}


def each_its_own(engine: ScriptedEngine, job: Job) -> None:
    for lane in job.lanes:
        engine.open(lane.lane)
        engine.delta(lane.lane, ANSWERS[lane.lane], 100)
        engine.end(lane.lane, 200)


async def test_the_answer_stands_beside_the_next_one_and_n_goes_through_the_others() -> None:
    async with terminal(ScriptedEngine(each_its_own)) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "w")
        await t.until_shown("75% alike · 3 words the same · 1 only in cerebras · 1 only in groq · 1 of 2")
        line = next(line for line in t.screen.splitlines() if "brown" in line)
        assert line.index("brown") < line.index("red fox")
        await t.press("n")
        await t.until_shown("only in deepinfra · 2 of 2")
        await t.press("n")
        await t.until_shown("only in groq · 1 of 2")
        await t.press("escape")
        assert t.app.screen is t.compare


async def test_a_narrow_terminal_gets_one_column_and_u_changes_it() -> None:
    async with terminal(ScriptedEngine(each_its_own), size=(80, 24)) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "w")
        await t.until_shown("The **quick** [-brown-] {+red+} fox")
        await t.press("u")
        await t.until(lambda: "[-brown-]" not in t.screen)
        await t.pilot.resize_terminal(120, 40)
        await t.press("u")
        await t.until_shown("[-brown-]")


async def test_the_comparison_is_copied_as_one_text() -> None:
    async with terminal(ScriptedEngine(each_its_own)) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "w")
        await t.until_shown("alike")
        await t.press("c")
        assert t.app.clipboard == "The **quick** [-brown-] {+red+} fox"


async def test_answers_that_still_grow_are_compared_as_far_as_they_are_there() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("alt+1", "w")
        assert "has no answer to compare yet" in t.notices
        t.engine.delta("cerebras", "one two three", 100)
        t.engine.delta("groq", "one two", 100)
        t.engine.end("groq", 200, "truncated")
        await t.until_shown("one two three")
        await t.press("w")
        await t.until_shown("80% alike · 2 words the same · 1 only in cerebras · 0 only in groq")
        await t.until_shown("cerebras still answering")
        t.engine.delta("cerebras", " four", 300)
        await t.until_shown("2 only in cerebras")
        t.engine.end("cerebras", 400)
        t.engine.end("deepinfra", 400)
        await t.until(lambda: "still answering" not in t.screen)


async def test_an_answer_is_compared_with_the_same_lane_s_try_and_turn_before() -> None:
    async with terminal(ScriptedEngine(each_its_own), lanes=["groq"]) as t:
        await t.ask("one")
        await t.until_quiet()
        await t.press("alt+1", "w")
        assert "There is no other answer" in t.notices
        await t.ask("two")
        await t.until_quiet()
        await t.press("alt+1", "r")
        await t.until(lambda: len(t.engine.jobs) == 3)
        await t.until_quiet()
        await t.press("w")
        await t.until_shown("groq, the try before")
        await t.until_shown("100% alike")
        await t.press("n")
        await t.until_shown("groq, the turn before")


async def test_both_columns_scroll_together(monkeypatch) -> None:
    long = "\n\n".join(f"line {n} of many" for n in range(100))
    monkeypatch.setitem(ANSWERS, "cerebras", long)
    monkeypatch.setitem(ANSWERS, "groq", long.replace("line 7 ", "row 7 "))
    async with terminal(ScriptedEngine(each_its_own)) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "w")
        await t.until_shown("line 1 of many")
        await t.press("end")
        await t.until(lambda: t.screen.count("line 99 of many") == 2)
        assert isinstance(t.app.screen, DiffScreen)


async def test_hostile_answers_stay_text(monkeypatch) -> None:
    monkeypatch.setitem(ANSWERS, "cerebras", "[/x] a[i] \x1b]0;owned\x07 \x1b[2J \u202eevil [red]no[/red]")
    monkeypatch.setitem(ANSWERS, "groq", "[/y] a[j] \x9b31m [@click=app.quit]x[/]")
    async with terminal(ScriptedEngine(each_its_own)) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "w")
        await t.until_shown("a[j]")
        assert "[red]no[/red]" in t.screen
        assert "[@click=app.quit]x[/]" in t.screen
        assert not control_characters(t.screen)
        await t.press("c")
        assert not control_characters(t.app.clipboard)
