"""SIGKILL at any moment: at most the last second is missing, and what is left is marked as cut.

`benchmarks/history.py kill` does the same at 50 moments.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from osstui.events import Delta
from osstui.store.history import History
from osstui.store.writer import HistoryWriter
from tests.store.killing import check, kill_after
from tests.store.made import fail, started, whole_run, write


@pytest.mark.parametrize("seconds", [0.013, 0.31, 0.72])
def test_a_killed_program_loses_at_most_a_second(path: Path, seconds: float) -> None:
    assert kill_after(path, seconds) <= 1.0


def test_what_a_killed_program_left_is_closed_as_cut_with_its_answers(path: Path) -> None:
    kill_after(path, 0.8)
    with History(path) as history:
        (left,) = history.unfinished()
        before = history.open(left.run)
        assert not before.done
        assert [row.run for row in history.close_unfinished()] == [left.run]
        assert (history.unfinished(), history.close_unfinished()) == ([], [])
        after = history.open(left.run)
        for name, lane in after.lanes.items():
            assert (lane.status, lane.text) == ("cut", before.lanes[name].text)
            assert lane.text
            assert lane.warnings[0] == "osstui ended before this answer did"
        assert [row.run for row in history.died()] == [left.run]
        assert left.run in {hit.run.run for hit in history.search("0 2", 1000)}
        history.dismiss(left.run)
        assert history.died() == []
    check(path)


def test_runs_of_living_programs_are_not_touched(path: Path, history: History) -> None:
    """One writer lives in this process, one in another; only the third one's process is gone."""
    other = subprocess.Popen(
        [sys.executable, "-m", "tests.store.killing", path], stdout=subprocess.PIPE
    )  # fmt: skip
    try:
        with HistoryWriter(path, fail, interval=0.01) as mine:
            mine.put(started("mine"))
            mine.put(Delta("mine", "groq", 1, "text", "still here", 1))
            kill_after(path, 0.4)
            dead = {row.run for row in history.unfinished()}
            assert len(dead) == 1
            assert {row.run for row in history.close_unfinished()} == dead
            assert {history.run("mine").state} == {"running"}
            assert not any(run.startswith(f"{other.pid}-") for run in dead)
    finally:
        other.kill()
        other.communicate()
    assert {row.run.split("-")[0] for row in history.close_unfinished()} <= {"mine", str(other.pid)}


def test_a_lane_that_had_ended_keeps_its_ending(path: Path, history: History) -> None:
    with HistoryWriter(path, fail) as writer:
        for event in whole_run()[:-1]:
            writer.put(event)
    assert [row.run for row in history.close_unfinished()] == ["run1"]
    lanes = history.document("run1")["lanes"]
    assert [(lane["status"], lane["text"][:5]) for lane in lanes] == [("ok", "héllo"), ("cut", "parti")]


def test_a_program_that_ended_well_leaves_nothing_to_close(path: Path, history: History) -> None:
    write(path, whole_run())
    assert history.unfinished() == []
    assert list(path.with_name("history.db-alive").iterdir()) == []
