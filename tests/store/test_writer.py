"""The writer keeps up, never makes its caller wait, and gives up with one word when the disk refuses."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Event as Flag

import pytest

from osstui.events import Delta, Ended
from osstui.measure.document import document
from osstui.store.history import History
from osstui.store.schema import history_path, is_busy
from osstui.store.tee import recording, tee
from osstui.store.writer import HistoryWriter
from tests.store.made import fail, folded, started, whole_run, write

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")


class Told(list[str]):
    """Collects what the writer says, and can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = Flag()

    def __call__(self, message: str) -> None:
        self.append(message)
        self.heard.set()


@POSIX
def test_only_the_owner_may_read_it(path: Path) -> None:
    old = os.umask(0)
    try:
        with HistoryWriter(path, fail) as writer, History(path) as history:
            writer.put(started())
            wait_for(history, lambda: len(history.runs()) == 1)
            for file in path.parent.rglob("*"):
                mode = 0o700 if file.is_dir() else 0o600
                assert stat.S_IMODE(file.stat().st_mode) == mode, file
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    finally:
        os.umask(old)


def test_two_writers_at_once_both_write_everything(path: Path, history: History) -> None:
    runs = [whole_run(f"run{number}") for number in range(12)]
    with HistoryWriter(path, fail) as one, HistoryWriter(path, fail) as two:
        for number, events in enumerate(runs):
            for event in events:
                (one, two)[number % 2].put(event)
    assert {row.run for row in history.runs()} == {events[0].run for events in runs}
    assert all(history.document(events[0].run) == document(folded(events)) for events in runs)


def test_a_streaming_answer_is_on_disk_before_it_ends(path: Path, history: History) -> None:
    with HistoryWriter(path, fail) as writer:
        writer.put(started())
        writer.put(Delta("run1", "groq", 5, "text", "partial", 1))
        wait_for(
            history, lambda: history.has("run1") and history.open("run1").lanes["groq"].text == "partial"
        )
        (lane,) = history.document("run1")["lanes"]
        assert (lane["status"], lane["text"]) == ("cut", "partial")
        assert history.unfinished() == []
        writer.put(Ended("run1", "groq", 9, "stop"))
    assert history.run("run1").state == "done"


def test_a_call_does_not_wait_while_another_program_holds_the_file(path: Path, history: History) -> None:
    events = whole_run()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with HistoryWriter(path, fail, interval=0.01) as writer:
        longest = 0.0
        for event in events:
            before = time.perf_counter()
            writer.put(event)
            longest = max(longest, time.perf_counter() - before)
        assert history.runs() == []
        other.execute("COMMIT")
    other.close()
    assert longest < 0.25
    assert history.document("run1") == document(folded(events))


