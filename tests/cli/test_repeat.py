"""`osstui ask --repeat N`: each run is one of its own, and all of them come to one table."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from osstui.cli.repeat_table import cell
from osstui.events import Ended, Started, decode
from osstui.measure.stats import Summary, summarize
from osstui.store.history import History

SHORT = "[[sim: tokens=20;reasoning=0;tps=500]]"
OSSTUI = [sys.executable, "-m", "osstui"]


def test_the_first_answers_stand_once_and_one_table_sums_up(ask) -> None:
    outcome = ask(f"hi {SHORT} [[sim together: ttft=0.8]]", "-p", "groq,together", "--repeat", "5")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## groq · gpt-oss-120b",
        "## together · gpt-oss-120b",
    ]
    header = next(line for line in lines if line.startswith("lane"))
    assert " ".join(header.split()) == "lane runs TTFT Speed End to end Output tokens Cost"
    assert next(line for line in lines if line.startswith("groq ")).split()[1:3] == ["5", "ok"]
    assert "TTFT: groq is better than together by " in outcome.out
    assert "Cost: not compared: together (0 of 5 values)" in lines
    assert outcome.err.count("together: no cost: no price in the catalog") == 1


def test_the_document_holds_every_run_and_the_statistics(ask) -> None:
    outcome = ask(f"hi {SHORT}", "-p", "groq", "--repeat", "3", "--json")
    told = outcome.document
    assert (outcome.code, told["v"], told["repeats"]) == (0, 1, 3)
    assert len({run["run_id"] for run in told["runs"]}) == 3
    (lane,) = told["summary"]
    assert (lane["lane"], lane["runs"], lane["ok"]) == ("groq", 3, 3)
    middle = sorted(run["lanes"][0]["ttft_ms"] for run in told["runs"])[1]
    assert (lane["metrics"]["ttft_ms"]["median"], lane["metrics"]["ttft_ms"]["n"]) == (middle, 3)
    assert lane["metrics"]["ttft_ms"]["interval"] is None


def test_a_faulty_lane_is_counted_and_never_dropped(ask) -> None:
    prompt = f"hi {SHORT} [[sim together: eof;after=8]]"
    outcome = ask(prompt, "-p", "groq,together,nobody", "--repeat", "2", "--retries", "0", "--json")
    assert outcome.code == 1
    counted = {
        each["lane"]: (each["ok"], each["failed"], each["cut"]) for each in outcome.document["summary"]
    }
    assert counted == {"groq": (2, 0, 0), "together": (0, 0, 2), "nobody": (0, 2, 0)}
    assert outcome.document["summary"][2]["metrics"]["ttft_ms"]["n"] == 0


def test_the_plain_table_counts_failures_too(ask) -> None:
    outcome = ask(f"hi {SHORT}", "-p", "groq,nobody", "--repeat", "2", "--retries", "0")
    assert outcome.code == 1
    assert "0 ok, 2 failed" in outcome.out
    assert "Nothing is told apart: that takes 5 values each of two lanes at least." in outcome.out
    assert "osstui: run 2: nobody: connect: " in outcome.err


def test_event_lines_and_the_history_hold_each_run(ask, cli, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "history.db"
    monkeypatch.setenv("OSSTUI_HISTORY", str(path))
    outcome = ask(f"hi {SHORT}", "-p", "groq", "--repeat", "2", "--jsonl", "--system", "be brief")
    events = [decode(line) for line in outcome.out.splitlines()]
    starts = [event.run for event in events if isinstance(event, Started)]
    assert len({*starts}) == len(starts) == 2
    assert [event.run for event in events if isinstance(event, Ended)] == starts
    assert {run["run_id"] for run in json.loads(cli("history", "--json").out)} == {*starts}
    with History(path) as history:
        assert [history.run(run).system for run in starts] == ["be brief", "be brief"]


def test_the_budget_counts_over_all_repeats(ask) -> None:
    """A run costs about $0.00003 and may cost $0.0006: a third one might pass the budget."""
    outcome = ask(
        SHORT, "-p", "groq", "--repeat", "50", "--max-tokens", "1000", "--max-cost", "0.00065", "--json"
    )
    told = outcome.document
    assert outcome.code == 1
    assert len(told["runs"]) == told["summary"][0]["runs"] == 2
    assert "osstui: groq: not sent: it may cost $" in outcome.err
    assert "stopped after 2 of 50 runs: the budget is used up" in outcome.err


def test_without_any_key_it_is_asked_once_and_exit_code_3(ask) -> None:
    outcome = ask("hi", "-p", "locked", "--repeat", "4", "--json")
    assert (outcome.code, len(outcome.document["runs"])) == (3, 1)


@pytest.mark.parametrize("number", ["1", "101"])
def test_two_to_a_hundred_repeats(ask, number: str) -> None:
    outcome = ask("hi", "-p", "groq", "--repeat", number)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"{number} is not in the range 2<=x<=100" in outcome.err


def test_an_interrupt_prints_what_there_is(catalog: Path, tmp_path: Path) -> None:
    record = tmp_path / "events.jsonl"
    record.touch()
    command = [*OSSTUI, "ask", "--catalog-only", str(catalog), "-p", "groq", "--repeat", "9", "--json",
               "--record", str(record), "[[sim: tokens=60;tps=50;reasoning=0]]"]  # fmt: skip
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as child:
        while record.read_bytes().count(b'"event":"started"') < 2:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(0.02)
                break
        child.send_signal(signal.SIGINT)
        assert child.stdout is not None
        told = json.loads(child.stdout.read())
    assert child.returncode == 130
    (lane,) = told["summary"]
    assert (lane["runs"], lane["ok"], lane["cancelled"]) == (2, 1, 1)
    assert [run["lanes"][0]["status"] for run in told["runs"]] == ["ok", "cancelled"]


def test_the_line_of_progress_says_which_run_it_is(catalog: Path) -> None:
    line = ["ask", "--catalog-only", str(catalog), "-p", "groq", "--repeat", "2", "--json",
            "[[sim: tokens=60;tps=100;reasoning=0]]"]  # fmt: skip
    child = pexpect.spawn(sys.executable, ["-m", "osstui", *line], encoding="utf-8", timeout=30)
    child.expect_exact("run 1/2 · groq ")
    child.expect_exact("run 2/2 · groq ")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


@pytest.mark.parametrize(
    ("summary", "ok", "told"),
    [
        (summarize([204.0, 198, 240]), 3, "204 ms (199–236)"),
        (Summary(5, 0, 900.0, 800.0, 1200.0, None), 5, "900 ms (800 ms–1.20 s)"),
        (Summary(2, 1, 204.0, 200.0, 208.0, None), 3, "204 ms (200–208) n=2"),
        (summarize([None, None]), 0, "–"),
    ],
)
def test_a_cell_says_median_spread_and_how_many(summary: Summary, ok: int, told: str) -> None:
    assert cell(summary, "ms", ok) == told
