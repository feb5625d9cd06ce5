"""What was typed at another sitting comes back: older prompts, and drafts that could not be sent."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

import pytest
from textual import events

from osstui.conversation.keeping import Keeper
from osstui.tui.earlier import keep_draft, kept_drafts
from tests.tui.scripted import ScriptedEngine as Engine
from tests.tui.scripted import Terminal, terminal, whole


@pytest.fixture
def history(tmp_path: Path) -> Callable[[], Path]:
    return lambda: tmp_path / "data" / "history.db"


async def asked(t: Terminal, *prompts: str) -> None:
    for prompt in prompts:
        await t.ask(prompt)
        await t.until_quiet()


async def cut_off(t: Terminal, draft: str) -> None:
    t.compare.prompt.text = draft
    os.kill(os.getpid(), signal.SIGHUP)
    await t.until(lambda: t.app._exit)


async def test_older_prompts_come_before_those_of_this_sitting(history: Callable[[], Path]) -> None:
    async with terminal(Engine(whole()), history=history) as t:
        await asked(t, "first", "second", "first")
    async with terminal(Engine(whole()), history=history) as t:
        await asked(t, "third")
        await t.until(lambda: len(t.compare.prompt._asked) == 3)
        walk = []
        for _ in range(4):
            await t.press("up")
            walk.append(t.compare.prompt.text)
        assert walk == ["third", "first", "second", "second"]


async def test_a_walk_goes_on_where_it_was_when_older_prompts_arrive() -> None:
    async with terminal(Engine(whole())) as t:
        box = t.compare.prompt
        await asked(t, "mine")
        await t.press(*"draft", "up")
        box.remember(["old"])
        assert box.text == "mine"
        await t.press("up")
        assert box.text == "old"
        await t.press("down", "down")
        assert box.text == "draft"


async def test_an_older_prompt_names_its_files_and_a_long_one_is_folded(
    history: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text("of today")
    async with terminal(Engine(whole()), history=history) as t:
        await asked(t, "Sum up @notes.md")
        t.compare.prompt.post_message(events.Paste("z" * 5_000))
        await t.until(lambda: t.compare.prompt.text)
        await t.press("enter")
        await t.until_quiet()
    async with terminal(Engine(whole()), history=history) as t:
        await t.until(lambda: t.compare.prompt._asked)
        await t.press("up")
        assert len(t.compare.prompt.text) < 100
        assert t.compare.prompt.full_text == "z" * 5_000
        await t.press("up")
        assert t.compare.prompt.text == "Sum up @notes.md"


async def test_a_draft_outlives_the_terminal_and_is_given_back_once(history: Callable[[], Path]) -> None:
    async with terminal(history=history) as t:
        await cut_off(t, "half a\nprompt")
    (kept,) = history().parent.glob("draft*")
    assert S_IMODE(kept.stat().st_mode) == 0o600
    async with terminal(history=history) as t:
        await t.until(lambda: t.compare.prompt.text == "half a\nprompt")
        await t.until(lambda: "had not sent" in t.notices)
        assert not kept.exists()


async def test_a_draft_does_not_take_the_place_of_another(history: Callable[[], Path]) -> None:
    for draft in ("one", "two"):
        keep_draft(Keeper(history, print), draft)
    engine = Engine()
    engine.ready.clear()
    async with terminal(engine, history=history) as t:
        t.compare.prompt.text = "three"
        engine.ready.set()
        await t.until(lambda: "Up brings it back" in t.notices)
        assert t.compare.prompt.text == "three"
        await t.press("up")
        assert t.compare.prompt.text == "two"
        await t.press("up")
        assert t.compare.prompt.text == "one"


async def test_a_draft_outlives_a_fault_of_the_app(history: Callable[[], Path]) -> None:
    app = None
    with suppress(RuntimeError):
        async with terminal(history=history) as t:
            app = t.app
            t.compare.prompt.text = "precious"
            app.call_later(_broken)
            await t.until(lambda: app._exception)
    assert app is not None
    assert isinstance(app._exception, RuntimeError)
    assert [*kept_drafts(history().parent).values()] == ["precious"]


def _broken() -> None:
    raise RuntimeError("broken")


async def test_without_a_history_nothing_typed_is_written_down(tmp_path: Path) -> None:
    async with terminal() as t:
        await cut_off(t, "secret")
    assert [*tmp_path.iterdir()] == []
