"""Which lanes the app opens with."""

from pathlib import Path

import pytest

from osstui.catalog.presets import Own
from osstui.engine.api import KeyStatus, LocalServer
from osstui.surroundings import Surroundings, opening_specs, preset_specs
from tests.store.made import write
from tests.store.test_own import run
from tests.tui.scripted import ScriptedEngine, catalog, terminal


def having(*providers: str) -> Surroundings:
    """A key of each, or a server that answers."""
    return Surroundings(
        {name: KeyStatus(name, True, True, "A_KEY") for name in providers},
        {name: LocalServer(name, True) for name in providers},
    )


def test_one_key_opens_a_host_once_whatever_routes_it_has() -> None:
    routes = [p for p in catalog().providers.values() if p.route_of]
    assert routes
    for route in routes:
        around = having(str(route.route_of), route.id)
        assert opening_specs(catalog(), around, None) == [route.route_of]


def test_without_a_choice_the_fastest_by_what_is_published_open_first() -> None:
    around = having("deepinfra", "cerebras", "groq")
    lanes = opening_specs(catalog(), around, None)
    assert lanes == ["cerebras", "groq", "deepinfra"]


def test_presets_go_by_the_users_own_figures() -> None:
    own = {("deepinfra", "gpt-oss-120b"): Own(output_tps=9e9, runs=2)}
    here = having("deepinfra", "cerebras", "groq")
    lanes = preset_specs(catalog(), here, "throughput", lambda: own)
    assert lanes == ["deepinfra", "cerebras", "groq"]


async def test_a_preset_goes_by_the_users_own_runs_but_not_in_the_demo(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    write(path, run("r", 1, 9_000, host="deepinfra"))
    async with terminal(preset="latency", history=lambda: path) as t:
        assert [pane.lane for pane in t.compare.grid.panes] == ["deepinfra", "cerebras", "groq"]
    async with terminal(ScriptedEngine(keys=()), preset="latency", history=lambda: path, demo=True) as t:
        assert t.compare.grid.panes[0].lane == "cerebras"


def test_in_the_demo_a_preset_takes_whom_it_likes() -> None:
    demo = catalog().simulated("http://127.0.0.1:9")
    assert len(preset_specs(demo, Surroundings(), "all", dict)) == len(demo.providers)


async def test_more_lanes_than_there_are_panes_for_are_cut_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("osstui.tui.hosts.MOST_LANES", 3)
    async with terminal(ScriptedEngine(keys=()), preset="all", demo=True) as t:
        assert len(t.compare.session.lanes) == len(t.compare.session.specs) == 3
        assert "the first 3 are here" in t.notices
