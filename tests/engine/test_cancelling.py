"""Whoever cancels, and whenever: each lane has one ending."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from osstui.engine.local import LocalEngine
from osstui.events import Connected, Delta, Ended, Failed, LaneEvent, Opened, Retried, Sent, Started
from tests.engine.asking import Told, ask, job, target
from tests.engine.scripted_host import (
    PATIENCE,
    Host,
    Peer,
    answer,
    data,
    delta,
    error,
    head,
    says,
    whole,
)

HELLO = says(whole(answer("Hello")))


def endless(gone: asyncio.Event) -> object:
    async def script(peer: Peer) -> None:
        await peer.send(head(), data(delta(content="on and on")))
        await peer.gone()
        gone.set()

    return script


async def test_one_lane_is_cancelled_and_the_others_go_on(engine: LocalEngine) -> None:
    go_on = asyncio.Event()

    async def waits(peer: Peer) -> None:
        await go_on.wait()
        await peer.send(whole(answer("Hello")))

    gone = asyncio.Event()
    async with Host(endless(gone)) as forever, Host(waits) as host, asyncio.timeout(PATIENCE):  # type: ignore[arg-type]
        asked = job(target(forever.url), target(host.url))
        events = []
        async for event in engine.run(asked):
            events.append(event)
            if isinstance(event, Delta) and event.lane == "a":
                engine.cancel(asked.run, "a")
            if isinstance(event, Ended) and event.lane == "a":
                await gone.wait()
                go_on.set()
    told = Told(events)
    assert (told.text(), told.ended().reason) == ("on and on", "cancelled")
    assert (told.text(lane="b"), told.ended("b").reason) == ("Hello", "stop")


@pytest.mark.parametrize("moment", [Started, Connected, Sent, Opened, Delta])
async def test_every_lane_has_an_ending_whenever_it_is_cancelled(
    engine: LocalEngine, moment: type[LaneEvent]
) -> None:
    gone = asyncio.Event()
    async with Host(endless(gone)) as host, asyncio.timeout(PATIENCE):  # type: ignore[arg-type]
        asked = job(*[target(host.url)] * 3)
        events = []
        async for event in engine.run(asked):
            events.append(event)
            if isinstance(event, moment):
                engine.cancel(asked.run)
    told = Told(events)
    assert [told.ended(lane).reason for lane in "abc"] == ["cancelled"] * 3


async def test_a_lane_that_waits_to_try_again_can_be_cancelled(engine: LocalEngine) -> None:
    busy = says(error("busy", "429 Too Many Requests", retry_after="50"))
    async with Host(busy) as host, asyncio.timeout(PATIENCE):
        asked = job(target(host.url))
        events = []
        async for event in engine.run(asked):
            events.append(event)
            if isinstance(event, Retried):
                engine.cancel(asked.run, "a")
    assert Told(events).ended().reason == "cancelled"


async def test_unknown_names_are_ignored_when_cancelling(engine: LocalEngine) -> None:
    async with Host(HELLO) as host, asyncio.timeout(PATIENCE):
        asked = job(target(host.url))
        events = []
        async for event in engine.run(asked):
            events.append(event)
            engine.cancel(asked.run, "z")
            engine.cancel("no such run")
    assert Told(events).text() == "Hello"


async def test_whoever_stops_listening_stops_the_run(engine: LocalEngine) -> None:
    gone = asyncio.Event()
    async with Host(endless(gone)) as host, asyncio.timeout(PATIENCE):  # type: ignore[arg-type]
        async with aclosing(engine.run(job(target(host.url)))) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, Delta):
                    break
        await gone.wait()


async def test_closing_the_engine_ends_its_runs(engine: LocalEngine) -> None:
    gone = asyncio.Event()
    async with Host(endless(gone)) as host, asyncio.timeout(PATIENCE):  # type: ignore[arg-type]
        events = []
        async for event in engine.run(job(target(host.url))):
            events.append(event)
            if isinstance(event, Delta):
                await engine.close()
        await gone.wait()
    assert not isinstance(events[-1], Failed)
    assert Told(events).ended().reason == "cancelled"


async def test_what_goes_wrong_in_the_engine_itself_is_raised(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from osstui.engine import core

    def broken(*lanes: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(core, "Gate", broken)
    with pytest.raises(ZeroDivisionError):
        await ask(engine, job(target("http://127.0.0.1:9/v1")))
