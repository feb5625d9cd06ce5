"""Connections: opened together, timed in parts, kept warm, and never mixed up."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohappyeyeballs
import pytest

from osstui.engine import gate, pool
from osstui.engine.local import LocalEngine
from osstui.events import Connected, Retried, Sent
from osstui.job import Params
from tests.engine.asking import ask, job, target
from tests.engine.scripted_host import (
    PATIENCE,
    Host,
    Peer,
    answer,
    error,
    listening,
    says,
    whole,
)

HELLO = says(whole(answer("Hello")))


async def test_all_eight_lanes_are_connected_before_the_first_is_sent(engine: LocalEngine) -> None:
    async with Host(HELLO) as host:
        told = await ask(engine, job(*[target(host.url)] * 8))
    kinds = [type(event) for event in told.events]
    assert kinds.count(Connected) == kinds.count(Sent) == 8
    assert max(i for i, k in enumerate(kinds) if k is Connected) < kinds.index(Sent)
    assert host.connections == 8
    assert all(told.text(lane=lane) == "Hello" for lane in "abcdefgh")


async def test_a_lane_that_can_not_connect_does_not_hold_up_the_others(
    engine: LocalEngine, unused_tcp_port: int
) -> None:
    dead = target(f"http://127.0.0.1:{unused_tcp_port}/v1")
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url), dead, target(host.url), params=Params(retries=0)))
    assert told.text(lane="a") == told.text(lane="c") == "Hello"
    failed = told.failed("b")
    assert (failed.kind, failed.status) == ("connect", None)


async def test_a_lane_that_connects_forever_is_not_waited_for_at_the_gate(
    engine: LocalEngine, full_backlog: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.05)
    slow = target(f"http://127.0.0.1:{full_backlog}/v1")
    params = Params(retries=0, connect_timeout=0.6)
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url), slow, params=params))
    assert told.text() == "Hello"
    assert told.failed("b").kind == "timeout"
    assert "within 0.6 s" in told.failed("b").message
    assert told.ended().t < told.failed("b").t


@pytest.fixture
def full_backlog() -> Iterator[int]:
    """A port whose queue of connections is full: connecting to it is never answered."""
    if sys.platform != "linux":
        pytest.skip("only Linux drops the SYN when the queue is full")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        yield port
        for filler in fillers:
            filler.close()


async def test_a_host_that_hangs_up_before_the_start_does_not_take_others_along(
    engine: LocalEngine, full_backlog: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One host closes while its lane waits at the gate; all lanes are still sent."""
    monkeypatch.setattr(gate, "PATIENCE", 0.2)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    slow = target(f"http://127.0.0.1:{full_backlog}/v1")
    params = Params(retries=0, connect_timeout=0.5, first_token_timeout=3)
    async with listening(hang_up) as port, Host(HELLO) as host:
        hasty = target(f"http://127.0.0.1:{port}/v1")
        told = await ask(engine, job(hasty, target(host.url), slow, params=params))
    assert told.text(lane="b") == "Hello"
    assert told.failed("a").kind == "connect"
    assert told.failed("a").t < 3_000_000_000


async def test_the_second_prompt_finds_a_warm_connection(engine: LocalEngine) -> None:
    async with Host(HELLO) as host:
        first = await ask(engine, job(target(host.url)))
        second = await ask(engine, job(target(host.url)))
    cold, warm = first.of(Connected)[0], second.of(Connected)[0]
    assert (cold.reused, warm.reused) == (False, True)
    assert cold.connect is not None
    assert cold.connect > 0
    assert (warm.dns, warm.connect, warm.tls) == (None, None, None)
    assert host.connections == 1
    assert second.text() == "Hello"


async def test_a_name_is_looked_up_and_timed_an_address_is_not(engine: LocalEngine) -> None:
    async with Host(HELLO) as host:
        named = await ask(engine, job(target(host.url.replace("127.0.0.1", "localhost"))))
        numbered = await ask(engine, job(target(host.url)))
    assert named.of(Connected)[0].dns is not None
    assert numbered.of(Connected)[0].dns is None
    assert named.of(Connected)[0].tls is None


