"""No process, socket or terminal mode outlives the app, however it ends; a dead engine is replaced."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.terminal.conftest import Open
from tests.terminal.processes import Watch, family, named, sockets, still_open
from tests.terminal.terminal import Terminal, ctrl

SLOW = "[[sim: tps=40;tokens=4000;reasoning=0;ttft=0.05]]"
GONE_SECONDS = 3.0


def streaming(demo: Open) -> tuple[Terminal, list[int]]:
    t = demo("groq", "cerebras")
    t.ask(f"On and on {SLOW}")
    t.until(lambda text: text.count("● streaming") == 2, "two that stream")
    return t, family(t.process.pid)


def assert_restored(t: Terminal) -> None:
    """The terminal is as it was handed over."""
    assert t.modes == t.modes_before
    for on, off in (
        (b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h"), (b"\x1b[?2004h", b"\x1b[?2004l"),
        (b"\x1b[?1000h", b"\x1b[?1000l"), (b"\x1b[?1003h", b"\x1b[?1003l"), (b"\x1b[?1006h", b"\x1b[?1006l"),
        (b"\x1b[?1004h", b"\x1b[?1004l"), (b"\x1b[?7l", b"\x1b[?7h"), (b"\x1b[>25u", b"\x1b[<u"),
    ):  # fmt: skip
        assert t.raw.rfind(off) > t.raw.rfind(on), off


def test_quitting_while_answers_stream_takes_two_seconds_at_most_and_leaves_nothing(demo: Open) -> None:
    t, pids = streaming(demo)
    open_sockets, watch = sockets(pids), Watch(pids)
    assert len(pids) == 3, "the app, its engine, the simulated hosts"
    assert still_open(open_sockets)
    t.type(ctrl("q"))
    assert t.until_ended(2.0) == 0
    watch.until_all_ended(0.5)
    assert not still_open(open_sockets)
    assert_restored(t)


def test_a_killed_app_takes_engine_hosts_and_sockets_with_it(demo: Open) -> None:
    t, pids = streaming(demo)
    open_sockets, watch = sockets(pids), Watch(pids)
    assert still_open(open_sockets)
    os.kill(t.process.pid, signal.SIGKILL)
    watch.until_all_ended(GONE_SECONDS)
    assert not still_open(open_sockets)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_an_app_that_is_told_to_end_takes_its_processes_with_it(demo: Open, number: signal.Signals) -> None:
    t, pids = streaming(demo)
    watch = Watch(pids)
    os.kill(t.process.pid, number)
    watch.until_all_ended(GONE_SECONDS)
    t.until_ended(1.0)
    assert_restored(t)


def test_a_killed_engine_is_told_in_the_panes_and_the_next_prompt_is_answered(demo: Open) -> None:
    t, pids = streaming(demo)
    first = named(pids, "osstui.engine.worker")
    os.kill(first, signal.SIGKILL)
    told = ("the engine process died", "✗ failed")
    text = t.until(lambda text: all(text.count(words) == 2 for words in told), "what became of both lanes")
    assert "press r in the" in text
    t.until_shown("0/2 done", "2 failed")
    t.ask("Again [[sim: text=Risen again.;reasoning=0]]")
    text = t.until(lambda text: text.count("✓ done") == 2, "two that are done")
    assert text.count("Risen again.") >= 2
    assert named(family(t.process.pid), "osstui.engine.worker") != first


def test_killed_hosts_are_told_in_the_panes_and_the_app_goes_on(demo: Open) -> None:
    t, pids = streaming(demo)
    os.kill(named(pids, "osstui.simulator"), signal.SIGKILL)
    t.until(lambda text: text.count("! cut") + text.count("✗ failed") == 2, "what became of both lanes")
    t.ask("Anyone? ")
    t.until(lambda text: text.count("connect: ") >= 2, "that nobody can be reached")
    t.type(ctrl("q"))
    assert t.until_ended(2.0) == 0
    assert_restored(t)


def test_a_closed_window_ends_the_app_and_its_processes(demo: Open) -> None:
    t, pids = streaming(demo)
    watch = Watch(pids)
    t.hang_up()
    watch.until_all_ended(GONE_SECONDS)


BROKEN = """
from osstui.cli import main
from osstui.tui.screens.compare import CompareScreen
def action_zoom(screen):
    raise RuntimeError("[bold]broken\\x1b]0;owned\\x07")
CompareScreen.action_zoom = action_zoom
main()
"""


def test_a_fault_of_the_app_itself_is_one_line_and_its_trace_a_file(
    environment: dict[str, str], home: Path
) -> None:
    arguments = ("--demo", "-p", "groq")
    with Terminal(*arguments, environment=environment, program=("-c", BROKEN)) as t:
        t.until_shown("1 lane")
        pids = family(t.process.pid)
        watch = Watch(pids)
        t.go_to_pane(1)
        t.type("z")
        assert t.until_ended(GONE_SECONDS) == 1
        watch.until_all_ended(GONE_SECONDS)
        said = bytes(t.raw).decode().rpartition("\x1b[?1049l")[2]
        assert "osstui: a fault of its own ended the app: RuntimeError: [bold]broken␛]0;owned␇" in said
        (log,) = home.rglob("crash.log")
        assert "in action_zoom" in log.read_text()
        assert_restored(t)


def test_a_program_that_is_told_to_go_on_while_its_window_closes_ends_all_the_same(demo: Open) -> None:
    """A terminal that goes away sends SIGHUP and SIGCONT, and nobody knows when the second one arrives."""
    t, pids = streaming(demo)
    watch, until = Watch(pids), time.monotonic() + GONE_SECONDS
    t.hang_up()
    while t.process.poll() is None and time.monotonic() < until:
        t.process.send_signal(signal.SIGCONT)
        time.sleep(0.002)
    watch.until_all_ended(GONE_SECONDS)
