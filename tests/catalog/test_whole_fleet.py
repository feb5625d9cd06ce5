"""Every shipped provider at once against the simulated fleet: what arrives is what was sent, to the token."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from osstui.catalog import Catalog, load_catalog
from osstui.engine.local import LocalEngine
from osstui.job import Job, Lane, Message, Params, Target, new_run_id
from osstui.measure.document import document
from osstui.measure.run import RunState
from osstui.simulator.process import SimulatorProcess

PARAMS = Params(effort="low", temperature=0.5, seed=7)
NOWHERE = Path(__file__).parent / "absent" / "providers.yaml"
PROVIDERS = sorted(load_catalog(user=NOWHERE, environ={}).providers)

_OUTPUT = ("completion_tokens", "output_tokens", "eval_count")
_DETAILS = ("completion_tokens_details", "output_tokens_details")


class Fleet(NamedTuple):
    catalog: Catalog
    lanes: dict[str, dict[str, Any]]
    truths: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with SimulatorProcess(speed=16) as simulator:
        yield asyncio.run(_everybody(simulator.url))


async def _everybody(url: str) -> Fleet:
    catalog = load_catalog(user=NOWHERE, environ={}).simulated(url)
    state = await _race(catalog, PROVIDERS)
    async with aiohttp.ClientSession() as http, http.get(f"{url}/__truth") as reply:
        truths = {truth["provider"]: truth for truth in await reply.json()}
    return Fleet(catalog, {lane["lane"]: lane for lane in document(state)["lanes"]}, truths)


async def _race(catalog: Catalog, specs: list[str]) -> RunState:
    messages = (Message("system", "Be brief."), Message("user", "Why is the sky blue over the harbour?"))
    lanes = tuple(Lane(name, target, messages, PARAMS) for name, target in catalog.targets(specs))
    engine, state = LocalEngine(), RunState()
    try:
        async for event in engine.run(Job(new_run_id(), messages[-1].content, lanes)):
            state.apply(event)
    finally:
        await engine.close()
    return state


@pytest.mark.parametrize("provider", PROVIDERS)
def test_text_and_reasoning_arrive_whole(fleet: Fleet, provider: str) -> None:
    lane, truth = fleet.lanes[provider], fleet.truths[provider]
    assert (lane["status"], lane["error"], lane["attempts"]) == ("ok", None, 1)
    assert lane["text"] == truth["text"] != ""
    assert lane["reasoning"] == truth["reasoning"] != ""
    assert lane["finish_reason"] == truth["finish_reason"] == "stop"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_usage_is_what_the_host_reported(fleet: Fleet, provider: str) -> None:
    tokens, truth = fleet.lanes[provider]["tokens"], fleet.truths[provider]
    usage = truth["usage"]
    assert tokens["source"] == "reported"
    assert tokens["input"] == truth["prompt_tokens"]
    assert tokens["output"] == next(usage[name] for name in _OUTPUT if name in usage)
    told = next((usage[name] for name in _DETAILS if usage.get(name)), None)
    if told:
        assert tokens["reasoning"] == told["reasoning_tokens"]
    assert tokens["reasoning"] == truth["reasoning_tokens"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_cost_is_the_hosts_own_or_tokens_times_the_price(fleet: Fleet, provider: str) -> None:
    lane, truth = fleet.lanes[provider], fleet.truths[provider]
    price = fleet.catalog.target(provider).price
    if truth["cost_usd"] is not None:
        assert (lane["cost_usd"], lane["cost_source"]) == (pytest.approx(truth["cost_usd"]), "reported")
    elif price is None:
        assert (lane["cost_usd"], lane["cost_source"]) == (None, None)
    else:
        paid = lane["tokens"]["input"] * price.input + lane["tokens"]["output"] * price.output
        assert lane["cost_usd"] == pytest.approx(paid / 1e6)
        assert lane["cost_source"] == "catalog"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_request_went_out_in_the_entrys_dialect(fleet: Fleet, provider: str) -> None:
    target: Target = fleet.catalog.target(provider)
    truth = fleet.truths[provider]
    assert (truth["dialect"], truth["model"], truth["stream"]) == (target.dialect, target.model_id, True)


def test_the_fleet_speaks_every_dialect_and_no_host_was_asked_twice(fleet: Fleet) -> None:
    assert set(fleet.truths) == set(PROVIDERS)
    assert {truth["attempt"] for truth in fleet.truths.values()} == {1}
    assert {truth["dialect"] for truth in fleet.truths.values()} == {
        "openai-chat", "openai-responses", "anthropic-messages", "ollama-chat",
    }  # fmt: skip


def test_hosts_that_tell_their_own_timings_are_understood(fleet: Fleet) -> None:
    told = {name for name, lane in fleet.lanes.items() if any(v is not None for v in lane["server"].values())}
    assert {"groq", "cerebras", "sambanova", "mara", "llamacpp", "fireworks", "ollama"} <= told
