"""Parameters in the app: for all lanes, for one, as profiles; and the theme that is remembered."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input, TextArea

from osstui.events import Noted
from osstui.job import Job
from osstui.profile import Profile
from osstui.settings import Settings
from osstui.tui.screens.parameters import ParametersScreen
from tests.tui.scripted import MS, ScriptedEngine, Terminal, opened, terminal, whole


async def dialog(t: Terminal, key: str, **values: str) -> ParametersScreen:
    """Opens the dialog and types the values into it."""
    await t.press(key)
    await t.until(lambda: isinstance(t.app.screen, ParametersScreen))
    screen = t.app.screen
    assert isinstance(screen, ParametersScreen)
    await t.until(lambda: screen.query("#said"))
    for name, value in values.items():
        if name == "system":
            screen.query_one("#system", TextArea).text = value
        else:
            screen.query_one(f"#{name}", Input).value = value
    return screen


async def test_parameters_are_sent_by_all_lanes_and_shown_where_they_differ() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await dialog(t, "ctrl+o", system="Be brief", temperature="0.2", stop=r"END 'two words' \n")
        await t.press("ctrl+s")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown('system "Be brief" · temperature 0.2')
        await t.ask()
        for lane in t.engine.job.lanes:
            assert lane.messages[0].content == "Be brief"
            assert (lane.params.temperature, lane.params.stop) == (0.2, ("END", "two words", "\n"))


async def test_a_lane_may_differ_and_shows_in_what() -> None:
    async with terminal(ScriptedEngine(whole()), profile=Profile(temperature=0.5)) as t:
        await t.until_shown("temperature 0.5")
        await t.press("alt+2")
        screen = await dialog(t, "o", effort="high")
        assert screen.query_one("#temperature", Input).value == "0.5"
        await t.press("ctrl+s")
        await t.until_shown("effort high")
        await t.ask()
        assert [lane.params.effort for lane in t.engine.job.lanes] == [None, "high", None]
        await t.until_quiet()
        await t.press("alt+2")
        await dialog(t, "o")
        await t.press("ctrl+r", "ctrl+s")
        await t.until(lambda: "effort high" not in t.screen)
        assert t.compare.session.overrides == {}


async def test_a_wrong_value_keeps_the_dialog_open_and_is_named() -> None:
    async with terminal() as t:
        await dialog(t, "ctrl+o", temperature="hot")
        await t.press("ctrl+s")
        await t.until_shown("temperature: Input should be a valid number")
        await t.press("escape")
        await t.until(lambda: t.app.screen is t.compare)
        assert t.compare.session.profile == Profile()


async def test_a_profile_is_kept_and_loaded_again(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.yaml")
    async with terminal(settings=settings) as t:
        await dialog(t, "ctrl+o", seed="7", effort="low", profile="my own")
        await t.press("ctrl+k")
        await t.until_shown("osstui ask --profile 'my own'")
        assert settings.profile("my own") == Profile(seed=7, effort="low")
        await t.press("ctrl+r", "escape")
        screen = await dialog(t, "ctrl+o", profile="my own")
        screen.query_one("#profile", Input).focus()
        await t.press("enter")
        await t.until(lambda: screen.query_one("#seed", Input).value == "7")
        await t.press("ctrl+s")
        await t.until_shown("effort low · seed 7")


async def test_a_broken_settings_file_is_told_in_the_dialog(tmp_path: Path) -> None:
    path = tmp_path / "settings.yaml"
    path.write_text("profiles: [")
    async with terminal(settings=Settings(path)) as t:
        await dialog(t, "ctrl+o")
        await t.until_shown("not valid YAML")


async def test_a_host_that_does_not_take_a_parameter_says_so_in_its_pane() -> None:
    def answer(engine: ScriptedEngine, job: Job) -> None:
        opened(engine, job)
        engine.put(Noted(job.run, "groq", MS, "dropped_parameter", "seed is not sent: the host refuses it"))

    async with terminal(ScriptedEngine(answer), profile=Profile(seed=7)) as t:
        await t.ask()
        await t.until_shown("seed is not sent")
        assert t.screen.count("seed is not sent") == 1


async def test_a_schema_that_has_gone_stops_the_prompt_and_keeps_it(tmp_path: Path) -> None:
    async with terminal(profile=Profile(response_format=str(tmp_path / "gone.json"))) as t:
        t.compare.prompt.text = "keep me"
        await t.press("enter")
        await t.until(lambda: "can't be read" in t.notices)
        assert t.compare.prompt.text == "keep me"
        assert not t.engine.jobs
        assert not t.compare.session.busy


async def test_the_chosen_theme_is_there_again_at_the_next_start(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.yaml")
    async with terminal(settings=settings) as t:
        first = t.app.theme
        await t.press("ctrl+t")
        await t.until(lambda: settings.theme() == t.app.theme)
        chosen = t.app.theme
        assert chosen != first
    async with terminal(settings=settings) as t:
        assert t.app.theme == chosen


async def test_tools_are_chosen_by_file_and_a_wrong_file_keeps_the_dialog_open(tmp_path: Path) -> None:
    file = tmp_path / "tools.yaml"
    file.write_text("- name: now\n  parametres: {}\n")
    async with terminal(ScriptedEngine(whole())) as t:
        await dialog(t, "ctrl+o", tools=str(file), builtin_tools="browser_search code_interpreter")
        await t.press("ctrl+s")
        await t.until_shown("did you mean parameters?")
        file.write_text("- name: now\n")
        await t.press("ctrl+s")
        await t.until(lambda: t.app.screen is t.compare)
        await t.until_shown("tools tools.yaml")
        await t.ask()
        for lane in t.engine.job.lanes:
            assert [tool.name for tool in lane.tools] == ["now"]
            assert lane.builtin_tools == ("browser_search", "code_interpreter")


async def test_the_dialog_can_be_filled_in_by_key_from_its_first_field_on() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        screen = await dialog(t, "ctrl+o")
        await t.until(lambda: isinstance(screen.focused, TextArea))
        await t.press(*"Terse")
        await t.press("tab", *"high", "tab", "1", "ctrl+s")
        await t.until_shown('system "Terse" · effort high · temperature 1')
