"""From the app into files: the last turn in each format, the screen as a picture."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from osstui.measure.document import document
from osstui.store.export import FORMATS
from osstui.tui.screens.ask import ChoiceScreen
from tests.store.made import NASTY, read_runs
from tests.tui.scripted import ScriptedEngine, Terminal, terminal, whole


async def export(t: Terminal, name: str) -> None:
    """From the prompt box, as a user would."""
    assert t.compare.focused is t.compare.prompt
    await t.press("f6")
    await t.until(lambda: isinstance(t.app.screen, ChoiceScreen))
    await t.until_shown("Export the last turn as")
    choices = t.app.screen.query_one("OptionList")
    while choices.highlighted_option is None or choices.highlighted_option.id != name:
        await t.press("down")
    await t.press("enter")
    await t.until(lambda: "Written: " in t.notices)


@pytest.mark.parametrize("kept", [True, False])
async def test_the_last_turn_is_written_in_every_format_with_its_bytes_unchanged(
    folder: Path, tmp_path: Path, kept: bool
) -> None:
    path = tmp_path / "history.db" if kept else None
    async with terminal(ScriptedEngine(whole(NASTY)), history=lambda: path) as t:
        await t.ask("Why/is *it* so?")
        await t.until_quiet()
        shown = document(t.compare.session.turns[0].runs["groq"].state)
        for name in FORMATS:
            if name == "jsonl" and not kept:
                continue
            await export(t, name)
            await t.until(lambda name=name: f"osstui-why-is-it-so.{name} in " in t.notices)
            await t.until(lambda: t.app.screen is t.compare)
    files = {file.suffix[1:]: file for file in folder.iterdir()}
    assert files.keys() == FORMATS.keys() - (set() if kept else {"jsonl"})
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in files.values())
    assert json.loads(files["json"].read_bytes()) == shown
    assert NASTY.encode() in files["md"].read_bytes()
    with files["csv"].open(newline="", encoding="utf-8") as lines:
        assert [row["lane"] for row in csv.DictReader(lines)] == ["cerebras", "groq", "deepinfra"]
    if kept:
        (state,) = read_runs(files["jsonl"].read_bytes().split(b"\n"))
        assert document(state) == shown


@pytest.mark.parametrize("kept", [True, False])
async def test_all_turns_that_the_panes_show_come_into_one_file(
    folder: Path, tmp_path: Path, kept: bool
) -> None:
    path = tmp_path / "history.db" if kept else None
    async with terminal(ScriptedEngine(whole()), history=lambda: path) as t:
        for number, prompt in enumerate(("first", "second"), 1):
            await t.ask(prompt)
            await t.until(lambda number=number: len(t.engine.jobs) == number)
            await t.until_quiet()
        await t.press("f6")
        await t.until_shown("the whole conversation of 2 turns")
        await t.press("end", "enter")
        await t.until_shown("Export the whole conversation as")
        await t.press("down", "enter")
        await t.until(lambda: "Written: osstui-first.json" in t.notices)
        shown = [document(turn.runs["groq"].state) for turn in t.compare.session.turns]
        conversation = t.compare.session.conversation
    whole_one = json.loads((folder / "osstui-first.json").read_bytes())
    assert [run.pop("turn") for run in whole_one["runs"]] == [1, 2]
    assert whole_one == {
        "v": 1, "conversation": conversation, "title": "first", "tags": [], "pinned": False, "runs": shown
    }  # fmt: skip


async def test_event_lines_that_nobody_kept_are_told(folder: Path) -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("f6")
        await t.until_shown("Export the last turn as")
        await t.press("down", "down", "enter")
        await t.until(lambda: "cannot export: " in t.notices)
    assert list(folder.iterdir()) == []


async def test_without_a_turn_there_is_nothing_to_export(folder: Path) -> None:
    async with terminal() as t:
        await t.press("f6")
        await t.until(lambda: "There is nothing to export yet" in t.notices)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("way", ["f6", "f8"])
async def test_a_picture_is_what_the_screen_shows_and_loads_nothing_from_elsewhere(
    folder: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret-value")
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask("Draw it")
        await t.until_quiet()
        if way == "f6":
            await export(t, "svg")
        else:
            await t.press("f8")
            await t.until(lambda: "Written: " in t.notices)
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("osstui-screen.svg", 0o600)
    svg = file.read_text()
    shown = "".join(ElementTree.fromstring(svg).itertext()).replace("\xa0", " ")
    assert "Draw it" in shown
    assert "1 cerebras" in shown
    assert "Export the last turn as" not in shown
    assert "gsk-secret-value" not in svg
    assert re.findall(r"url\(\s*[\"']?(?!#)[^)]*\)|@import|href=", svg) == []
    assert set(re.findall(r"https?://[^\"' )]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


async def test_nothing_is_written_over(folder: Path) -> None:
    (folder / "osstui-screen.svg").write_text("mine")
    async with terminal(ScriptedEngine(whole())) as t:
        await t.press("f8")
        await t.until(lambda: "osstui-screen-2.svg" in t.notices)
    assert (folder / "osstui-screen.svg").read_text() == "mine"


async def test_a_folder_that_cannot_be_written_is_told(folder: Path) -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask()
        await t.until_quiet()
        folder.rmdir()
        await t.press("f8")
        await t.until(lambda: "cannot write a picture" in t.notices)
        await t.press("f6")
        await t.until_shown("Export the last turn as")
        await t.press("enter")
        await t.until(lambda: "cannot export: " in t.notices)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_disk_that_fills_up_leaves_no_part_of_a_file(folder: Path) -> None:
    script = f"""
import resource
from pathlib import Path
from osstui.tui.files import write_new
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
write_new(Path({str(folder)!r}), "osstui", "md", b"x" * 5000)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert "File too large" in ran.stderr.splitlines()[-1]
    assert list(folder.iterdir()) == []