async def test_all_names_are_looked_up_at_the_same_time(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    met, look_up = threading.Barrier(12), socket.getaddrinfo

    def together(*asked: Any, **how: Any) -> Any:
        met.wait(PATIENCE)
        return look_up(*asked, **how)

    monkeypatch.setattr(socket, "getaddrinfo", together)
    async with Host(HELLO, name="localhost") as host:
        told = await ask(engine, job(*[target(host.url)] * 12))
    assert [told.text(lane=lane) for lane in "abcdefghijkl"] == ["Hello"] * 12


async def test_a_name_whose_look_up_hangs_ends_with_its_lane(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(PATIENCE) and [])
    told = await ask(engine, job(target("http://localhost:1/v1"), params=Params(timeout=0.05, retries=0)))
    assert told.failed().kind == "timeout"
    answered.set()


async def test_a_name_that_does_not_exist_is_named(engine: LocalEngine) -> None:
    told = await ask(engine, job(target("http://nowhere.localhost.invalid/v1", api_key_env=())))
    assert told.failed().kind == "connect"
    assert "nowhere.localhost.invalid" in told.failed().message


async def test_a_name_that_can_not_exist_is_named(engine: LocalEngine) -> None:
    told = await ask(engine, job(target(f"http://{'a' * 70}.test/v1", api_key_env=())))
    assert told.failed().kind == "connect"
    assert "osstui itself" not in told.failed().message


async def test_a_kept_connection_that_the_host_closed_is_replaced_unseen(engine: LocalEngine) -> None:
    async def answer_then_hang_up_on_the_next(peer: Peer) -> None:
        if len(host.asked) == 1:
            await peer.send(whole(answer("Hello")))
        else:
            peer.close()

    async with Host(answer_then_hang_up_on_the_next, answer_then_hang_up_on_the_next, HELLO) as host:
        await ask(engine, job(target(host.url)))
        told = await ask(engine, job(target(host.url), params=Params(retries=0)))
    assert [connected.reused for connected in told.of(Connected)] == [True, False]
    assert told.of(Retried) == []
    assert told.text() == "Hello"


async def test_a_connection_that_closed_while_idle_is_not_used(engine: LocalEngine) -> None:
    closed = asyncio.Event()

    async def once(peer: Peer) -> None:
        await peer.send(whole(answer("Hello")))
        peer.close()
        closed.set()

    async with Host(once) as host:
        await ask(engine, job(target(host.url)))
        await closed.wait()
        told = await ask(engine, job(target(host.url), params=Params(retries=0)))
    assert told.text() == "Hello"
    assert host.connections == 2


async def test_a_connection_that_a_machine_has_slept_on_is_not_used(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Host(HELLO) as host:
        await ask(engine, job(target(host.url)))
        morning = pool.wall_clock() + timedelta(hours=8)
        monkeypatch.setattr(pool, "wall_clock", lambda: morning)
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"
    assert [(event.reused, event.attempt) for event in told.of(Connected)] == [(False, 1)]


@pytest.mark.parametrize("how", ["connection: close", "HTTP/1.0", "bytes beyond the answer"])
async def test_a_connection_that_is_not_to_be_kept_is_not(engine: LocalEngine, how: str) -> None:
    answers = {
        "connection: close": whole(answer("Hello"), connection="close"),
        "HTTP/1.0": whole(answer("Hello")).replace(b"HTTP/1.1", b"HTTP/1.0"),
        "bytes beyond the answer": whole(answer("Hello")) + b"HTTP/1.1 200 OK\r\ncontent-le",
    }
    async with Host(says(answers[how])) as host:
        await ask(engine, job(target(host.url)))
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"
    assert not told.of(Connected)[0].reused


async def test_a_retry_of_one_lane_never_ends_another_on_the_same_host(engine: LocalEngine) -> None:
    """Refused connections go back to the pool; whoever takes one next must keep it."""
    busy = says(error("busy", "429 Too Many Requests", retry_after="0"))
    async with Host(*[busy] * 16, HELLO) as host:
        told = await ask(engine, job(*[target(host.url)] * 8, params=Params(retries=4)))
    assert [told.text(lane=lane) for lane in "abcdefgh"] == ["Hello"] * 8


async def test_an_answer_that_comes_before_the_request_is_sent_frees_no_connection(
    engine: LocalEngine,
) -> None:
    """The host refuses a long prompt by its headers; the rest of it must not reach the next request."""
    refusal = error("too long", "413 Payload Too Large")

    async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await reader.readuntil(b"\r\n\r\n"))
        if len(requests) == 1:
            writer.write(refusal)
        else:
            writer.write(whole(answer("Hello")))
        await asyncio.Event().wait()

    requests: list[bytes] = []
    async with listening(impatient, receive_buffer=4096) as port:
        url = f"http://127.0.0.1:{port}/v1"
        first = await ask(engine, job(target(url), prompt="long " * 1_500_000))
        second = await ask(engine, job(target(url)))
    assert first.of(Sent) == [], "the request must not fit, or this proves nothing"
    assert first.failed().message == "too long"
    assert second.text() == "Hello"
    assert not second.of(Connected)[0].reused


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_port_where_nobody_listens_is_told_in_plain_words(
    engine: LocalEngine, unused_tcp_port: int, host: str
) -> None:
    told = await ask(engine, job(target(f"http://{host}:{unused_tcp_port}/v1"), params=Params(retries=0)))
    assert told.failed().kind == "connect"
    assert told.failed().message == f"{host}:{unused_tcp_port}: {os.strerror(errno.ECONNREFUSED)}"


async def test_a_server_on_one_family_is_found_though_its_name_has_the_other_first(
    engine: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = socket.SOCK_STREAM
    async with Host(HELLO) as host:
        both = [
            (socket.AF_INET6, kind, 6, "", ("::1", host.port, 0, 0)),
            (socket.AF_INET, kind, 6, "", ("127.0.0.1", host.port)),
        ]
        start = aiohappyeyeballs.start_connection
        monkeypatch.setattr(aiohappyeyeballs, "start_connection", lambda _, **how: start(both, **how))
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"
    assert len(told.of(Connected)) == 1
