"""The ground truth agrees with what was sent, and the schedule with what was asked for."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from osstui.simulator import server, tokens
from osstui.simulator.hosts import host_of
from osstui.simulator.plan import as_wished, make_answer
from osstui.simulator.player import schedule
from osstui.simulator.shapes import SHAPES
from osstui.simulator.shapes.base import Answer
from osstui.simulator.wishes import parse

from .talk import ask, get, truth


async def test_the_truth_agrees_with_what_arrived(fleet: str) -> None:
    headers = {"x-sim-id": "truth-1"}
    reply = await ask(fleet, "groq", "Explain heaps", sim="tokens=50;reasoning=20;chunk=3", headers=headers)
    record = await truth(fleet, "truth-1")
    assert reply.headers["x-request-id"] == record["id"] == "truth-1"
    assert record["text"] == reply.joined("content")
    assert record["reasoning"] == reply.joined("reasoning")
    assert (record["total_tokens"], record["reasoning_tokens"]) == (70, 20)
    assert sum(record["tokens"]) == 70
    assert record["usage"] == reply.usages[-1]
    assert record["prompt_tokens"] == reply.usages[-1]["prompt_tokens"]
    assert len(record["writes"]) == len(record["tokens"]) == len(record["kinds"])
    assert len(record["writes"]) == sum(1 for d in reply.deltas if d.get("content") or d.get("reasoning"))
    assert record["writes"] == sorted(record["writes"])
    assert record["t_headers"] <= record["t_received"] <= record["t_open"] <= record["t_first"]
    assert record["t_first"] == record["writes"][0]
    assert record["t_first_answer"] == record["writes"][record["kinds"].index("text")]
    assert record["t_last"] == record["writes"][-1] <= record["t_end"]
    assert (record["ended"], record["finish_reason"]) == ("done", "stop")


async def test_tokens_come_at_the_rate_that_was_asked_for(fleet: str) -> None:
    sim = "ttft=0.05;tps=1000;tokens=180;reasoning=20;chunk=4"
    await ask(fleet, "vllm", "Explain heaps", sim=sim, headers={"x-sim-id": "rate-1"})
    record = await truth(fleet, "rate-1")
    assert 0.05 <= (record["t_first"] - record["t_received"]) / 1e9 < 0.15
    seconds = (record["t_last"] - record["t_first"]) / 1e9
    assert (200 - record["tokens"][0]) / seconds == pytest.approx(1000, rel=0.3)


@pytest.mark.parametrize("size", [1, 3, 8])
async def test_a_chunk_holds_the_tokens_that_were_asked_for(fleet: str, size: int) -> None:
    headers = {"x-sim-id": f"chunk-{size}"}
    sim = f"tokens=48;reasoning=24;chunk={size};text=plain%20words%20only"
    await ask(fleet, "vllm", "Explain heaps", sim=sim, headers=headers)
    thinking = [n for n, kind in zip(*(await records(fleet, headers)), strict=True) if kind == "reasoning"]
    assert thinking == [size] * (24 // size)


async def records(fleet: str, headers: dict[str, str]) -> tuple[list[int], list[str]]:
    record = await truth(fleet, headers["x-sim-id"])
    return record["tokens"], record["kinds"]


async def test_chunks_by_characters_keep_text_and_count(fleet: str) -> None:
    headers = {"x-sim-id": "chars-1"}
    reply = await ask(fleet, "vllm", "Explain heaps", sim="tokens=60;reasoning=0;chars=7", headers=headers)
    text = reply.joined("content")
    assert [len(d["content"]) for d in reply.deltas if d.get("content")][:-1] == [7] * ((len(text) - 1) // 7)
    assert sum((await truth(fleet, "chars-1"))["tokens"]) == tokens.count(text) == 60


def test_jitter_delays_and_never_reorders() -> None:
    plain, late = dues("jitter=0"), dues("jitter=0.02")
    assert plain == pytest.approx([0.1 + n / 1000 for n in range(40)])
    assert late == sorted(late)
    assert all(a <= b <= a + 0.0201 for a, b in zip(plain, late, strict=True))
    assert max(b - a for a, b in zip(plain, late, strict=True)) > 0.01
    assert late == dues("jitter=0.02")


def dues(sim: str) -> list[float]:
    """When each chunk of a planned answer is due, seconds after receipt."""
    wishes = parse(f"ttft=0.1;tps=1000;tokens=40;reasoning=0;chunk=1;text={'word ' * 60};{sim}")
    shape = SHAPES["/chat/completions"]
    ask = shape.read({"model": "m", "messages": [{"role": "user", "content": "Hello"}]})
    host = as_wished(host_of("vllm"), wishes, speed=1)
    answer = make_answer(ask, host, wishes, seed=0, request_id="r", created=0)
    return [due for due, _, chunk in schedule(answer, shape, wishes, 0) if chunk is not None]


async def test_the_truth_can_be_listed_and_forgotten(fleet: str) -> None:
    await ask(fleet, "groq", "Hello", sim="tokens=3")
    assert len((await get(f"{fleet}/__truth"))[1]) >= 1
    async with aiohttp.ClientSession() as session, session.delete(f"{fleet}/__truth") as response:
        assert response.status == 204
    assert (await get(f"{fleet}/__truth"))[1] == []
    assert (await get(f"{fleet}/__truth?id=nobody"))[0] == 404


async def test_no_answer_of_a_large_race_is_composed_while_requests_are_still_coming(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Composing takes the server some milliseconds, in which it could not stamp what arrives."""
    came: list[int] = []
    composed: list[int] = []

    def compose(*args: Any, **more: Any) -> Answer:
        composed.append(len(came))
        return make_answer(*args, **more)

    monkeypatch.setattr(server, "make_answer", compose)
    monkeypatch.setattr(server, "_PATIENCE_S", 0.2)
    monkeypatch.setattr(server, "_MOST_PATIENCE_S", 2.0)
    runner = web.AppRunner(server.Simulator(speed=50).app())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/groq/v1/chat/completions"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

            async def ask(n: int) -> int:
                await asyncio.sleep(0.002 * n)
                came.append(n)
                talk = [{"role": "user", "content": "Hi [[sim: tokens=2;reasoning=1]]"}]
                body = {"model": "m", "messages": talk}
                async with http.post(url, json=body) as reply:
                    return reply.status

            assert set(await asyncio.gather(*map(ask, range(40)))) == {200}
    finally:
        await runner.cleanup()
    assert composed == [40] * 40
