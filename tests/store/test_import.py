"""Files that osstui wrote go into the history; other files are refused by name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osstui.events import encode
from osstui.measure.document import document
from osstui.store.export import export, past
from osstui.store.history import History
from osstui.store.importing import ImportFileError, import_file
from osstui.store.schema import HistoryError
from tests.store.made import fail, folded, whole_run


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    path = tmp_path / "runs.jsonl"
    one, two = whole_run("one"), whole_run("two", "And then?")
    mixed = [event for pair in zip(one, two, strict=False) for event in pair]
    path.write_bytes(b"".join(map(encode, mixed + one[len(two) :] + two[len(one) :])))
    return path


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path = tmp_path / "run.json"
    path.write_text(json.dumps(document(folded(whole_run())), indent=2))
    return path


def test_event_lines_of_several_runs_come_in_exactly(lines: Path, history: History) -> None:
    done = import_file(history, lines, fail)
    assert (done.new, done.known) == (("one", "two"), ())
    assert history.document("one") == document(folded(whole_run("one")))
    assert [hit.run.run for hit in history.search("then")] == ["two"]


def test_a_document_comes_in_exactly(whole: Path, history: History) -> None:
    assert import_file(history, whole, fail).new == ("run1",)
    assert history.document("run1") == document(folded(whole_run()))
    assert history.runs()[0].lanes == ("groq", "together")
    with pytest.raises(HistoryError, match="has no events to replay"):
        history.open("run1")


def test_what_is_known_stays_as_it_is(whole: Path, lines: Path, history: History) -> None:
    import_file(history, lines, fail)
    history.rename("one", "mine")
    assert import_file(history, lines, fail).known == ("one", "two")
    assert history.conversation("one").row.title == "mine"


def test_an_export_can_be_imported_elsewhere(lines: Path, tmp_path: Path, history: History) -> None:
    import_file(history, lines, fail)
    for format in ("json", "jsonl"):
        file = tmp_path / f"out.{format}"
        file.write_bytes(export(past(history, "one"), format))
        with History(tmp_path / f"{format}.db") as other:
            assert import_file(other, file, fail).new == ("one",)
            assert other.document("one") == history.document("one")


def test_a_recording_that_breaks_off_is_cut(tmp_path: Path, history: History) -> None:
    path = tmp_path / "torn.jsonl"
    path.write_bytes(b"".join(map(encode, whole_run()[:-1])) + b'{"event":"del')
    told: list[str] = []
    import_file(history, path, told.append)
    assert [lane["status"] for lane in history.document("run1")["lanes"]] == ["ok", "cut"]
    assert history.open("run1").lanes["together"].warnings[0] == "the file ends before this answer does"
    (line,) = told
    assert line.startswith(f"{path}: line ")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "holds no run"),
        (b"hello\nworld\n", "holds no run"),
        (b"\xff\xfe\x00", "holds no run"),
        (b"[1, 2]", "holds no run"),
        (b'{"lanes": []}', "is no --json document of osstui: .*missing required field `v`"),
        (b'{"v": 7, "run_id": "a", "started_at": "", "prompt": "", "osstui": "9", "lanes": []}', "newer"),
        (b'{"v": 1, "run_id": "a", "started_at": "", "prompt": "", "osstui": "1", "lanes": [{"lane": 1}]}',
         r"Expected `str`, got `int` - at `\$.lanes\[0\].lane`"),
    ],
)  # fmt: skip
def test_other_files_are_refused_by_name(tmp_path: Path, history: History, content: bytes, why: str) -> None:
    path = tmp_path / "other.txt"
    path.write_bytes(content)
    with pytest.raises(ImportFileError, match=f"other.txt .*{why}"):
        import_file(history, path, fail)
    assert history.runs() == []


WRONG = [
    {"tokens": {"output": "many"}}, {"tokens": {"reasoning": -1}}, {"ttft_ms": 1e308}, {"e2e_ms": -5},
    {"error": {"kind": "server", "message": 1.5}}, {"error": {}}, {"tool_calls": [{"name": 1}]},
    {"tool_results": [{"name": "x", "arguments": "{}"}]}, {"cost_usd": "free"}, {"attempts": None},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_a_document_that_no_osstui_can_have_written_is_refused(
    tmp_path: Path, history: History, wrong: dict[str, object]
) -> None:
    told = json.loads(json.dumps(document(folded(whole_run()))))
    told["lanes"][0] |= wrong
    path = tmp_path / "run.json"
    path.write_text(json.dumps(told))
    with pytest.raises(ImportFileError, match=f"is no --json document of osstui: .*{next(iter(wrong))}"):
        import_file(history, path, fail)


def test_a_stamp_that_cannot_be_is_skipped_and_told(tmp_path: Path, history: History) -> None:
    lines = [json.loads(encode(event)) for event in whole_run(answer="good")]
    bad = next(line for line in lines if line["event"] == "delta" and line["kind"] == "text")
    bad["t"] = 2**70
    path, told = tmp_path / "run.jsonl", list[str]()
    path.write_text("\n".join(map(json.dumps, lines)))
    import_file(history, path, told.append)
    assert history.open("run1").lanes["groq"].text == "ood"
    assert told[0].endswith("has a stamp that cannot be and was skipped")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, history: History) -> None:
    with pytest.raises(ImportFileError, match=r"cannot read .*absent: No such file"):
        import_file(history, tmp_path / "absent", fail)
