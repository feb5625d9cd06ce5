"""Messages and Responses against a real llama.cpp, which speaks both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.events import Delta, Ended, Usage
from osstui.job import Job, Lane, Message, Params, Quirks, Target, new_run_id
from tests.conftest import LlamaServer
from tests.engine.asking import Told, ask, job, target

PROMPT = "Say hello"
LOOPS = ("asyncio",)
"""What a dialect reads is the same on both; so are sockets, as other tests tell."""
GREEDY = Params(temperature=0.0)
DIALECTS = ("anthropic-messages", "openai-responses")

pytestmark = pytest.mark.parametrize("dialect", DIALECTS)


@pytest.fixture
async def engine(llama: LlamaServer) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(Keyring({"LLAMA_KEY": llama.key}))
    yield engine
    await engine.close()


def at(llama: LlamaServer, dialect: str, **fields: object) -> Target:
    known = {"api_key_env": ("LLAMA_KEY",), "model_id": "gptoss-micro", "dialect": dialect}
    return target(llama.base_url, **(known | fields))


async def one(
    engine: LocalEngine, llama: LlamaServer, dialect: str, params: Params = GREEDY, *, stream: bool = True
) -> Told:
    lane = Lane("a", at(llama, dialect), (Message("user", PROMPT),), params, stream=stream)
    return await ask(engine, Job(new_run_id(), PROMPT, (lane,)))


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_the_answer_is_the_one_that_chat_completions_gives(
    engine: LocalEngine, llama: LlamaServer, dialect: str, stream: bool
) -> None:
    chat = await one(engine, llama, "openai-chat")
    told = await one(engine, llama, dialect, stream=stream)
    assert told.text("reasoning") == chat.text("reasoning") != ""
    assert told.text() == chat.text() != ""
    assert (len(told.of(Delta)) > 10) is stream
    assert told.ended().reason == "stop"
    assert told.ended().model == chat.ended().model
    assert told.ended().traits["end_marker"] == "yes"
    assert told.notes() == []


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_the_usage_is_the_one_that_chat_completions_gives(
    engine: LocalEngine, llama: LlamaServer, dialect: str, stream: bool
) -> None:
    chat = (await one(engine, llama, "openai-chat")).of(Usage)[-1]
    told = (await one(engine, llama, dialect, stream=stream)).of(Usage)[-1]
    assert (told.input, told.output) == (chat.input, chat.output)
    assert told.cached is not None, "the prompt stands in the cache since the last request"
    assert 0 < told.cached < (told.input or 0)
    timed = told.server is not None and told.server.output_tps is not None
    assert timed is (stream and dialect == "openai-responses"), "where llama.cpp tells its own clock"


async def test_the_token_limit_ends_the_answer(engine: LocalEngine, llama: LlamaServer, dialect: str) -> None:
    told = await one(engine, llama, dialect, Params(max_tokens=8, temperature=0.0))
    assert told.of(Usage)[-1].output == 8
    ended = told.ended()
    if dialect == "openai-responses":
        assert ended.finish_reason == "completed", (
            "llama.cpp has no other word here, though it cut the answer"
        )
    else:
        assert (ended.reason, ended.finish_reason) == ("length", "max_tokens")
    assert sum(delta.n or 0 for delta in told.of(Delta)) <= 8


async def test_a_wrong_key_is_refused(engine: LocalEngine, llama: LlamaServer, dialect: str) -> None:
    lane = Lane("a", at(llama, dialect), (Message("user", PROMPT),), GREEDY, wrong_key=True)
    failed = (await ask(engine, Job(new_run_id(), PROMPT, (lane,)))).failed()
    assert (failed.kind, failed.status, failed.message) == ("auth", 401, "Invalid API Key")


@pytest.mark.parametrize("style", ["bearer", "x-api-key"])
async def test_either_key_header_opens_it(
    engine: LocalEngine, llama: LlamaServer, dialect: str, style: str
) -> None:
    quirks = Quirks(key_style=style)  # type: ignore[arg-type]
    told = await ask(engine, job(at(llama, dialect, quirks=quirks), prompt=PROMPT, params=GREEDY))
    assert isinstance(told.ending(), Ended)


async def test_a_system_message_and_earlier_turns_reach_the_model(
    engine: LocalEngine, llama: LlamaServer, dialect: str
) -> None:
    turns = (
        Message("system", "Be kind to whoever asks."),
        Message("user", PROMPT),
        Message("assistant", "Hello! I am a model.", reasoning="Greet."),
        Message("user", "Again!"),
    )
    first = await one(engine, llama, dialect)
    lane = Lane("a", at(llama, dialect), turns, GREEDY)
    told = await ask(engine, Job(new_run_id(), "Again!", (lane,)))
    chat = await ask(
        engine, Job(new_run_id(), "Again!", (Lane("a", at(llama, "openai-chat"), turns, GREEDY),))
    )
    assert (told.of(Usage)[-1].input or 0) > (first.of(Usage)[-1].input or 0) + 10
    assert told.of(Usage)[-1].input == chat.of(Usage)[-1].input


async def test_a_prompt_beyond_the_context_is_refused_with_the_reason(
    engine: LocalEngine, llama: LlamaServer, dialect: str
) -> None:
    failed = (await ask(engine, job(at(llama, dialect), prompt="word " * 3000))).failed()
    assert (failed.kind, failed.status) == ("bad_request", 400)
    assert "context" in failed.message
