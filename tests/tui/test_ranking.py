"""The ranking on the screen."""

from __future__ import annotations

from pathlib import Path

from osstui.store.votes import Contender, Standing
from osstui.tui.screens.ranking import bar
from tests.tui.scripted import ScriptedEngine, terminal, whole


async def test_votes_make_a_ranking(tmp_path: Path) -> None:
    async with terminal(ScriptedEngine(whole()), history=lambda: tmp_path / "h.db") as t:
        await t.press("f12")
        await t.until_shown("0 votes")
        await t.press("escape")
        for keys in (("alt+2", "v"), ("alt+2", "v"), ("alt+1", "equals_sign")):
            await t.ask()
            await t.until_quiet()
            await t.press(*keys)
            await t.press("p")
        await t.press("ctrl+b")
        await t.ask()
        await t.until_quiet()
        pane = next(pane for pane in t.compare.grid.panes if pane.lane == "groq")
        pane.transcript.focus()
        await t.press("v")
        history = t.app.keeper.history()
        assert history is not None
        await t.until(lambda: len(history.votes()) == 4)
        await t.press("f12")
        await t.until_shown("4 votes")
        await t.until_shown("groq:gpt-oss-120b")
        parts = (part for line in t.screen.splitlines() for part in line.split("│"))
        (first,) = (part.split() for part in parts if "groq:gpt-oss-120b" in part)
        assert first[:3] == ["1", "groq:gpt-oss-120b", "88%"]
        assert first[-4:] == ["8", "6", "2", "0"]
        await t.press("b")
        await t.until_shown("1 blind vote")
        await t.press("escape")
        assert t.app.screen is t.compare


async def test_without_a_history_there_is_no_ranking_and_it_is_said() -> None:
    async with terminal() as t:
        await t.press("f12")
        await t.until(lambda: "the history is switched off" in t.notices)
        assert t.app.screen is t.compare


def test_the_bar_shows_share_and_interval() -> None:
    for counts in ((0, 0, 1), (1, 0, 0), (3, 1, 2), (500, 0, 0), (0, 0, 500), (0, 900, 0)):
        drawn = bar(Standing(Contender("a", "m"), *counts), 20)
        assert len(drawn) == 20
        assert drawn.count("●") == 1
