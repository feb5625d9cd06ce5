"""SIGKILL at any moment: at most the last second is missing, and what is left is marked as cut.

`benchmarks/history.py kill` does the same at 50 moments.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from osstui.events import Delta
from osstui.store.history import History
from osstui.store.writer import HistoryWriter
from tests.store.killing import ENDLESS, PIECES, check, kill_after, left_by_a_kill, streaming
from tests.store.made import fail, started, whole_run, write


@pytest.mark.parametrize(("seconds", "pieces"), [(0.013, PIECES), (0.31, PIECES), (0.72, ENDLESS)])
def test_a_killed_program_loses_at_most_a_second(path: Path, seconds: float, pieces: int) -> None:
    assert kill_after(path, seconds, pieces) <= 1.0


def test_what_a_killed_program_left_is_closed_as_cut_with_its_answers(path: Path, history: History) -> None:
    run = left_by_a_kill(path, history)
    assert [row.run for row in history.unfinished()] == [run]
    before = history.open(run)
    assert not before.done
    assert [lane["status"] for lane in history.document(run)["lanes"]] == ["cut", "cut"]
    assert [row.run for row in history.close_unfinished()] == [run]
    assert (history.unfinished(), history.close_unfinished()) == ([], [])
    for name, lane in history.open(run).lanes.items():
        assert (lane.status, lane.text) == ("cut", before.lanes[name].text)
        assert lane.warnings[0] == "osstui ended before this answer did"
    assert [hit.run.run for hit in history.search("go 0 1")] == [run]
    check(path)


def test_what_was_closed_is_offered_until_it_is_dismissed(path: Path, history: History) -> None:
    run = left_by_a_kill(path, history)
    history.close_unfinished()
    assert [(row.run, row.state) for row in history.died()] == [(run, "died")]
    history.dismiss(run)
    assert (history.died(), history.run(run).state) == ([], "done")
    history.delete(run)
    check(path)


def test_runs_of_living_programs_are_not_touched(path: Path, history: History) -> None:
    """One writer lives in this process and one in another; only the third one's process is gone."""
    other, run = streaming(path, history)
    try:
        with HistoryWriter(path, fail, interval=0.01) as mine:
            mine.put(started("mine"))
            mine.put(Delta("mine", "groq", 1, "text", "still here", 1))
            dead = left_by_a_kill(path, history)
            assert [row.run for row in history.close_unfinished()] == [dead]
            assert history.run("mine").state == "running"
    finally:
        other.kill()
        other.wait()
    assert {row.run for row in history.close_unfinished()} == {"mine", run}


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
