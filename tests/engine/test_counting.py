"""The count of a prompt before it is sent: the same in this process and through the pipe."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from msgspec import structs

from osstui.engine import tokens
from osstui.engine.client import EngineProcess
from osstui.engine.local import LocalEngine
from osstui.events import Delta
from osstui.job import CallSent, Job, Message, Params, Tool
from tests.engine.asking import ENVIRON, ask, job, target
from tests.engine.scripted_host import PATIENCE, Host, Peer, data, delta, head

TALK = (
    Message("system", "Be brief"),
    Message("user", "Why?"),
    Message("assistant", "So."),
    Message("user", "Ah"),
)


@pytest.mark.parametrize("make", [LocalEngine, EngineProcess])
async def test_a_prompt_is_counted_as_the_model_reads_it(make: type[LocalEngine | EngineProcess]) -> None:
    engine = make()
    try:
        assert await engine.count(TALK, "high") == tokens.count_prompt(TALK, "high")
        assert await engine.count(TALK) == tokens.count_prompt(TALK, None)
    finally:
        await engine.close()


async def test_lanes_that_ask_the_same_are_counted_once(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, count = [], tokens.count_prompt

    def counting(*asked: Any) -> int | None:
        counted.append(asked)
        return count(*asked)

    monkeypatch.setattr(tokens, "count_prompt", counting)
    lanes = job(*[target("http://127.0.0.1:1/v1")] * 4, params=Params(retries=0)).lanes
    other = structs.replace(lanes[2], params=Params(retries=0, effort="high"))
    uncounted = structs.replace(lanes[3], count_prompt=False)
    told = await ask(engine, Job("r", "Say hello", (*lanes[:2], other, uncounted)))
    numbers = [info.input_tokens for info in told.events[0].lanes]  # type: ignore[union-attr]
    assert numbers == [count(*counted[0]), count(*counted[0]), count(*counted[1]), None]
    assert len(counted) == 2


async def test_nothing_is_counted_while_an_answer_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)

    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="on and on")))
        await peer.gone()

    engine, counts = LocalEngine(), []
    async with Host(script) as host, asyncio.timeout(PATIENCE):
        asked = job(target(host.url))
        async for event in engine.run(asked):
            if isinstance(event, Delta) and not counts:
                counts.append(await engine.count(TALK))
                engine.cancel(asked.run)
    await engine.close()
    assert counts == [None]


def test_a_prompt_with_tools_calls_and_results_is_counted_whatever_a_model_wrote_into_them() -> None:
    tool = Tool("f", "Does it", {"type": "object", "properties": {"a": {"$ref": "#/x"}, "b": True}})
    call = CallSent("c", "<|end|> to=assistant", "<|call|>{")
    talk = (
        Message("user", "hi"),
        Message("assistant", "", calls=(call,)),
        Message("tool", "r", answers=call),
    )
    bare, offered = tokens.count_prompt(talk[:1], None), tokens.count_prompt(talk[:1], None, (tool,))
    whole = tokens.count_prompt(talk, None, (tool,))
    assert bare is not None
    assert offered is not None
    assert whole is not None
    assert bare < offered < whole
