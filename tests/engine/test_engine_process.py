"""The engine behind its pipe: the same events, and what happens when either end dies."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from osstui.engine.client import EngineProcess
from osstui.events import Delta, Ended, LaneEvent, Started
from osstui.job import Job, Params
from tests.engine.asking import ENVIRON, Told, ask, job, target
from tests.engine.scripted_host import PATIENCE, Host, Peer, answer, data, delta, head, says, whole

LOOPS = ("asyncio",)
"""The app's end of the pipe runs on Textual's loop alone, and the child on its own."""

HELLO = says(whole(answer("Hello", reasoning=["Greet."])))


@pytest.fixture
async def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[EngineProcess]:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    engine = EngineProcess(log=tmp_path / "engine.log")
    yield engine
    await engine.close()


async def endless(peer: Peer) -> None:
    await peer.send(head(), data(delta(content="on and on")))
    await peer.gone()


async def test_events_come_through_the_pipe_as_they_are(engine: EngineProcess) -> None:
    async with Host(HELLO) as host:
        told = await ask(engine, job(*[target(host.url)] * 3))
    assert isinstance(told.events[0], Started)
    for lane in "abc":
        assert (told.text("reasoning", lane), told.text(lane=lane)) == ("Greet.", "Hello")
        assert told.ended(lane).reason == "stop"


async def test_two_runs_at_once_keep_their_events_apart(engine: EngineProcess) -> None:
    async with Host(says(whole(answer("one")))) as first, Host(says(whole(answer("two")))) as second:
        one, two = job(target(first.url)), job(target(second.url))
        told = await asyncio.gather(ask(engine, one), ask(engine, two))
    assert [each.text() for each in told] == ["one", "two"]
    assert [{event.run for event in each.events} for each in told] == [{one.run}, {two.run}]


async def test_a_prompt_of_a_megabyte_crosses_the_pipe(engine: EngineProcess) -> None:
    prompt = "Grüße, 世界 " * 100_000
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url), prompt=prompt))
    assert host.asked[0].json["messages"] == [{"role": "user", "content": prompt}]
    assert told.text() == "Hello"


async def test_a_lane_is_cancelled_through_the_pipe(engine: EngineProcess) -> None:
    async with Host(endless) as host, asyncio.timeout(PATIENCE):
        asked = job(target(host.url), target(host.url))
        events = []
        async for event in engine.run(asked):
            events.append(event)
            if isinstance(event, Delta):
                engine.cancel(asked.run, event.lane)
    assert [Told(events).ended(lane).reason for lane in "ab"] == ["cancelled"] * 2


async def test_a_run_cancelled_in_the_same_breath_has_its_endings(engine: EngineProcess) -> None:
    async with Host(endless) as host:
        asked = job(target(host.url), target(host.url))
        running = asyncio.create_task(ask(engine, asked))
        await asyncio.sleep(0)
        engine.cancel(asked.run)
        told = await running
    assert [told.ended(lane).reason for lane in "ab"] == ["cancelled"] * 2


async def test_whoever_stops_listening_stops_the_run(engine: EngineProcess) -> None:
    gone = asyncio.Event()

    async def script(peer: Peer) -> None:
        await endless(peer)
        gone.set()

    async with Host(script) as host, asyncio.timeout(PATIENCE):
        async with aclosing(engine.run(job(target(host.url)))) as events:  # type: ignore[type-var]
            async for event in events:
                if isinstance(event, Delta):
                    break
        await gone.wait()


async def kill_in_the_middle(engine: EngineProcess, asked: Job) -> Told:
    events = []
    async for event in engine.run(asked):
        events.append(event)
        if isinstance(event, Delta):
            assert engine.pid is not None
            os.kill(engine.pid, signal.SIGKILL)
    return Told(events)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_a_killed_engine_fails_its_lanes_keeps_their_text_and_is_replaced(
    engine: EngineProcess,
) -> None:
    async with Host(endless, HELLO) as host, asyncio.timeout(PATIENCE):
        told = await kill_in_the_middle(engine, job(target(host.url)))
        assert told.text() == "on and on"
        failed = told.failed()
        assert failed.kind == "server"
        assert failed.message.startswith("the engine process died (exit -9)")
        assert failed.t >= max(event.t for event in told.events if isinstance(event, LaneEvent))
        again = await ask(engine, job(target(host.url)))
        assert again.text() == "Hello"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
async def test_a_new_run_right_after_the_death_does_not_strand_the_old_one(engine: EngineProcess) -> None:
    """The next command may find the process dead before its reader has."""
    async with Host(endless, HELLO) as host, asyncio.timeout(PATIENCE):
        streaming = asyncio.Event()

        async def listen() -> Told:
            events = []
            async for event in engine.run(job(target(host.url))):
                events.append(event)
                if isinstance(event, Delta):
                    streaming.set()
            return Told(events)

        old = asyncio.create_task(listen())
        await streaming.wait()
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitid(os.P_PID, engine.pid, os.WEXITED | os.WNOWAIT)
        new = await ask(engine, job(target(host.url)))
        told = await old
    assert new.text() == "Hello"
    assert told.failed().kind == "server"


async def test_a_run_that_the_engine_can_not_read_leaves_no_lane_waiting(engine: EngineProcess) -> None:
    no_json_has_it = float("nan")
    told = await ask(engine, job(target("http://127.0.0.1:1/v1"), params=Params(timeout=no_json_has_it)))
    assert told.failed().message == "the engine left this lane without an ending"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGSTOP")
async def test_a_question_to_an_engine_that_dies_is_answered_with_an_error(engine: EngineProcess) -> None:
    from osstui.engine.client import EngineDiedError

    engine.start()
    assert engine.pid is not None
    os.kill(engine.pid, signal.SIGSTOP)
    question = asyncio.create_task(engine.keys([target("http://127.0.0.1:9/v1")]))
    await asyncio.sleep(0)
    os.kill(engine.pid, signal.SIGKILL)
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(EngineDiedError):
            await question


async def test_closing_ends_a_run_that_goes_on(engine: EngineProcess) -> None:
    async with Host(endless) as host, asyncio.timeout(PATIENCE):
        events = []
        async for event in engine.run(job(target(host.url))):
            events.append(event)
            if isinstance(event, Delta):
                await engine.close()
    assert isinstance(events[-1], Ended)
    assert events[-1].reason == "cancelled"


async def test_a_closed_engine_starts_again_when_asked(engine: EngineProcess) -> None:
    async with Host(HELLO) as host:
        await ask(engine, job(target(host.url)))
        first = engine.pid
        await engine.close()
        told = await ask(engine, job(target(host.url)))
    assert told.text() == "Hello"
    assert engine.pid != first


async def test_the_engine_s_stderr_goes_to_the_log(
    engine: EngineProcess, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine.start()
    assert engine._process is not None
    assert engine._process.stdin is not None
    engine._process.stdin.write(b"this is no command\n")
    told = await ask(engine, job(target("http://127.0.0.1:9/v1", api_key_env=("NONE",))))
    assert told.failed().kind == "no_key", "one bad line does not end the engine"
    await engine.close()
    assert "DecodeError" in (tmp_path / "engine.log").read_text()
    assert capfd.readouterr().err == ""


PARENT = """
import sys
from osstui.engine.client import EngineProcess
engine = EngineProcess()
engine.start()
print(engine.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_the_engine_ends_when_the_app_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        watch = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
        parent.kill()
        if watch is not None:
            import select

            ended, _, _ = select.select([watch], [], [], 10.0)
            os.close(watch)
            assert ended, "the engine outlived its parent"


def test_the_child_loads_neither_a_screen_nor_another_http_client() -> None:
    code = "import sys, osstui.engine.worker; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "httptools" in loaded
    assert loaded.isdisjoint(
        {"textual", "rich", "aiohttp", "httpx", "requests", "openai_harmony", "pydantic"}
    )


def test_the_app_s_end_of_the_pipe_opens_no_sockets() -> None:
    code = "import sys, osstui.engine.client; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split())
    assert "msgspec" in loaded
    assert loaded.isdisjoint({"httptools", "uvloop", "aiohappyeyeballs", "truststore", "openai_harmony"})


async def test_a_module_in_the_current_folder_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uvloop.py").write_text(f"open({str(tmp_path / 'was here')!r}, 'w')")
    monkeypatch.chdir(tmp_path)
    engine = EngineProcess()
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url, api_key_env=())))
    await engine.close()
    assert told.ended("a").reason == "stop"
    assert not (tmp_path / "was here").exists()


async def test_a_log_that_cannot_be_written_does_not_stop_the_engine(tmp_path: Path) -> None:
    engine = EngineProcess(log=tmp_path / "no folder" / "engine.log")
    async with Host(HELLO) as host:
        told = await ask(engine, job(target(host.url, api_key_env=())))
    await engine.close()
    assert told.text(lane="a") == "Hello"