def test_a_disk_that_hangs_does_not_fill_the_memory(path: Path) -> None:
    told = Told()
    with HistoryWriter(path, told, most_bytes=10_000) as writer:
        writer.put(started())
        for at in range(100):
            writer.put(Delta("run1", "groq", at, "text", "x" * 1000, 1))
    assert told == [f"cannot use the history {path}: the disk can't keep up; going on without a history"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_full_disk_is_told_once_and_keeps_what_was_written(path: Path, history: History) -> None:
    """In a process of its own, whose files may not grow beyond what they have."""
    write(path, whole_run("before"))
    script = f"""
import resource, sys
from pathlib import Path
from osstui.store.writer import HistoryWriter
from tests.store.made import whole_run
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
with HistoryWriter(Path({str(path)!r}), print) as writer:
    for number in range(40):
        answer = "".join(map(chr, range(33 + number * 500, 1500 + number * 500)))
        for event in whole_run(f"run{{number}}", answer=answer):
            writer.put(event)
print("went on")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    told, went_on = ran.stdout.splitlines()
    assert told.startswith(f"cannot use the history {path}: ")
    assert (went_on, ran.stderr) == ("went on", "")
    assert history.document("before") == document(folded(whole_run("before")))


def test_the_next_run_is_kept_once_the_disk_takes_it_again(path: Path) -> None:
    path.parent.parent.mkdir(exist_ok=True)
    path.parent.write_text("in the way")
    told = Told()
    with HistoryWriter(path, told) as writer:
        for run in ("lost", "lost too"):
            for event in whole_run(run):
                writer.put(event)
            assert not writer.settle(10)
        assert not writer.add([("DROP TABLE turns", ())])
        path.parent.unlink()
        for event in whole_run("kept"):
            writer.put(event)
        assert writer.settle(10)
    assert len(told) == 1
    with History(path) as history:
        assert [row.run for row in history.runs()] == ["kept"]
        assert history.document("kept") == document(folded(whole_run("kept")))


@POSIX
def test_a_folder_that_vanishes_is_made_again_and_told_where_a_run_was_on_its_way(path: Path) -> None:
    told = Told()
    with HistoryWriter(path, told) as writer:
        for number, run in enumerate(("one", "two", "three")):
            for event in whole_run(run):
                writer.put(event)
            if run == "two":
                writer.put(started("lost"))
            assert writer.settle(10)
            path.parent.rename(path.parent.with_name(f"moved{number}"))
            if run == "two":
                writer.put(Ended("lost", "groq", 9, "stop"))
                assert told.heard.wait(10)
        for event in whole_run("after"):
            writer.put(event)
    assert told == [
        f"cannot use the history {path}: it was deleted or moved away; going on without a history"
    ]
    for file, runs in (
        ("moved0", {"one"}),
        ("moved1", {"two", "lost"}),
        ("moved2", {"three"}),
        ("data", {"after"}),
    ):
        with History(path.parent.with_name(file) / path.name) as history:
            assert {row.run for row in history.runs()} == runs
            for run in runs - {"lost"}:
                assert history.document(run) == document(folded(whole_run(run)))


def test_what_is_left_waits_for_a_program_that_holds_the_file_for_long(
    path: Path, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osstui.store.schema.BUSY_MS", 1)
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    refused = []

    def seen(error: BaseException | None) -> bool:
        refused.append(error)
        if len(refused) == 4:
            other.execute("COMMIT")
        return is_busy(error)

    monkeypatch.setattr("osstui.store.writer.is_busy", seen)
    with HistoryWriter(path, fail) as writer:
        for event in whole_run():
            writer.put(event)
    other.close()
    assert len(refused) == 4
    assert history.document("run1") == document(folded(whole_run()))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on file sizes")
def test_a_history_on_a_disk_that_takes_nothing_can_be_read(path: Path) -> None:
    write(path, whole_run(answer="Rayleigh"))
    script = f"""
import resource
from pathlib import Path
from osstui.store.history import History
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
with History(Path({str(path)!r})) as history:
    print(history.run("last").run, [hit.run.run for hit in history.search("rayl")], history.open("last").done)
    history.delete("last")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stdout == "run1 ['run1'] True\n"
    assert "HistoryError: cannot use the history" in ran.stderr.splitlines()[-1]


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    told = Told()
    with HistoryWriter(tmp_path / "file" / "history.db", told) as writer:
        for event in whole_run():
            writer.put(event)
    (line,) = told
    assert "Not a directory" in line or "File exists" in line
    assert line.endswith("; going on without a history")


def test_a_file_that_is_no_history_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(b"my diary\n" * 100)
    told = Told()
    with HistoryWriter(path, told) as writer:
        writer.put(started())
    (line,) = told
    assert "file is not a database; move the file away, or name another one with OSSTUI_HISTORY" in line
    assert path.read_bytes() == b"my diary\n" * 100


def test_nothing_asked_makes_no_file(path: Path) -> None:
    HistoryWriter(path, fail).close()
    assert not path.exists()


def test_closing_twice_and_putting_late_are_harmless(path: Path, history: History) -> None:
    writer = HistoryWriter(path, fail)
    writer.put(started())
    writer.close()
    writer.close()
    writer.put(Ended("run1", "groq", 9, "stop"))
    assert len(history.lines("run1")) == 1


def test_a_run_that_is_there_is_not_written_twice(path: Path, history: History) -> None:
    write(path, whole_run())
    write(path, whole_run()[:20])
    assert history.document("run1") == document(folded(whole_run()))


def test_half_a_character_does_not_stop_the_history(path: Path, history: History) -> None:
    write(path, [started(prompt="a\ud800b"), Delta("run1", "groq", 1, "text", "c\udfff", 1)])
    assert history.open("run1").prompt == "a\ufffdb"
    assert history.open("run1").lanes["groq"].text == "c\ufffd"


@pytest.mark.parametrize("word", ["off", "OFF", "0", "none"])
def test_the_history_can_be_switched_off(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    monkeypatch.setenv("OSSTUI_HISTORY", word)
    with recording(fail) as writer:
        assert writer is None


def test_the_history_stands_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert history_path({}) is not None
    assert history_path({"OSSTUI_HISTORY": "~/x.db"}) == Path.home() / "x.db"
    with recording(fail, wanted=False) as writer:
        assert writer is None


async def test_a_tee_passes_every_event_on(path: Path, history: History) -> None:
    async def engine():
        for event in whole_run():
            yield event

    with HistoryWriter(path, fail) as writer:
        assert [event async for event in tee(engine(), writer)] == whole_run()
    assert list(history.events("run1")) == whole_run()
    assert [event async for event in tee(engine(), None)] == whole_run()


def wait_for(history: History, condition) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
