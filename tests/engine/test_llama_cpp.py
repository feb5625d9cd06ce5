"""The engine against a real server, in process and behind the pipe alike."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from osstui.engine import tokens
from osstui.engine.api import Engine
from osstui.engine.client import EngineProcess
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.events import Delta, LaneInfo, Opened, Started, Usage
from osstui.job import Effort, Job, Lane, Message, Params, Target, new_run_id
from tests.conftest import LlamaServer
from tests.engine.asking import Told, ask, job, target
from tests.engine.scripted_host import PATIENCE

PROMPT = "Say hello"
LOOPS = ("asyncio",)
"""Behind the pipe is uvloop's anyway; each start of a child takes a second."""


@pytest.fixture(params=["in process", "behind the pipe"])
async def engine(
    request: pytest.FixtureRequest, llama: LlamaServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[Engine]:
    monkeypatch.setenv("LLAMA_KEY", llama.key)
    if request.param == "in process":
        engine: LocalEngine | EngineProcess = LocalEngine(Keyring())
    else:
        engine = EngineProcess(log=tmp_path / "engine.log")
        engine.start()
    yield engine
    await engine.close()


def at(llama: LlamaServer, **fields: object) -> Target:
    return target(llama.base_url, api_key_env=("LLAMA_KEY",), model_id="gptoss-micro", **fields)


GREEDY = Params(temperature=0.0, seed=1)


async def test_reasoning_answer_usage_and_timings_arrive(engine: Engine, llama: LlamaServer) -> None:
    told = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    assert told.text("reasoning").startswith("The user greets me")
    assert told.text().startswith("Hello!")
    assert (told.ended().reason, told.ended().finish_reason) == ("stop", "stop")
    report = told.of(Usage)[-1]
    assert report.input is not None
    assert report.input > 50
    assert report.server is not None
    assert report.server.output_tps is not None
    assert report.server.output_tps > 0
    assert told.notes() == []


async def test_the_local_count_is_the_reported_one_but_for_the_markers(
    engine: Engine, llama: LlamaServer
) -> None:
    """Ten tokens of a gpt-oss answer are harmony's markers, which no client sees."""
    told = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    report = told.of(Usage)[-1]
    assert report.output is not None
    counted = sum(delta.n or 0 for delta in told.of(Delta))
    assert report.output - counted == 10


def _post(llama: LlamaServer, path: str, body: bytes) -> dict[str, object]:
    headers = {"authorization": f"Bearer {llama.key}", "content-type": "application/json"}
    with urlopen(Request(llama.address + path, body, headers)) as reply:
        value = json.load(reply)
    assert isinstance(value, dict)
    return value


SYSTEM, USER = Message("system", "Be kind."), Message("user", PROMPT)
TURNS = (USER, Message("assistant", "Hello! I am a model.", reasoning="Greet."), Message("user", "Again!"))


@pytest.mark.parametrize("effort", ["low", "medium", "high"])
@pytest.mark.parametrize(
    "messages", [(USER,), (SYSTEM, USER), TURNS, (SYSTEM, *TURNS)], ids=["user", "system", "turns", "all"]
)
def test_the_prompt_is_counted_as_the_model_s_own_template_renders_it(
    llama: LlamaServer, messages: tuple[Message, ...], effort: Effort
) -> None:
    import openai_harmony as harmony

    turns = [{"role": message.role, "content": message.content} for message in messages]
    body = json.dumps({"messages": turns, "chat_template_kwargs": {"reasoning_effort": effort}})
    rendered = _post(llama, "/apply-template", body.encode())["prompt"]
    assert isinstance(rendered, str)
    encoding = harmony.load_harmony_encoding(harmony.HarmonyEncodingName.HARMONY_GPT_OSS)
    exact = len(encoding.encode(rendered, allowed_special="all"))
    counted = tokens.count_prompt(messages, effort)
    assert counted is not None
    assert abs(counted - exact) <= 1, "a developer message may end in a token of its own"


async def test_the_prompt_s_count_is_told_before_anything_is_sent(engine: Engine, llama: LlamaServer) -> None:
    told = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    started = told.events[0]
    assert isinstance(started, Started)
    info: LaneInfo = started.lanes[0]
    assert info.input_tokens == tokens.count_prompt((USER,), None)


async def test_a_wrong_key_is_refused(engine: Engine, llama: LlamaServer) -> None:
    bare = target(llama.base_url, api_key_env=())
    failed = (await ask(engine, job(bare))).failed()
    assert (failed.kind, failed.status) == ("auth", 401)
    assert "API" in failed.message


async def test_the_token_limit_ends_the_answer(engine: Engine, llama: LlamaServer) -> None:
    told = await ask(engine, job(at(llama), prompt=PROMPT, params=Params(max_tokens=8, temperature=0.0)))
    assert told.ended().reason == "length"
    report = told.of(Usage)[-1]
    assert report.output == 8


async def test_a_wrong_path_is_not_found(engine: Engine, llama: LlamaServer) -> None:
    lost = target(f"{llama.address}/nowhere", api_key_env=("LLAMA_KEY",))
    failed = (await ask(engine, job(lost))).failed()
    assert (failed.kind, failed.status) == ("not_found", 404)


async def test_a_prompt_beyond_the_context_is_refused_with_the_reason(
    engine: Engine, llama: LlamaServer
) -> None:
    failed = (await ask(engine, job(at(llama), prompt="word " * 3000))).failed()
    assert (failed.kind, failed.status) == ("bad_request", 400)
    assert "context" in failed.message


async def test_a_conversation_is_sent_whole(engine: Engine, llama: LlamaServer) -> None:
    first = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    lane = Lane("a", at(llama), TURNS, GREEDY)
    second = await ask(engine, Job(new_run_id(), "Again!", (lane,)))
    assert second.text("reasoning") != ""
    assert (second.of(Usage)[-1].input or 0) > (first.of(Usage)[-1].input or 0)
    assert (second.of(Usage)[-1].cached or 0) > 0


async def test_four_lanes_at_once_are_not_mixed_up(engine: Engine, llama: LlamaServer) -> None:
    alone = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    told = await ask(engine, job(*[at(llama)] * 4, prompt=PROMPT, params=GREEDY))
    assert [told.text(lane=lane) for lane in "abcd"] == [alone.text()] * 4


async def test_a_cancelled_answer_frees_the_server(engine: Engine, llama: LlamaServer) -> None:
    """All four slots are given up in mid-answer; the next request is answered all the same."""
    params = Params(max_tokens=1500, temperature=2.0, seed=7)
    asked = job(*[at(llama)] * 4, prompt=PROMPT, params=params)
    events = []
    async with asyncio.timeout(PATIENCE):
        async for event in engine.run(asked):
            events.append(event)
            if isinstance(event, Opened):
                engine.cancel(asked.run, event.lane)
    told = Told(events)
    assert {told.ended(lane).reason for lane in "abcd"} <= {"cancelled", "stop", "length"}
    assert "cancelled" in {told.ended(lane).reason for lane in "abcd"}
    again = await ask(engine, job(at(llama), prompt=PROMPT, params=GREEDY))
    assert again.text().startswith("Hello!")


async def test_a_local_server_is_found_with_its_models(engine: Engine, llama: LlamaServer) -> None:
    found = await engine.probe([at(llama), target("http://127.0.0.1:9/v1")])
    assert [server.up for server in found] == [True, False]
    assert len(found[0].models) == 1


async def test_key_statuses_tell_where_a_key_is_and_never_the_key(engine: Engine, llama: LlamaServer) -> None:
    here, missing, free = await engine.keys(
        [at(llama), target("http://127.0.0.1:9", api_key_env=("NO_SUCH_KEY",)), target("x", api_key_env=())]
    )
    assert (here.present, here.required, here.source) == (True, True, "LLAMA_KEY")
    assert (missing.present, missing.required, missing.source) == (False, True, None)
    assert (free.present, free.required) == (False, False)
    assert llama.key not in repr(here)
