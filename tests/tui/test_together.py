"""Panes that are scrolled together: every way to scroll one of them moves the others to the same place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual import events
from textual.scrollbar import ScrollTo

from osstui.job import Job
from osstui.tui.widgets.together import LaneTranscript
from tests.tui.scripted import ScriptedEngine, Terminal, opened, terminal

LINES = {"cerebras": 100, "groq": 300, "deepinfra": 3}


def of_many_lengths(engine: ScriptedEngine, job: Job) -> None:
    for lane in job.lanes:
        engine.open(lane.lane)
        text = "\n\n".join(f"{lane.lane} paragraph {n}" for n in range(LINES[lane.lane]))
        engine.delta(lane.lane, text, 100)
        engine.end(lane.lane, 200)


@asynccontextmanager
async def asked(engine: ScriptedEngine | None = None, *keys: str) -> AsyncIterator[Terminal]:
    async with terminal(engine or ScriptedEngine(of_many_lengths)) as t:
        await t.ask()
        if engine is None:
            await t.until_quiet()
        await t.press("alt+1", *keys)
        yield t


def transcripts(t: Terminal) -> list[LaneTranscript]:
    return [pane.transcript for pane in t.compare.grid.panes]


def shares(t: Terminal) -> list[float]:
    return [each.scroll_y / each.max_scroll_y for each in transcripts(t) if each.max_scroll_y]


async def until_alike(t: Terminal, low: float, high: float) -> None:
    def alike() -> bool:
        found = shares(t)
        return all(low < share < high for share in found) and max(found) - min(found) < 0.02

    await t.until(alike)


async def test_each_pane_scrolls_on_its_own_until_s_is_pressed_and_the_screen_says_so() -> None:
    async with asked() as t:
        await t.press("home")
        await t.until(lambda: shares(t)[0] == 0)
        assert shares(t)[1] == 1
        assert "scrolling together" not in t.screen
        await t.press("s")
        await t.until(lambda: not any(shares(t)))
        assert "⇅ scrolling together" in t.screen
        await t.press("s", "end")
        await t.until(lambda: shares(t)[0] == 1)
        assert shares(t)[1] == 0
        assert "scrolling together" not in t.screen


async def test_keys_page_keys_wheel_and_scrollbar_move_all_panes() -> None:
    async with asked(None, "s", "home") as t:
        await t.until(lambda: not any(shares(t)))
        await t.press(*["pagedown"] * 2)
        await until_alike(t, 0.05, 0.9)
        await t.press("alt+2", *["down"] * 9)
        await until_alike(t, 0.06, 0.9)
        before = shares(t)[0]
        first = transcripts(t)[0]
        for _ in range(6):
            await t.pilot._post_mouse_events([events.MouseScrollDown], first)
        await t.until(lambda: shares(t)[0] > before)
        first.vertical_scrollbar.post_message(scroll_to(first, first.max_scroll_y / 2))
        await until_alike(t, 0.45, 0.55)


def scroll_to(transcript: LaneTranscript, y: float) -> ScrollTo:
    """What the bar of a transcript says when it is dragged."""
    message = ScrollTo(y=y, animate=False)
    message.set_sender(transcript.vertical_scrollbar)
    return message


async def test_the_end_is_the_end_of_all_and_each_follows_its_answer_there() -> None:
    engine = ScriptedEngine(opened)
    async with asked(engine) as t:
        for lane in ("cerebras", "groq"):
            engine.delta(lane, "\n\n".join(f"p {n}" for n in range(60)), 100)
        await t.until(lambda: all(each.max_scroll_y > 50 for each in transcripts(t)[:2]))
        await t.press("s", "home")
        await t.until(lambda: not any(shares(t)))
        assert not transcripts(t)[1].following
        engine.delta("groq", "\n\n" + "\n\n".join(f"more {n}" for n in range(60)), 200)
        await t.until(lambda: transcripts(t)[1].max_scroll_y > 150)
        assert transcripts(t)[1].scroll_y == 0
        await t.press("end")
        await t.until(lambda: transcripts(t)[1].following)
        engine.delta("groq", "\n\n" + "\n\n".join(f"last {n}" for n in range(30)), 300)
        await t.until_shown("last 29")
        assert all(each.following for each in transcripts(t))
        t.engine.cancel(t.engine.job.run)


async def test_answers_that_stream_move_nobody() -> None:
    engine = ScriptedEngine(opened)
    async with asked(engine) as t:
        engine.delta("groq", "\n\n".join(f"p {n}" for n in range(60)), 100)
        await t.until_shown("p 59")
        await t.press("alt+2", "s", "home")
        await t.until(lambda: transcripts(t)[1].scroll_y == 0)
        engine.delta("cerebras", "\n\n".join(f"q {n}" for n in range(60)), 100)
        await t.until_shown("q 59")
        assert transcripts(t)[1].scroll_y == 0
        t.engine.cancel(t.engine.job.run)


async def test_the_same_place_is_the_same_turn(monkeypatch) -> None:
    async with asked(None, "s") as t:
        monkeypatch.setitem(LINES, "groq", 40)
        await t.ask("second")
        await t.until_quiet()
        await t.press("alt+1", "home")
        await t.until(lambda: not any(shares(t)))
        first, second = transcripts(t)[:2]
        for y in (50, 150, 230, 300):
            first.scroll_to(y=y, animate=False, immediate=True)
            await t.until(lambda: abs(first.place.share - second.place.share) < 0.03)
            assert first.place.turn == second.place.turn
