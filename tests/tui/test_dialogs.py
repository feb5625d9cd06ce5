"""Help, palette and the opening: what is chosen and how it is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.command import CommandPalette

from osstui.catalog import Catalog, CatalogError, load_catalog
from osstui.events import Started, decode
from osstui.surroundings import DEMO_LANES
from osstui.tui.commands import COMMANDS, SCOPES
from osstui.tui.screens.checks import ChecksScreen
from osstui.tui.screens.help import HelpScreen
from osstui.tui.screens.history import HistoryScreen
from tests.tui.scripted import FakeFleet, ScriptedEngine, catalog, opened, terminal, whole
from tests.tui.test_lanes import pick


def test_no_two_commands_share_an_id_or_a_key_in_one_scope() -> None:
    assert len({command.id for command in COMMANDS}) == len(COMMANDS)
    for scope in SCOPES:
        keys = [key for command in COMMANDS if command.scope == scope for key in command.keys.split(",")]
        assert len(set(keys)) == len(keys)


async def test_every_command_has_an_action_where_its_key_is_pressed() -> None:
    async with terminal() as t:
        homes = {"screen": t.compare, "app": t.app}
        scopes = {"prompt": t.compare.prompt, "history": HistoryScreen, "checks": ChecksScreen}
        for command in COMMANDS:
            namespace, _, name = command.binding.action.rpartition(".")
            home = scopes.get(command.scope) or homes[namespace]
            assert hasattr(home, f"action_{name.partition('(')[0]}"), command.id


async def test_the_help_screen_lists_every_scope_and_closes() -> None:
    async with terminal(size=(120, 160)) as t:
        await t.press("alt+1", "question_mark")
        assert isinstance(t.app.screen, HelpScreen)
        for word in (*SCOPES.values(), "Ctrl+Q", "Alt+1…9", "Stop this answer"):
            await t.until_shown(word)
        await t.press("escape")
        assert t.app.screen is t.compare


async def test_the_help_keeps_its_two_columns_on_a_narrow_screen() -> None:
    async with terminal(size=(60, 200)) as t:
        await t.press("f1")
        await t.until_shown("Send the prompt to every lane")
        rows = t.screen.splitlines()
        at = next(i for i, row in enumerate(rows) if "After @" in row)
        column = rows[at].index("After @")
        beside = [row[column:].strip("│ ") for row in rows[at : at + 3]]
        assert " ".join(beside) == next(c.help for c in COMMANDS if c.id == "prompt.complete")


async def test_the_palette_runs_the_commands_of_the_table() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("ctrl+p")
        assert isinstance(t.app.screen, CommandPalette)
        await t.press(*"cancel all")
        await t.until_shown("Stop every answer")
        await t.press("enter")
        await t.until(lambda: t.engine.cancelled)
        await t.until(lambda: t.app.screen is t.compare)


async def test_without_a_key_the_app_opens_in_the_demo_and_says_so() -> None:
    async with terminal(ScriptedEngine(whole(), keys=()), demo="auto", size=(160, 50)) as t:
        assert [pane.lane for pane in t.compare.grid.panes] == list(DEMO_LANES)
        assert "no key, no local server" in t.screen
        assert t.screen.count(" simulated ") >= 6
        await t.ask()
        assert all(lane.target.simulated for lane in t.engine.job.lanes)


async def test_a_small_screen_opens_the_demo_with_as_many_lanes_as_fit() -> None:
    async with terminal(ScriptedEngine(keys=()), demo="auto", size=(60, 20)) as t:
        assert len(t.compare.grid.panes) == 2


async def test_with_a_key_the_lanes_are_real_and_the_fastest_stand_first() -> None:
    async with terminal(ScriptedEngine(keys=("deepinfra", "groq", "cerebras")), demo="auto") as t:
        assert [pane.lane for pane in t.compare.grid.panes] == ["cerebras", "groq", "deepinfra"]
        assert "DEMO" not in t.screen
        assert "simulated" not in t.screen


async def test_a_local_server_that_answers_becomes_a_lane() -> None:
    async with terminal(ScriptedEngine(keys=("groq", "llamacpp")), demo="auto") as t:
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq", "llamacpp"]


async def test_lanes_of_the_command_line_are_taken_as_they_stand() -> None:
    async with terminal(lanes=["groq", "groq"]) as t:
        assert [pane.lane for pane in t.compare.grid.panes] == ["groq", "groq#2"]


async def test_an_unknown_lane_is_one_line_and_others_can_be_chosen() -> None:
    async with terminal(lanes=["nobody[x]"]) as t:
        assert 'there is no provider "nobody[x]"' in t.screen.replace("\n", "")
        await pick(t, "groq")
        await t.press("enter", "ctrl+s")
        await t.until(lambda: [pane.lane for pane in t.compare.grid.panes] == ["groq"])


async def test_a_catalog_that_cannot_be_read_is_one_line() -> None:
    def broken() -> Catalog:
        raise CatalogError("providers.yaml:3: [b] is not known \x1b[2J")

    async with terminal(catalog=broken) as t:
        assert "providers.yaml:3: [b] is not known ␛[2J" in t.screen
        await t.press(*"kept", "enter")
        assert t.compare.prompt.text == "kept"


async def test_mistakes_in_the_catalog_are_notices(tmp_path: Path) -> None:
    extra = tmp_path / "mine.yaml"
    extra.write_text("version: 1\nproviders:\n  mine: {name: Mine, base_url: ftp://x, nonsense: 1}\n")
    async with terminal(catalog=lambda: load_catalog(extra=extra)) as t:
        assert "mine.yaml:3" in t.notices


async def test_recording_writes_every_event(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    async with terminal(ScriptedEngine(whole()), record=path) as t:
        await t.ask()
        await t.until_quiet()
    events = [decode(line) for line in path.read_bytes().splitlines()]
    assert isinstance(events[0], Started)
    assert len(events) == 1 + 3 * 7


async def test_a_file_that_cannot_be_written_is_said_and_the_app_goes_on(tmp_path: Path) -> None:
    async with terminal(ScriptedEngine(whole()), record=tmp_path / "no" / "where.jsonl") as t:
        assert "nothing is recorded" in t.notices
        await t.ask()
        await t.until_quiet()
        assert t.screen.count("Hello world") == 3


async def test_leaving_closes_engine_and_fleet() -> None:
    fleet = FakeFleet()
    engine = ScriptedEngine(opened, keys=())
    async with terminal(engine, demo=True, simulator=lambda: fleet) as t:
        await t.ask()
        await t.press("ctrl+q")
        await t.until(lambda: not t.app.is_running)
    assert engine.closed
    assert fleet.closed


async def test_a_fleet_that_does_not_start_is_one_line() -> None:
    class Broken(FakeFleet):
        async def start_async(self) -> str:
            raise RuntimeError("the simulated providers did not start [exit 1]")

    async with terminal(demo=True, simulator=Broken) as t:
        assert "did not start [exit 1]" in t.screen


@pytest.mark.parametrize("size", [(60, 20), (120, 40)])
async def test_the_first_screen_takes_keys_before_the_catalog_is_there(size: tuple[int, int]) -> None:
    hold = asyncio.Event()
    engine = ScriptedEngine()
    engine.ready = hold
    async with terminal(engine, size=size) as t:
        await t.press(*"typed")
        assert "typed" in t.screen
        hold.set()
        await t.until(lambda: t.compare.draft.lanes_known)
        assert catalog().providers
        assert t.compare.prompt.text == "typed"


async def test_a_picture_can_be_taken_of_a_dialog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with terminal() as t:
        await t.press("f2")
        await t.until_shown("Keys and local servers")
        await t.press("f8")
        await t.until(lambda: [*tmp_path.glob("*.svg")])
        await t.until(lambda: "Written: osstui-screen.svg" in t.notices)
        assert "Keys" in (tmp_path / "osstui-screen.svg").read_text("utf-8")
