"""How long a lane waits, and for what."""

from __future__ import annotations

import asyncio

from osstui.engine.local import LocalEngine
from osstui.events import Sent
from osstui.job import Params
from tests.engine.asking import Told, ask, job, target
from tests.engine.scripted_host import Host, Peer, data, delta, error, head, says


async def told_by(engine: LocalEngine, *scripts: object, **params: object) -> Told:
    async with Host(*scripts) as host:  # type: ignore[arg-type]
        return await ask(engine, job(target(host.url), params=Params(**params)))  # type: ignore[arg-type]


async def test_the_first_token_is_waited_for_as_long_as_told(engine: LocalEngine) -> None:
    async def silent(peer: Peer) -> None:
        await peer.send(head(), data(delta(role="assistant", content="")))
        await peer.gone()

    told = await told_by(engine, silent, first_token_timeout=0.05)
    failed = told.failed()
    assert failed.kind == "timeout"
    assert "--first-token-timeout" in failed.message
    assert failed.t - told.of(Sent)[0].t >= 50_000_000


async def test_silence_between_pieces_is_limited_and_text_kept(engine: LocalEngine) -> None:
    async def stalls(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="Half")))
        await peer.gone()

    told = await told_by(engine, stalls, idle_timeout=0.05)
    assert told.text() == "Half"
    assert told.failed().kind == "timeout"
    assert "--idle-timeout" in told.failed().message
    assert told.failed().t < 5_000_000_000


async def test_a_refusal_whose_body_never_ends_is_one_all_the_same(engine: LocalEngine) -> None:
    async def stalls(peer: Peer) -> None:
        await peer.send(head("401 Unauthorized", content_length="900"), b"no such key")
        await peer.gone()

    failed = (await told_by(engine, stalls, first_token_timeout=0.05)).failed()
    assert (failed.kind, failed.status, failed.message) == ("auth", 401, "no such key")


async def test_a_key_command_counts_against_the_whole_lane_s_time(engine: LocalEngine) -> None:
    asked = target("http://127.0.0.1:9/v1", api_key_env=(), api_key_command="sleep 30")
    failed = (await ask(engine, job(asked, params=Params(timeout=0.1)))).failed()
    assert (failed.kind, failed.message) == ("timeout", "no key after 0.1 s (--timeout)")
    assert failed.t < 5_000_000_000


async def test_the_whole_lane_is_limited(engine: LocalEngine) -> None:
    async def endless(peer: Peer) -> None:
        await peer.send(head())
        while True:
            await peer.send(data(delta(content="on and ")))
            await asyncio.sleep(0.001)

    told = await told_by(engine, endless, timeout=0.2)
    assert "--timeout" in told.failed().message
    assert told.text().startswith("on and ")


async def test_a_wait_beyond_the_whole_lane_s_time_is_not_begun(engine: LocalEngine) -> None:
    busy = says(error("slow down", "429 Too Many Requests", retry_after="30"))
    told = await told_by(engine, busy, timeout=10)
    assert told.failed().retry_after == 30.0
