"""The page that says which keys to get: the lines to type, in order, and the local servers."""

from __future__ import annotations

import pytest

from osstui.catalog.first_run import first_run
from osstui.engine.api import LocalServer
from osstui.surroundings import Surroundings
from osstui.tui.screens.keys import KeysScreen
from tests.tui.looks import inside, looks_as_it_did
from tests.tui.scripted import ScriptedEngine, catalog, terminal
from tests.tui.test_lanes import TODAY, around


async def test_without_keys_the_banner_names_the_page_and_a_key_opens_and_closes_it() -> None:
    async with terminal(ScriptedEngine(keys=()), demo="auto", size=(120, 40)) as t:
        await t.until_shown("F2: keys for real ones")
        await t.press("f2")
        await t.until(lambda: isinstance(t.app.screen, KeysScreen))
        await t.until_shown("export CLARIFAI_PAT=…")
        await t.until_shown("none answers here")
        await t.press("f2")
        await t.until(lambda: t.app.screen is t.compare)


async def test_the_palette_opens_the_page() -> None:
    async with terminal() as t:
        await t.press("ctrl+p")
        await t.press(*"keys to get")
        await t.until_shown("best first, and the line")
        await t.press("enter")
        await t.until(lambda: isinstance(t.app.screen, KeysScreen))


@pytest.mark.parametrize("size", [(60, 20), (120, 40), (200, 60)])
async def test_the_page_fits_the_screen(size: tuple[int, int]) -> None:
    server = LocalServer("ollama", True, ("gpt-oss:20b", "[red]x\x1b[2J"))
    async with terminal(size=size) as t:
        here = around("groq", servers=(server,))
        page = KeysScreen(catalog(), here, today=TODAY, shell="posix")
        t.app.push_screen(page)
        await t.until_shown("answers here")
        await t.pilot.pause(0)
        await looks_as_it_did(t, f"keys-{size[0]}x{size[1]}", lambda: inside(t, page.box.region))


async def test_every_line_of_the_command_is_on_the_page_in_its_order_and_in_the_users_shell() -> None:
    page = KeysScreen(catalog().simulated("http://127.0.0.1:9"), Surroundings(), today=TODAY, shell="fish")
    wanted = [line for key in first_run(catalog(), {}, shell="fish").keys for line in key.lines]
    assert page.to_set == wanted
    assert "set -gx GROQ_API_KEY …" in wanted


async def test_a_click_copies_the_line_and_so_does_c_with_the_first() -> None:
    async with terminal(size=(120, 40)) as t:
        t.app.push_screen(KeysScreen(catalog(), Surroundings(), today=TODAY, shell="posix"))
        await t.until_shown("export GROQ_API_KEY=…")
        row = next(i for i, line in enumerate(t.screen.splitlines()) if "export GROQ_API_KEY" in line)
        await t.pilot.click(offset=(t.screen.splitlines()[row].index("GROQ"), row))
        assert t.app.clipboard == "export GROQ_API_KEY=…"
        await t.press("c")
        assert t.app.clipboard == t.app.screen.to_set[0]  # type: ignore[attr-defined]
