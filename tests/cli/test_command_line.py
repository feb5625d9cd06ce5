"""Which command is meant, what is imported for it, and the signals and pipes of a real process."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pexpect
import pytest

from osstui.cli import app as app_module
from osstui.cli import group, main
from osstui.cli.app import one_prompt

OSSTUI = [sys.executable, "-m", "osstui"]


def test_a_prompt_is_not_taken_for_a_command(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str | None] = []

    def note(words: tuple[str, ...], *, verbatim: bool) -> None:
        seen.append(one_prompt(words, verbatim=verbatim))

    monkeypatch.setattr(app_module, "one_prompt", note)
    for line in (["ask me"], ["--demo", "why?"], ["why?", "--demo"], ["--", "ask"], []):
        assert cli(*line).code == 2
    assert seen == ["ask me", "why?", "why?", "ask", None]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["--demo", "ask"], "osstui: a command comes first: osstui ask …; "
                            "to send it as a prompt: osstui -- ask"),
        (["simulat"], 'osstui: there is no command "simulat", did you mean simulate? '
                      "As a prompt: osstui -- simulat"),
        (["two", "words"], 'osstui: put the prompt in quotes: osstui "two words"'),
        ([""], "osstui: the prompt is empty"),
        (["--zzz"], "osstui: No such option '--zzz'."),
        ([], "osstui: the app needs a terminal; without one, use osstui ask PROMPT"),
        (["ask", "hi", "--zzz"], "osstui ask: No such option '--zzz'."),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_asked_back_in_one_line(cli, line: list[str], said: str) -> None:
    outcome = cli(*line)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"{said}\n")


def test_help_lists_options_and_commands(cli) -> None:
    outcome = cli("--help")
    assert outcome.code == 0
    for word in ("--demo", "--record", "--preset", "ask", "simulate", "--version"):
        assert word in outcome.out


def test_the_version_is_told(cli) -> None:
    from osstui import __version__

    assert cli("--version").out == f"osstui {__version__}\n"


def test_asking_imports_no_screen() -> None:
    script = (
        "import sys; from osstui.cli.group import run; run(['ask', 'hi', '-p', 'nope']);"
        "import osstui.cli.race, osstui.engine.local, osstui.surroundings;"
        "print([m for m in sys.modules if m.split('.')[0] == 'textual'])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda n: n.name)
def test_a_signal_prints_what_had_arrived_as_an_interrupt_does(catalog: Path, number: signal.Signals) -> None:
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--jsonl",
               "[[sim: tokens=5000;tps=50;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if json.loads(line)["event"] == "delta":
                break
        child.send_signal(number)
        rest = [json.loads(line) for line in child.stdout]
    assert child.returncode == 130
    assert (rest[-1]["event"], rest[-1]["reason"]) == ("ended", "cancelled")


def test_a_hangup_that_is_ignored_stays_ignored(catalog: Path) -> None:
    command = ["nohup", *OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--jsonl",
               "[[sim: tokens=50;tps=100;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert json.loads(child.stdout.readline())["event"] == "started"
        child.send_signal(signal.SIGHUP)
        assert json.loads(child.stdout.readlines()[-1])["reason"] == "stop"
    assert child.returncode == 0


@pytest.mark.parametrize("closed", ["<&- 2>&-", "<&- >&- 2>&-"])
def test_a_standard_stream_that_the_shell_closed_is_no_trouble(
    catalog: Path, tmp_path: Path, closed: str
) -> None:
    record = tmp_path / "events.jsonl"
    ask = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--json", "--record", str(record),
           "hi [[sim: tokens=10;reasoning=5]]"]  # fmt: skip
    done = subprocess.run(
        ["sh", "-c", f"{shlex.join(ask)} {closed}"], stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert done.returncode == 0
    assert bool(done.stdout) is not (">&-" in closed.replace("2>&-", ""))
    assert b'"reason":"stop"' in record.read_bytes()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_under_stdout_is_one_line(catalog: Path) -> None:
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--json",
               "hi [[sim: tokens=10;reasoning=5]]"]  # fmt: skip
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == b"osstui: cannot write to stdout: No space left on device\n"


def test_an_interrupted_document_keeps_the_text(catalog: Path, tmp_path: Path) -> None:
    record = tmp_path / "events.fifo"
    os.mkfifo(record)
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--json",
               "--record", str(record), "[[sim: tokens=5000;tps=50;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        with record.open("rb") as events:
            for line in events:
                if json.loads(line)["event"] == "delta":
                    child.send_signal(signal.SIGINT)
                    break
            list(events)
        assert child.stdout is not None
        document = json.loads(child.stdout.read())
    assert child.returncode == 130
    assert document["lanes"][0]["status"] == "cancelled"
    assert document["lanes"][0]["text"]


def test_a_reader_who_takes_their_time_holds_up_no_lane(catalog: Path, tmp_path: Path) -> None:
    record = tmp_path / "events.fifo"
    os.mkfifo(record)
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--jsonl",
               "--record", str(record), "[[sim: tokens=3000;tps=3000;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        patience = threading.Timer(30, child.kill)
        patience.start()
        with record.open("rb") as events:
            recorded = [next(line for line in events if b'"event":"ended"' in line)]
            assert child.stdout is not None
            told = child.stdout.readlines()
            recorded += events
        patience.cancel()
    assert child.returncode == 0
    assert len(told) > 1000, "more than any pipe holds"
    assert told[-1] == recorded[0]


def test_a_second_interrupt_ends_the_command_although_nobody_reads(catalog: Path, tmp_path: Path) -> None:
    record = tmp_path / "events.fifo"
    os.mkfifo(record)
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--jsonl",
               "--record", str(record), "[[sim: tokens=90000;tps=3000;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        patience = threading.Timer(30, child.kill)
        patience.start()
        with record.open("rb") as events:
            for _, line in zip(range(2000), events, strict=False):
                assert b"ended" not in line
            child.send_signal(signal.SIGINT)
            assert any(b'"reason":"cancelled"' in line for line in events)
        while child.poll() is None:
            child.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.2)
        patience.cancel()
        assert child.stderr is not None
        assert b"Error" not in child.stderr.read()
    assert child.returncode in (130, -signal.SIGINT), "a third one may come while it ends"


def test_a_reader_who_leaves_ends_the_command_quietly(catalog: Path) -> None:
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--jsonl",
               "[[sim: tokens=5000;tps=200;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.readline())["event"] == "started"
        child.stdout.close()
        assert b"Error" not in child.stderr.read()
    assert child.returncode == 0


def test_a_silent_pipe_beside_a_prompt_does_not_hold_the_command(catalog: Path) -> None:
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--json",
               "hi [[sim: tokens=10;reasoning=5]]"]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        assert json.loads(child.stdout.read())["prompt"].startswith("hi")
        assert b"stays silent; asking without it" in child.stderr.read()
    assert child.returncode == 0


def test_on_a_terminal_an_answer_can_move_nothing_and_a_progress_line_comes_and_goes(catalog: Path) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-m", "osstui", "ask", "--catalog-only", str(catalog), "-p", "groq", "[[sim: hostile]]"],
        timeout=30,
    )
    shown = child.read()
    child.close()
    assert child.exitstatus == 0
    own = shown.count(b"\r\x1b[J")
    assert own > 1
    assert shown.count(b"\x1b") == own
    assert b"\x07" not in shown
    assert "␛".encode() in shown
    assert "\u202e".encode() not in shown


def test_ctrl_c_while_modules_are_loaded_leaves_no_trace(monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(group, "run", interrupted)
    monkeypatch.setattr(sys, "argv", ["osstui", "ask", "why?"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 130
    assert capsys.readouterr().err == ""
