"""The lane picker: hosts in a table, sorted, filtered, ticked by key and mouse, with models and presets."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

import pytest
from textual.containers import Vertical
from textual.widgets import Input

from osstui.catalog.presets import Own
from osstui.catalog.problems import Problem
from osstui.engine.api import KeyStatus, LocalServer
from osstui.engine.dialects import DIALECTS
from osstui.surroundings import Surroundings, preset_specs
from osstui.tui.picking import Picker
from osstui.tui.screens.lanes import LanesScreen
from osstui.tui.widgets.grid import MOST_LANES
from tests.tui.looks import inside, looks_as_it_did
from tests.tui.scripted import ScriptedEngine, Terminal, catalog, opened, terminal, whole

TODAY = date(2026, 11, 21)


def around(*present: str, servers: tuple[LocalServer, ...] = ()) -> Surroundings:
    keys = {
        p.id: KeyStatus(p.id, p.id in present, p.key_required, next(iter(p.api_key_env), None))
        for p in catalog().providers.values()
    }
    return Surroundings(keys, {server.provider: server for server in servers})


def picker(*chosen: str) -> Picker:
    return Picker(catalog(), around("cerebras", "groq", "deepinfra"), chosen, TODAY)


def specs(picker: Picker, text: str = "") -> list[str]:
    return [choice.spec for choice in picker.choices(text)]


async def pick(t: Terminal, wanted: str = "") -> LanesScreen:
    """Opens the picker by its key and filters it."""
    await t.press("ctrl+l")
    await t.until(lambda: isinstance(t.app.screen, LanesScreen))
    screen = t.app.screen
    assert isinstance(screen, LanesScreen)
    await t.until(lambda: screen.shown)
    before = len(screen.shown)
    if wanted:
        screen.query_one(Input).value = wanted
        await t.until(lambda: len(screen.shown) < before)
    return screen


@asynccontextmanager
async def picking(
    size: tuple[int, int] = (120, 40), **options: object
) -> AsyncIterator[tuple[Terminal, LanesScreen]]:
    async with terminal(size=size, **options) as t:
        screen = LanesScreen(catalog(), around("cerebras", "groq", "deepinfra"), ["groq"], today=TODAY)
        t.app.push_screen(screen)
        await t.until(lambda: screen.shown)
        await t.pilot.pause(0)
        yield t, screen


async def test_lanes_are_filtered_ticked_and_taken() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask()
        await t.until_quiet()
        screen = await pick(t, "sambanova")
        assert [choice.spec for choice in screen.shown] == ["sambanova"]
        await t.until_shown("needs SAMBANOVA_API_KEY")
        await t.press("down", "space", "ctrl+s")
        await t.until(lambda: len(t.compare.grid.panes) == 4)
        assert [pane.lane for pane in t.compare.grid.panes] == ["cerebras", "groq", "deepinfra", "sambanova"]
        await t.until_shown("joins here")
        assert t.screen.count("Hello world") == 3
        await t.ask("next")
        assert [len(lane.messages) for lane in t.engine.job.lanes] == [3, 3, 3, 1]


async def test_a_lane_that_is_unticked_is_cancelled_and_leaves() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await pick(t, "groq")
        await t.press("down", "space", "ctrl+s")
        await t.until(lambda: len(t.compare.grid.panes) == 2)
        assert t.engine.cancelled == [(t.engine.job.run, "groq")]


async def test_leaving_the_picker_changes_nothing() -> None:
    async with terminal() as t:
        await pick(t, "groq")
        await t.press("down", "space", "escape")
        await t.until(lambda: t.app.screen is t.compare)
        assert len(t.compare.grid.panes) == 3


async def test_a_typed_lane_joins_the_table_and_an_unknown_one_is_explained() -> None:
    async with terminal() as t:
        await pick(t, "groqq:[x]")
        await t.press("enter")
        await t.until_shown('did you mean "groq"')
        t.app.screen.query_one(Input).value = "groq:some/raw-model"
        await t.pilot.pause(0)
        await t.press("enter")
        await t.until_shown("●  groq:some/raw-model")
        await t.press("ctrl+s")
        await t.until(lambda: len(t.compare.grid.panes) == 4)
        assert t.compare.grid.panes[3].target.model_id == "some/raw-model"


async def test_enter_ticks_the_only_host_that_the_filter_leaves_and_then_takes() -> None:
    async with terminal(lanes=["groq"]) as t:
        await pick(t, "sambano")
        await t.press("enter", "enter")
        await t.until(lambda: [pane.lane for pane in t.compare.grid.panes] == ["groq", "sambanova"])


async def test_at_least_one_lane_must_be_ticked() -> None:
    async with terminal(lanes=["groq"]) as t:
        await pick(t, "groq")
        await t.press("down", "space", "ctrl+s")
        await t.until_shown("Tick at least one lane")


@pytest.mark.parametrize("size", [(60, 20), (120, 40), (200, 60)])
async def test_the_table_of_hosts_fits_the_screen(size: tuple[int, int]) -> None:
    async with picking(size) as (t, screen):
        box = screen.query_one(Vertical)
        await looks_as_it_did(t, f"lanes-{size[0]}x{size[1]}", lambda: inside(t, box.region))


async def test_the_picker_opens_at_once_with_every_host() -> None:
    async with terminal() as t:
        await pick(t)
        await t.press("escape")
        taken = []
        for _ in range(4):
            began = time.process_time()
            t.send("ctrl+l")
            await t.until_shown("○  together")
            taken.append(time.process_time() - began)
            assert isinstance(t.app.screen, LanesScreen)
            assert len(t.app.screen.shown) == len(catalog().providers)
            await t.press("escape")
        assert min(taken) < 0.25, taken


async def test_a_click_ticks_and_a_click_on_a_title_sorts_and_then_turns_the_order() -> None:
    async with picking() as (t, screen):
        row = next(i for i, line in enumerate(t.screen.splitlines()) if "○  together" in line)
        await t.pilot.click(offset=(10, row))
        assert screen.picker.chosen == ["groq", "together"]
        titles = next(i for i, line in enumerate(t.screen.splitlines()) if "tok/s" in line)
        column = t.screen.splitlines()[titles].index("tok/s") + 1
        await t.pilot.click(offset=(column, titles))
        assert screen.picker.sort == "throughput"
        await t.until_shown("tok/s▲")
        assert screen.shown[0].spec == "cerebras"
        await t.pilot.click(offset=(column, titles))
        await t.until_shown("tok/s▼")
        speeds = [c.row.output_tps for c in screen.shown if c.row.output_tps is not None]
        assert speeds == sorted(speeds)


async def test_keys_sort_turn_change_the_model_and_choose_presets() -> None:
    async with picking() as (t, screen):
        await t.press("f3", "f3", "f3")
        assert screen.picker.sort == "input"
        await t.until_shown("$ in▲")
        await t.press("down", "r")
        assert screen.picker.reverse
        await t.press("m")
        await t.until_shown("Model gpt-oss-20b")
        assert {c.spec.partition(":")[2] for c in screen.shown} == {"gpt-oss-20b", ""}
        await t.press("2")
        assert screen.picker.chosen == ["cerebras", "groq"]
        await t.press("slash", "alt+3")
        assert screen.picker.chosen == ["deepinfra", "groq", "cerebras"]


async def test_one_lane_may_be_asked_twice() -> None:
    async with terminal(lanes=["groq"]) as t:
        await pick(t, "groq")
        await t.press("down", "+")
        await t.until_shown("2× groq")
        await t.press("enter")
        await t.until(lambda: [pane.lane for pane in t.compare.grid.panes] == ["groq", "groq#2"])


async def test_the_highlighted_host_is_told_with_source_and_age_of_its_price() -> None:
    async with picking((60, 20)) as (t, screen):
        screen.query_one(Input).value = "modelslab-mess"
        await t.until(lambda: len(screen.shown) == 1)
        await t.until_shown("another route")
        await t.until_shown("stale")
        await t.until_shown("needs MODELSLAB_API_KEY")


async def test_what_is_published_and_what_the_user_measured_are_told_of_the_highlighted_host() -> None:
    own = {("groq", "gpt-oss-120b"): Own(ttft_s=0.33, output_tps=243.0, runs=4)}
    async with terminal(size=(160, 40)) as t:
        screen = LanesScreen(catalog(), around("groq"), ["groq"], today=TODAY, measured=lambda: own)
        t.app.push_screen(screen)
        await t.until_shown("published TTFT 0.22 s (×1.50), 486 tok/s (×0.50) · artificialanalysis.ai")
        await t.until_shown("yours TTFT 0.33 s, 243 tok/s in 4 answers")


async def test_the_filter_says_why_a_host_is_disabled() -> None:
    problem = Problem("mine.yaml", 3, 'provider "nimbus": unknown key "dialct"', "providers.nimbus")
    broken = replace(catalog(), problems=(problem,))
    async with terminal() as t:
        screen = LanesScreen(broken, around(), [], today=TODAY)
        t.app.push_screen(screen)
        await t.until(lambda: screen.shown)
        screen.query_one(Input).value = "nimbus"
        await t.until_shown('mine.yaml:3: provider "nimbus": unknown key "dialct"')


async def test_a_preset_that_finds_nobody_says_so_and_changes_nothing() -> None:
    async with terminal(ScriptedEngine(keys=()), lanes=["groq"]) as t:
        screen = await pick(t)
        await t.press("alt+1")
        await t.until_shown("No host of the preset latency")
        assert screen.picker.chosen == ["groq"]


def test_no_more_lanes_are_taken_than_fit() -> None:
    some = picker("groq")
    some.take_all([*catalog().providers] * 2)
    assert len(some.chosen) == MOST_LANES
    some.take_all([])
    assert len(some.chosen) == MOST_LANES


def test_the_demo_has_room_for_every_host_and_so_for_every_dialect() -> None:
    demo = catalog().simulated("http://127.0.0.1:1")
    some = Picker(demo, around(), [], TODAY)
    some.take_all(preset_specs(demo, around(), "all", dict))
    assert set(some.chosen) == set(demo.providers)
    assert {demo.target(spec).dialect for spec in some.chosen} == set(DIALECTS)


def test_what_was_chosen_stands_first_then_what_can_be_asked_and_routes_below_their_hosts() -> None:
    order = specs(picker("together"))
    assert order[:4] == ["together", "groq", "cerebras", "deepinfra"]
    assert order[4] == "deepinfra-messages"
    labels = {choice.spec: choice.label for choice in picker().choices()}
    assert labels["deepinfra-messages"] == "└ deepinfra-messages"
    alone = picker().choices("deepinfra anthropic")
    assert [choice.label for choice in alone] == ["deepinfra-messages"]


def test_the_models_of_a_local_server_can_be_chosen_each() -> None:
    server = LocalServer("ollama", True, ("qwen3:8b", "gpt-oss:20b"))
    local = Picker(catalog(), around(servers=(server,)), [], TODAY)
    assert specs(local)[:2] == ["ollama:qwen3:8b", "ollama:gpt-oss:20b"]


def test_another_route_to_a_local_server_repeats_none_of_its_models_but_the_first() -> None:
    servers = tuple(LocalServer(name, True, ("a", "b")) for name in ("llamacpp", "llamacpp-messages"))
    local = Picker(catalog(), around(servers=servers), [], TODAY)
    running = [choice.spec for choice in local.choices("running")]
    assert running == ["llamacpp:a", "llamacpp-messages:a", "llamacpp:b"]


def test_one_less_takes_the_last_of_the_same_lane() -> None:
    some = picker("groq", "cerebras", "groq")
    some.fewer("groq")
    assert some.chosen == ["groq", "cerebras"]
    some.fewer("together")
    assert some.chosen == ["groq", "cerebras"]


def test_sorting_by_a_column_goes_best_worst_and_back() -> None:
    some = picker()
    before = specs(some)
    some.sort_by("blended")
    best = specs(some)
    some.sort_by("blended")
    assert specs(some) != best
    some.sort_by("blended")
    assert specs(some) == before
    some.sort_by("nonsense")
    assert some.sort is None
