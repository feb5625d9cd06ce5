"""What was written is there again: listed, opened to the last digit, named, deleted without a trace."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from osstui.events import AnyEvent, Delta, Ended, Noted, Usage, encode
from osstui.measure.document import document
from osstui.measure.metrics import METRICS
from osstui.store.history import History
from osstui.store.only import Only
from osstui.store.schema import HistoryError
from osstui.store.statements import Place
from tests.store.made import MS, folded, started, whole_run, write


def test_a_run_opens_with_the_same_numbers_to_the_last_digit(path: Path, history: History) -> None:
    events = whole_run()
    write(path, events)
    live, again = folded(events), history.open("run1")
    assert list(history.events("run1")) == events
    assert b"".join(line + b"\n" for line in history.lines("run1")) == b"".join(map(encode, events))
    assert history.document("run1") == document(live)
    for one, other in zip(live.lanes.values(), again.lanes.values(), strict=True):
        assert one.pieces == other.pieces
        assert [metric.value(one) for metric in METRICS] == [metric.value(other) for metric in METRICS]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
deltas = st.lists(
    st.tuples(st.sampled_from(["text", "reasoning", "tool"]), texts, st.none() | st.integers(-2, 9)),
    max_size=20,
)


@given(deltas, st.integers(1, 10**12), st.none() | st.floats(0, 10))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_stream_comes_back_as_it_was(
    history: History, pieces: list[tuple], step: int, cost: float | None
) -> None:
    events: list[AnyEvent] = [started()]
    events += [Delta("run1", "groq", at * step, *piece) for at, piece in enumerate(pieces)]
    events += [Usage("run1", "groq", 99 * step, cost_usd=cost), Ended("run1", "groq", 99 * step, "stop")]
    if history.has("run1"):
        history.delete("run1")
    write(history.path, events)
    assert list(history.events("run1")) == events
    assert history.document("run1") == document(folded(events))


def test_runs_are_listed_newest_first(path: Path, history: History) -> None:
    for run, hour in (("b2", 5), ("c3", 4), ("a1", 6)):
        write(path, whole_run(run, at=f"2026-11-21T0{hour}:00:00Z"))
    assert [row.run for row in history.runs()] == ["a1", "b2", "c3"]
    assert [row.run for row in history.runs(1, 1)] == ["b2"]
    assert [row.id for row in history.conversations(2)] == ["a1", "b2"]
    row = history.runs()[0]
    assert (row.lanes, row.started_at, row.state) == (
        ("groq", "together"), "2026-11-21T06:00:00Z", "done"
    )  # fmt: skip
    lanes = document(folded(whole_run()))["lanes"]
    assert row.cost_usd == sum(lane["cost_usd"] for lane in lanes if lane["cost_usd"] is not None)


def test_what_began_at_the_same_instant_is_listed_by_what_was_asked_last(
    path: Path, history: History
) -> None:
    for run, conversation in (("r1", "x"), ("r2", "z"), ("r3", "y"), ("r4", "x")):
        write(path, whole_run(run), Place(conversation))
    assert [row.id for row in history.conversations()] == ["x", "y", "z"]
    assert [row.id for row in history.conversations(1, 1)] == ["y"]
    assert [row.run for row in history.runs()] == ["r4", "r3", "r2", "r1"]


def test_a_cost_that_nobody_knows_is_no_cost(path: Path, history: History) -> None:
    write(path, [started(), Ended("run1", "groq", 5, "cancelled")])
    assert history.runs()[0].cost_usd is None


def test_a_conversation_holds_its_turns_in_order(path: Path, history: History) -> None:
    write(path, whole_run("one", "First?\nmore"), Place(system="Be brief."))
    write(path, whole_run("two", "Second?", at="2026-11-21T04:00:00Z"), Place("one"))
    write(path, whole_run("again", "First?\nmore", at="2026-11-21T05:00:00Z"), Place("one", 0))
    conversation = history.conversation("two")
    assert [(run.run, run.position) for run in conversation.runs] == [("one", 0), ("again", 0), ("two", 1)]
    assert (conversation.row.title, conversation.row.turns) == ("First?", 2)
    assert conversation.row.updated - conversation.row.created == pytest.approx(7200 - 0.123)
    assert conversation.runs[0].system == "Be brief."


def test_titles_tags_and_pins_belong_to_the_conversation(path: Path, history: History) -> None:
    write(path, whole_run("one"))
    write(path, whole_run("two"), Place("one"))
    write(path, whole_run("other"))
    history.rename("two", "Speed")
    history.tag("two", "work")
    history.tag("one", "work")
    history.pin("two")
    row = history.conversation("one").row
    assert (row.title, row.tags, row.pinned) == ("Speed", ("work",), True)
    assert [row.id for row in history.conversations(tag="work")] == ["one"]
    assert [row.run for row in history.runs(only=Only(pinned=False))] == ["other"]
    assert {row.run for row in history.runs(only=Only(tag="work", pinned=True))} == {"one", "two"}
    assert history.tags() == [("work", 1)]
    history.untag("one", "work")
    history.pin("one", False)
    assert history.conversations(tag="work") == history.runs(only=Only(pinned=True)) == []
    with pytest.raises(HistoryError, match="has no tag work"):
        history.untag("one", "work")
    with pytest.raises(HistoryError, match="at least one character"):
        history.tag("one", " ")


def test_a_deleted_run_leaves_nothing_on_disk(path: Path, history: History) -> None:
    write(path, whole_run("gone", "my unmistakable question", "anunmistakableanswer" * 50))
    write(path, whole_run("stays", "another"), Place("gone"))
    history.delete("gone")
    assert [row.run for row in history.runs()] == ["stays"]
    assert history.search("unmistakable") == []
    assert history.conversation("stays").row.title == "another"
    history.rename("stays", "mine")
    write(path, whole_run("third", "third"), Place("gone"))
    history.delete("stays")
    assert history.conversation("third").row.title == "mine"
    history.delete("third")
    assert history.conversations() == []
    history.close()
    left = b"".join(file.read_bytes() for file in path.parent.iterdir() if file.is_file())
    assert b"unmistakable" not in left
    assert index_is_sound(path)


def test_a_deleted_conversation_takes_its_runs_along_and_gives_space_back(
    path: Path, history: History
) -> None:
    for number in range(8):
        write(path, whole_run(f"run{number}", answer="".join(map(chr, range(33, 3000)))), Place("talk"))
    before = sum(file.stat().st_size for file in path.parent.glob("history.db*"))
    history.delete_conversation("run3")
    assert (history.runs(), history.conversations(), history.search("why")) == ([], [], [])
    assert sum(file.stat().st_size for file in path.parent.glob("history.db*")) < before / 4
    assert index_is_sound(path)


def test_a_run_may_be_named_by_its_beginning_or_as_the_last(path: Path, history: History) -> None:
    write(path, whole_run("abcd11"))
    write(path, whole_run("abcd22", at="2026-11-21T09:00:00Z"))
    assert history.run("abcd1").run == "abcd11"
    assert history.run("last").run == "abcd22"
    with pytest.raises(HistoryError, match=r"^abcd may be more than one run \(abcd.., abcd.."):
        history.run("abcd")
    for name in ("ab", "xyz", "", "%", "____"):
        with pytest.raises(HistoryError, match=f"^there is no run {name} in .*; osstui history lists them$"):
            history.run(name)


def test_an_event_of_a_later_version_is_passed_over(path: Path, history: History) -> None:
    write(path, [started(), Noted("run1", "groq", MS, "x", "y"), Ended("run1", "groq", 2 * MS, "stop")])
    with sqlite3.connect(path) as db:
        ((block,),) = db.execute("SELECT block FROM events").fetchall()
        lines = zlib.decompress(block).replace(b'"noted"', b'"unheard"')
        db.execute("UPDATE events SET block = ?", (zlib.compress(lines),))
    assert history.open("run1").lanes["groq"].status == "ok"


def index_is_sound(path: Path) -> bool:
    """The index holds what the tables hold; SQLite raises when it doesn't."""
    db = sqlite3.connect(path)
    try:
        db.execute("INSERT INTO found (found, rank) VALUES ('integrity-check', 1)")
        return bool(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)])
    finally:
        db.close()


def test_prompts_come_newest_first_and_with_what_was_written_only_where_they_may_name_files(
    path: Path, history: History
) -> None:
    for run, hour, prompt in (("a", 4, "why?"), ("b", 6, "see @notes.md"), ("c", 5, "and?")):
        place = Place("talk", 0, None, f"of {run}")
        write(path, whole_run(run, prompt, "ok", f"2026-11-21T0{hour}:00:00Z"), place)
    assert history.prompts(9) == [("see @notes.md", "of b"), ("and?", None), ("why?", None)]
    assert history.prompts(1) == [("see @notes.md", "of b")]
