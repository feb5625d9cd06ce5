"""Real files: what was recorded comes back, and a bad disk never stops the program."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from threading import Event as Flag

import pytest

from osstui.events import AnyEvent, Delta, Ended, LaneInfo, Sent, Started, encode
from osstui.job import Params
from osstui.measure.document import document
from osstui.measure.run import RunState
from osstui.store.journal import Journal, JournalError, read_events
from tests.store.made import read_runs


def fail(message: str) -> None:
    pytest.fail(message)


def run_of(run: str = "r", text: str = "hé\u2028llo") -> list[AnyEvent]:
    lane = LaneInfo(
        "groq", "groq", "Groq", "m", "m", "openai-chat", "https://example.test", Params(), None, None, None,
        5, True, False,
    )  # fmt: skip
    return [
        Started(run, 1, "0.1.0", "2026-11-21T03:00:00Z", "why?", (lane,)),
        Sent(run, "groq", 10, 1),
        Delta(run, "groq", 20, "text", text, 2),
        Ended(run, "groq", 30, "stop"),
    ]


def lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        return list(file)


def record(path: Path, events: list[AnyEvent]) -> None:
    with Journal(path, fail) as journal:
        for event in events:
            journal.append(event)


def test_what_was_recorded_comes_back_whole(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record(path, run_of())
    assert list(read_events(lines(path), fail)) == run_of()
    live = RunState()
    for event in run_of():
        live.apply(event)
    assert [document(run) for run in read_runs(lines(path), fail)] == [document(live)]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record(path, run_of())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_session_is_appended(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    record(path, run_of("one"))
    record(path, run_of("two"))
    assert [run.run for run in read_runs(lines(path), fail)] == ["one", "two"]


def test_a_line_broken_by_a_crash_spoils_neither_the_lines_before_nor_the_next_session(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(b"".join(map(encode, run_of("one")[:2])) + b'{"event":"delta","run":"one","la')
    record(path, run_of("two"))
    problems: list[str] = []
    one, two = read_runs(lines(path), problems.append)
    assert (one.lanes["groq"].status, two.lanes["groq"].status) == ("waiting", "ok")
    assert len(problems) == 1
    assert problems[0].startswith("line 3 is no event and was skipped")


def test_an_ending_is_on_disk_without_waiting_for_the_interval(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with Journal(path, fail, interval=3600) as journal, path.open("rb") as reader:
        for event in run_of():
            journal.append(event)
        assert list(read_events([reader.readline() for _ in run_of()], fail)) == run_of()


def test_a_silent_stream_is_on_disk_after_the_interval(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with Journal(path, fail, interval=0.01) as journal, path.open("rb") as reader:
        journal.append(run_of()[2])
        assert list(read_events([reader.readline()], fail)) == [run_of()[2]]


def test_a_disk_that_hangs_does_not_fill_the_memory(tmp_path: Path) -> None:
    path, told = tmp_path / "pipe", list[str]()
    os.mkfifo(path)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0) as nobody:
        journal = Journal(path, told.append, most_bytes=1_000_000)
        piece = Delta("run1", "groq", 1, "text", "x" * 20_000, 1)
        for _ in range(100):
            journal.append(piece)
        written = b""
        while not told:
            written += nobody.read(65536) or b""
        journal.close()
        written += nobody.read(65536) or b""
    assert told == [f"cannot write {path}: the disk can't keep up; recording has stopped"]
    events = list(read_events(written.splitlines(), fail))
    assert 0 < len(events) < 20
    assert set(events) == {piece}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full disk")
def test_a_full_disk_is_told_once_and_the_program_goes_on() -> None:
    told: list[str] = []
    heard = Flag()

    def say(message: str) -> None:
        told.append(message)
        heard.set()

    journal = Journal(Path("/dev/full"), say)
    journal.append(run_of()[0])
    assert heard.wait(10)
    journal.append(run_of()[3])
    journal.close()
    assert told == ["cannot write /dev/full: No space left on device; recording has stopped"]


def test_a_place_that_cannot_be_written_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=r"^cannot write .*absent.*: No such file or directory$"):
        Journal(tmp_path / "absent" / "run.jsonl", fail)


def test_closing_twice_and_appending_late_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    journal = Journal(path, fail)
    journal.append(run_of()[0])
    journal.close()
    journal.close()
    journal.append(run_of()[1])
    assert len(lines(path)) == 1


def test_lines_of_a_newer_version_are_told(tmp_path: Path) -> None:
    newer = Started("r", 99, "9.0", "2026-11-21T03:00:00Z", "why?", ())
    problems: list[str] = []
    assert len(list(read_events([encode(newer)], problems.append))) == 1
    assert problems == ["line 1: run r was written by a newer osstui (9.0)"]


def test_a_line_that_is_not_utf8_is_skipped() -> None:
    problems: list[str] = []
    assert (
        list(read_events([b'{"event":"delta\xff"}\n', *map(encode, run_of())], problems.append)) == run_of()
    )
    assert len(problems) == 1
