"""The history screen: found as words are typed, looked into, opened and gone on with, named, deleted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from textual.content import Content
from textual.widgets._footer import FooterKey

from osstui.events import AnyEvent, Delta, Ended, Failed, Started, Usage
from osstui.job import Params
from osstui.measure.document import document
from osstui.store.export import export, past_conversation
from osstui.store.history import History
from osstui.store.importing import import_file
from osstui.store.statements import Place
from osstui.tui.past_rows import PAGE
from osstui.tui.screens.history import HistoryScreen
from tests.store.made import MS, NASTY, started, write
from tests.tui.scripted import ScriptedEngine, Terminal, control_characters, opened, terminal, whole

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def answered(
    run: str, prompt: str, answer: str, hour: int, lanes: Sequence[str] = ("groq", "cerebras")
) -> list[AnyEvent]:
    at = (BEGAN + timedelta(hours=hour)).isoformat()
    events: list[AnyEvent] = [started(run, prompt, lanes, at)]
    for lane in lanes:
        events += [
            Delta(run, lane, 300 * MS, "text", f"{answer} by {lane}", 20),
            Delta(run, lane, 1300 * MS, "text", ".", 80),
            Usage(run, lane, 1301 * MS, 7, 100),
            Ended(run, lane, 1302 * MS, "stop", "stop"),
        ]
    return events


def fill(path: Path) -> None:
    """Three conversations, of which the second has two turns."""
    write(path, answered("r1", "Why is the sky blue?", "Rayleigh scattering", 1))
    write(path, answered("r2", "Name a mountain", "Matterhorn", 2), Place("mountains", 0, "Be brief"))
    write(path, answered("r3", "And a higher one", "Everest", 3), Place("mountains", 1, "Be brief"))
    write(path, answered("r4", "Name a river", "Aare", 4))


@asynccontextmanager
async def history(
    path: Path, engine: ScriptedEngine | None = None, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Terminal]:
    """The app with the history screen open and filled."""
    async with terminal(engine or ScriptedEngine(whole()), size=size, history=lambda: path) as t:
        await open_history(t)
        yield t


async def open_history(t: Terminal) -> None:
    await t.press("ctrl+g")
    await t.until(lambda: isinstance(t.app.screen, HistoryScreen) and t.app.screen._listed is not None)


def titles(t: Terminal) -> list[str]:
    """The first line of each conversation in the list."""
    assert isinstance(t.app.screen, HistoryScreen)
    options = t.app.screen.found.options
    return [str(option.prompt).splitlines()[0] for option in options if isinstance(option.prompt, Content)]


async def choose(t: Terminal, at: int) -> None:
    """Moves to the conversation in that place."""
    assert isinstance(t.app.screen, HistoryScreen)
    found = t.app.screen.found
    while found.highlighted != at:
        before = found.highlighted
        await t.press("down" if (found.highlighted or 0) < at else "up")
        await t.until(lambda before=before: found.highlighted != before)


async def until_listed(t: Terminal, *expected: str) -> None:
    await t.until(lambda: titles(t) == [*expected])


async def test_conversations_are_listed_newest_first_and_the_highlighted_one_is_looked_into(
    path: Path,
) -> None:
    fill(path)
    async with history(path) as t:
        await until_listed(t, "Name a river", "Name a mountain", "Why is the sky blue?")
        await t.until_shown("❯ Name a river")
        assert "2 turns" in t.screen
        await t.press("down")
        await t.until_shown("Everest by cerebras.")
        assert t.screen.index("Matterhorn by groq.") < t.screen.index("❯ And a higher one")
        assert "80.0 tok/s" in t.screen
        assert "Enter" not in t.screen
        assert "Open" in t.screen
        assert "Back" in t.screen


async def test_words_find_what_prompts_answers_and_titles_hold_as_they_are_typed(path: Path) -> None:
    fill(path)
    with History(path) as kept:
        kept.rename("r1", "Optics")
    async with history(path) as t:
        await t.press(*"ever")
        await until_listed(t, "Name a mountain")
        assert "Everest by groq" in t.screen
        await t.until_shown("… 1 earlier")
        assert "1 found" in t.screen
        await t.press(*"zz")
        await t.until_shown("Nothing holds these words")
        await t.press("escape")
        await until_listed(t, "Name a river", "Name a mountain", "Optics")
        await t.press(*"optic")
        await until_listed(t, "Optics")
        await t.press("escape", "escape")
        await t.until(lambda: t.app.screen is t.compare)


async def test_what_is_typed_is_text_and_no_syntax(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        for typed in ('"', "AND", "sky) OR", "blue*", "%", "col:x", "#", "''--"):
            t.send(*typed)
            await t.until(lambda typed=typed: t.app.screen._listed == typed)
            assert "cannot use" not in t.screen
            await t.press("escape")


async def test_who_types_fast_opens_what_they_typed_for(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        t.send(*"rayleigh", "enter")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown("Rayleigh scattering by groq.")


async def test_a_long_history_comes_page_by_page(path: Path) -> None:
    for number in range(2 * PAGE + 5):
        write(path, answered(f"run{number:03}", f"prompt {number:03}", "ok", number, ["groq"]))
    newest_first = [f"prompt {number:03}" for number in reversed(range(2 * PAGE + 5))]
    async with history(path) as t:
        assert titles(t) == newest_first[:PAGE]
        for page in (2, 3):
            while len(titles(t)) < min(page * PAGE, len(newest_first)):
                await t.press("pagedown")
        assert titles(t) == newest_first
        while t.app.screen.found.highlighted != len(newest_first) - 1:
            await t.press("pagedown")
        await t.until_shown("❯ prompt 000")
        await t.press("ctrl+b")
        await t.until(lambda: titles(t)[0] == "◆ prompt 000")
        assert len(titles(t)) == len(newest_first)
        assert t.app.screen.found.highlighted == 0


async def test_an_opened_conversation_is_in_the_panes_and_goes_on(path: Path) -> None:
    fill(path)
    engine = ScriptedEngine(whole())
    async with history(path, engine) as t:
        await choose(t, 1)
        await t.press("enter")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown("Everest by groq.")
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq", "cerebras"]
        assert "Matterhorn by cerebras." in t.screen
        assert "80.0 tok/s" in t.screen
        assert "2/2 done" in t.screen
        assert t.compare.focused is t.compare.prompt
        await t.ask("And the highest?")
        await t.until_quiet()
        told = [(message.role, message.content) for message in engine.job.lanes[0].messages]
        assert told == [
            ("system", "Be brief"),
            ("user", "Name a mountain"), ("assistant", "Matterhorn by groq."),
            ("user", "And a higher one"), ("assistant", "Everest by groq."),
            ("user", "And the highest?"),
        ]  # fmt: skip
        assert engine.job.lanes[0].params.effort == "low"
    with History(path) as kept:
        runs = kept.conversation("mountains").runs
        assert [(run.position, run.prompt, run.system) for run in runs][2:] == [
            (2, "And the highest?", "Be brief")
        ]
        assert len(kept.conversations()) == 3


async def test_a_conversation_is_not_opened_over_answers_that_stream(path: Path) -> None:
    fill(path)
    async with terminal(ScriptedEngine(opened), history=lambda: path) as t:
        await t.ask("On and on")
        with History(path) as kept:
            await t.until(lambda: len(kept.runs()) == 5)
        await open_history(t)
        assert len(titles(t)) == 4
        await t.press("down", "down", "down")
        await t.until_shown("still being answered")
        await t.press("up", "enter")
        await t.until(lambda: "Lanes are still answering" in t.notices)
        assert [turn.prompt for turn in t.compare.session.turns] == ["On and on"]


async def test_a_lane_that_no_catalog_knows_any_more_is_told_and_the_others_open(path: Path) -> None:
    write(path, answered("r1", "Anyone?", "Here", 1, ["groq", "bygone"]))
    async with history(path) as t:
        await t.press("enter")
        await t.until_shown("Here by groq.")
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq"]
        assert "bygone can't be asked any more" in t.notices
        assert "stay in the history" in t.notices


async def test_simulated_answers_say_so_where_the_real_host_is_asked_from_now_on(path: Path) -> None:
    first, *rest = answered("r1", "Anyone?", "Here", 1, ["groq"])
    assert isinstance(first, Started)
    lanes = tuple(msgspec.structs.replace(lane, simulated=True) for lane in first.lanes)
    write(path, [msgspec.structs.replace(first, lanes=lanes), *rest])
    async with history(path) as t:
        await t.press("enter")
        await t.until_shown("Here by groq.")
        await t.until_shown("simulated ─╯")
        await t.until_shown("simulated so far: from here on the real host is asked")
        await t.ask("Really?")
        await t.until(lambda: "simulated ─╯" not in t.screen)


async def test_a_conversation_is_renamed(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        await choose(t, 1)
        await t.press("ctrl+r")
        await t.until_shown("Enter keeps it")
        await t.press(*" of [b]Asia", "enter")
        await until_listed(t, "Name a river", "Name a mountain of [b]Asia", "Why is the sky blue?")
        await t.press("ctrl+r")
        await t.until_shown("Enter keeps it")
        await t.press("x", "escape")
        await until_listed(t, "Name a river", "Name a mountain of [b]Asia", "Why is the sky blue?")
    with History(path) as kept:
        assert kept.conversation("mountains").row.title == "Name a mountain of [b]Asia"


async def test_tags_are_given_taken_and_found(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        await choose(t, 1)
        await t.press("ctrl+t")
        await t.until_shown("Tags, with commas between")
        await t.press(*"alps, far away,,", "enter")
        await t.until(lambda: titles(t)[1] == "Name a mountain #alps #far away")
        await t.press(*"#FA")
        await until_listed(t, "Name a mountain #alps #far away")
        await t.press(*" #nope")
        await until_listed(t)
        await t.press("escape", *"#alp everest")
        await until_listed(t, "Name a mountain #alps #far away")
        await t.press("escape", *"#alp rayleigh")
        await until_listed(t)
        await t.press("escape")
        await t.until(lambda: len(titles(t)) == 3)
        await choose(t, 1)
        await t.press("ctrl+t")
        await t.until_shown("Tags, with commas between")
        await t.press(*["backspace"] * len(", far away"), "enter")
        await t.until(lambda: titles(t)[1] == "Name a mountain #alps")
    with History(path) as kept:
        assert kept.tags() == [("alps", 1)]


async def test_pinned_conversations_stand_first(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        await choose(t, 2)
        await t.press("ctrl+b")
        await until_listed(t, "◆ Why is the sky blue?", "Name a river", "Name a mountain")
        assert t.app.screen.found.highlighted == 0, "still the same conversation"
        await t.press("ctrl+b")
        await until_listed(t, "Name a river", "Name a mountain", "Why is the sky blue?")


async def test_a_conversation_is_deleted_only_after_a_yes(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        for no in ("enter", "n", "escape"):
            await choose(t, 1)
            await t.press("ctrl+d")
            await t.until_shown("Delete “Name a mountain” with its 2 turns for good?")
            await t.press(no)
            await t.until(lambda: isinstance(t.app.screen, HistoryScreen))
        assert len(titles(t)) == 3
        await t.press("ctrl+d")
        await t.until_shown("for good?")
        await t.press("y")
        await until_listed(t, "Name a river", "Why is the sky blue?")
        await t.until_shown("Deleted: Name a mountain")
        await t.until_shown("❯ Why is the sky blue?")
    with History(path) as kept:
        assert [run.run for run in kept.runs()] == ["r4", "r1"]
    assert b"Matterhorn" not in path.read_bytes()


async def test_the_state_of_a_cut_answer_stands_apart_from_its_lane(path: Path) -> None:
    write(path, [started("r1"), Ended("r1", "groq", MS, "truncated")])
    async with history(path) as t:
        await t.until_shown("groq · cut")


async def test_the_line_of_keys_begins_with_what_is_done_most(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        await t.until(lambda: t.app.screen.query(FooterKey))
        keys = [key.description for key in t.app.screen.query(FooterKey)]
    assert keys == ["Open", "Play", "Rename", "Tags", "Pin", "Export", "Delete", "Back"]


async def test_a_conversation_that_was_imported_as_documents_is_opened_and_gone_on_with(
    path: Path, tmp_path: Path
) -> None:
    fill(tmp_path / "other.db")
    file = tmp_path / "talk.json"
    with History(tmp_path / "other.db") as other, History(path) as here:
        file.write_bytes(export(past_conversation(other, "mountains"), "json"))
        shown = other.document("r3")["lanes"]
        import_file(here, file, pytest.fail)
    async with history(path) as t:
        await choose(t, 0)
        await t.press("enter")
        await t.until_shown("Everest by groq.")
        opened = [document(turn.runs["groq"].state)["lanes"] for turn in t.compare.session.turns][-1]
        keys = ("text", "status", "ttft_ms", "e2e_ms", "tokens", "cost_usd")
        assert [[lane[key] for key in keys] for lane in opened] == [
            [lane[key] for key in keys] for lane in shown
        ]
        await t.ask("And the next?")
        await t.until(lambda: t.engine.jobs)
        (asked, *_) = t.engine.jobs[0].lanes
        assert [message.content for message in asked.messages] == [
            "Name a mountain", "Matterhorn by groq.", "And a higher one", "Everest by groq.", "And the next?"
        ]  # fmt: skip
        await t.until_quiet()
    with History(path) as kept:
        assert [run.position for run in kept.conversation("mountains").runs] == [0, 1, 2]


@pytest.mark.parametrize("format", ["md", "json", "jsonl", "csv", "html"])
async def test_a_conversation_is_exported_in_every_format_for_its_owner_alone(
    path: Path, folder: Path, format: str
) -> None:
    fill(path)
    async with history(path) as t:
        await choose(t, 1)
        await t.press("ctrl+e")
        await t.until_shown("Export the whole conversation as")
        while t.app.screen.query_one("OptionList").highlighted_option.id != format:
            await t.press("down")
        await t.press("enter")
        await t.until_shown("Written: osstui-name-a-mountain.")
    (file,) = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == (f"osstui-name-a-mountain.{format}", 0o600)
    if format != "csv":
        page = file.read_text()
        assert 0 < page.index("Matterhorn by groq") < page.rindex("Everest by groq")


async def test_an_export_that_cannot_be_written_is_told(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(path)
    monkeypatch.setattr(Path, "cwd", lambda: folder / "gone")
    async with history(path) as t:
        await t.press("ctrl+e")
        await t.until_shown("Export the whole conversation as")
        await t.press("enter")
        await t.until_shown("cannot export:")


async def test_hostile_titles_prompts_and_answers_are_text(path: Path) -> None:
    hostile = f"[/b][red]{NASTY}"
    write(path, answered("r1", hostile, hostile, 1, ["groq"]))
    bad = [started("r2", "fails", ["groq"]), Failed("r2", "groq", 5, "server", 500, f"oops {hostile}")]
    write(path, bad)
    with History(path) as kept:
        kept.tag("r1", "[/x]\x1b]0;t\x07")
    async with history(path) as t:
        await t.until_shown("[/b][red]héllo")
        for _ in range(2):
            await t.press("down")
            await t.until_shown("❯")
            assert control_characters(t.screen) == set()
        await t.press(*"llo")
        await t.until(lambda: t.app.screen._listed == "llo")
        assert control_characters(t.screen) == set()
        for key in ("ctrl+r", "ctrl+t", "ctrl+d", "ctrl+e"):
            await t.press(key)
            await t.until(lambda: not isinstance(t.app.screen, HistoryScreen))
            assert control_characters(t.screen) == set()
            await t.press("escape")
            await t.until(lambda: isinstance(t.app.screen, HistoryScreen))
        await t.press("enter")
        await t.until(lambda: t.app.screen is t.compare and t.compare.session.turns)
        await t.until_quiet()
        assert control_characters(t.screen) == set()


async def test_a_narrow_terminal_shows_the_list_alone(path: Path) -> None:
    fill(path)
    async with history(path, size=(60, 20)) as t:
        assert "Name a mountain" in t.screen
        assert "❯" not in t.screen
        await t.press("down", "enter")
        await t.until_shown("Everest by groq.")


async def test_an_empty_history_says_so(path: Path) -> None:
    async with history(path) as t:
        assert "Nothing is kept yet" in t.screen
        await t.press("enter", "ctrl+r", "ctrl+t", "ctrl+b", "ctrl+d", "ctrl+e", "down", "pagedown")
        assert isinstance(t.app.screen, HistoryScreen)
        await t.press("escape")
        await t.until(lambda: t.app.screen is t.compare)


async def test_a_history_that_is_switched_off_is_told() -> None:
    async with terminal(params=Params()) as t:
        await t.press("ctrl+g")
        await t.until(lambda: "Nothing is kept: the history is switched off" in t.notices)
        assert t.app.screen is t.compare


async def test_a_history_that_cannot_be_read_is_one_line(path: Path) -> None:
    path.write_bytes(b"this is no history" * 100)
    async with terminal(params=Params(), history=lambda: path) as t:
        await t.press("ctrl+g")
        await t.until(lambda: "cannot use the history" in t.notices)
        assert "move the file away" in t.notices
        assert t.app.screen is t.compare


async def test_a_conversation_that_is_gone_meanwhile_is_told_on_one_line(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        with History(path) as other:
            other.delete_conversation("mountains")
        await t.press("down")
        await t.until_shown("there is no run mountains")
        await t.press("ctrl+b")
        await t.press("enter")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until(lambda: "there is no run mountains" in t.notices)


async def test_a_click_looks_into_a_conversation_and_two_open_it(path: Path) -> None:
    fill(path)
    async with history(path) as t:
        await t.pilot.click("OptionList", offset=(5, 3))
        await t.until_shown("❯ And a higher one")
        assert isinstance(t.app.screen, HistoryScreen)
        await t.pilot.click("OptionList", offset=(5, 3), times=2)
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown("Everest by groq.")
