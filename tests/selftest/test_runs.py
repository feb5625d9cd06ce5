"""A scenario, short and over real sockets: without a screen, and with the app painting in a terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from osstui.catalog import load_catalog
from osstui.cli.group import run
from osstui.engine import loop
from osstui.selftest.compare import summarize
from osstui.selftest.headless import headless
from osstui.selftest.painted import PaintedError, painted
from osstui.selftest.scenario import PRICE, Scenario

QUICK = Scenario(lanes=8, tps=400, tokens=60, ttft=0.05)
LOOSE_MS, LOOSE_PERCENT = 250.0, 50.0
"""Errors that even a crowded machine stays below; how small they are is what benchmarks measure."""


def test_a_scenario_is_a_catalog_of_its_lanes(tmp_path: Path) -> None:
    path = tmp_path / "catalog.yaml"
    scenario = Scenario(lanes=3, tps=50, tokens=70, chunk=4, ttft=0.5)
    scenario.write_catalog(path, "http://127.0.0.1:9", "mark")
    catalog = load_catalog(only=path)
    assert catalog.problems == ()
    targets = catalog.targets(scenario.lane_names())
    assert [name for name, _ in targets] == ["lane0", "lane1", "lane2"]
    last = targets[2][1]
    assert last.base_url == "http://127.0.0.1:9/lane2/v1"
    assert last.headers == {
        "x-sim": "ttft=0.526;tps=50;tokens=70;reasoning=40;chunk=4;seed=2",
        "x-sim-id": "mark-lane2",
    }
    price = last.price
    assert price is not None
    assert (price.input, price.output, price.cached_input) == (PRICE.input, PRICE.output, PRICE.cached_input)
    assert last.exact_tokenizer
    assert last.api_key_env == ()


def test_a_scenario_knows_about_how_long_it_takes() -> None:
    assert Scenario(lanes=10, tps=100, tokens=160, ttft=0.5).seconds == pytest.approx(0.5 + 0.13 + 2.0)


def test_without_a_screen_every_lane_of_every_round_is_exact(simulator: str) -> None:
    errors = loop.run(headless(QUICK, simulator, rounds=2))
    assert [error.lane for error in errors] == QUICK.lane_names() * 2
    verdict = summarize(errors)
    assert verdict.exact
    assert verdict.ttft_p50 is not None
    assert verdict.speed_p95 is not None
    assert verdict.ttft_p50 < LOOSE_MS
    assert verdict.speed_p95 < LOOSE_PERCENT


def test_several_tokens_a_chunk_are_exact_too(simulator: str) -> None:
    verdict = summarize(loop.run(headless(Scenario(lanes=2, tps=800, tokens=60, chunk=7), simulator)))
    assert verdict.exact


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_with_the_app_painting_every_lane_is_exact(simulator: str) -> None:
    scenario = Scenario(lanes=2, tps=200, tokens=40)
    verdict = summarize(painted(scenario, simulator))
    assert (verdict.lanes, verdict.exact) == (2, True)
    assert verdict.ttft_p95 is not None
    assert verdict.ttft_p95 < LOOSE_MS


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_an_app_that_ends_by_itself_is_told(simulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from osstui.selftest import painted as module

    monkeypatch.setattr(module, "PROMPT", "--no-such-option")
    with pytest.raises(PaintedError, match=r"^the app ended by itself \(exit code 2\)$"):
        painted(Scenario(lanes=1), simulator)


def test_the_command_prints_one_document(capfd: pytest.CaptureFixture[str]) -> None:
    line = "selftest --no-screen --json --lanes 2 --tokens 30 --tps 500 --rounds 2"
    assert run(line.split()) == 0
    out, err = capfd.readouterr()
    document = json.loads(out)
    assert (document["v"], document["scenario"]["lanes"], document["scenario"]["tokens"]) == (1, 2, 30)
    assert list(document["measured"]) == ["no screen"]
    verdict = document["measured"]["no screen"]
    assert verdict["lanes"] == verdict["text_exact"] == verdict["tokens_exact"] == verdict["cost_exact"] == 4
    assert 0 <= verdict["ttft_p50"] <= verdict["ttft_p95"]
    assert err.startswith("osstui: about ")
    assert err.count("\n") == 1


def test_the_command_s_table_shows_what_the_document_holds(capfd: pytest.CaptureFixture[str]) -> None:
    line = "selftest --no-screen --lanes 2 --tokens 30 --tps 500 --rounds 1"
    assert run(line.split()) == 0
    out = capfd.readouterr().out
    assert out.startswith("2 simulated hosts × 500 tok/s × 30 tokens, 1 a chunk, loopback\n")
    rows = {line[:26].strip(): line[26:].split() for line in out.splitlines()[3:]}
    assert rows["text and reasoning exact"] == ["2/2"]
    assert rows["costs exact"] == ["2/2"]
    assert float(rows["TTFT error, median"][0]) >= 0
    assert rows["TTFT error, median"][1] == "ms"


def test_a_number_that_is_not_exact_is_exit_code_1(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host is made to report other usage than it told."""
    from osstui.selftest import headless as module

    fetch = module.fetch_truths

    def lied(url: str) -> dict[str, dict[str, object]]:
        return {
            id: truth | {"usage": {**truth["usage"], "completion_tokens": 1}}
            for id, truth in fetch(url).items()
        }

    monkeypatch.setattr(module, "fetch_truths", lied)
    line = "selftest --no-screen --json --lanes 1 --tokens 20 --tps 500 --rounds 1"
    assert run(line.split()) == 1
    verdict = json.loads(capfd.readouterr().out)["measured"]["no screen"]
    assert (verdict["text_exact"], verdict["tokens_exact"], verdict["cost_exact"]) == (1, 0, 0)


def test_a_simulator_that_does_not_start_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from osstui.simulator.process import SimulatorError, SimulatorProcess

    def refuse(self: SimulatorProcess) -> str:
        raise SimulatorError("the simulated providers did not start (exit code 1)")

    monkeypatch.setattr(SimulatorProcess, "start", refuse)
    assert run(["selftest", "--no-screen", "--lanes", "1", "--rounds", "1"]) == 2
    assert capfd.readouterr().err.splitlines()[1:] == [
        "osstui: the simulated providers did not start (exit code 1)"
    ]


def test_a_simulator_that_goes_away_is_one_line(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from osstui.selftest import headless as module

    fetch = module.fetch_truths
    monkeypatch.setattr(module, "fetch_truths", lambda url: fetch("http://127.0.0.1:9"))
    line = "selftest --no-screen --lanes 1 --tokens 20 --tps 500 --rounds 1"
    assert run(line.split()) == 2
    said = capfd.readouterr().err.splitlines()[1:]
    assert len(said) == 1
    assert said[0].startswith("osstui: the simulated providers went away: ")
