"""Files named in the prompt box."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.scripted import ScriptedEngine, terminal, whole


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "notes.md").write_text("alpha beta")
    (tmp_path / "notes.old").write_text("omega")
    (tmp_path / "data.bin").write_bytes(b"\0\1")
    monkeypatch.chdir(tmp_path)
    return tmp_path


async def test_a_file_is_put_into_the_prompt_and_its_size_is_told() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask("Shorten @notes.md")
        assert t.engine.job.prompt == "Shorten @notes.md\n\nnotes.md:\n```\nalpha beta\n```"
        assert "With notes.md (10 bytes), ≈2 tokens" in t.notices
        await t.until_quiet()
        await t.press("up")
        assert t.compare.prompt.text == "Shorten @notes.md"


async def test_tab_completes_and_goes_through_what_fits() -> None:
    async with terminal() as t:
        await t.press(*"see @no", "tab")
        assert t.compare.prompt.text == "see @notes.md"
        await t.until_shown("notes.md  notes.old")
        await t.press("tab")
        assert t.compare.prompt.text == "see @notes.old"
        await t.press(*" @x", "tab")
        await t.until_shown("no file begins so")
        assert t.compare.prompt.text == "see @notes.old @x"


async def test_tab_elsewhere_goes_to_the_panes() -> None:
    async with terminal() as t:
        await t.press(*"mail a@b", "tab")
        assert t.compare.grid.focused is t.compare.grid.panes[0]


async def test_a_binary_file_stops_the_prompt_and_keeps_it() -> None:
    async with terminal() as t:
        t.compare.prompt.text = "Read @data.bin"
        await t.press("enter")
        await t.until(lambda: "data.bin is binary" in t.notices)
        assert t.compare.prompt.text == "Read @data.bin"
        assert not t.engine.jobs


async def test_a_path_that_is_none_is_asked_about_once() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        t.compare.prompt.text = "What does @app.route do?"
        await t.press("enter")
        await t.until(lambda: "There is no file app.route" in t.notices)
        assert not t.engine.jobs
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "What does @app.route do?"


async def test_files_of_the_command_line_stand_in_the_box() -> None:
    async with terminal(draft='@"notes.md"') as t:
        assert t.compare.prompt.text == '@"notes.md" '
        assert not t.engine.jobs
