"""Runs out of the history and into it, and played again."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pytest

from osstui.cli.export import NAMES
from osstui.events import decode, encode
from osstui.measure.document import document
from osstui.store.export import FORMATS
from osstui.store.statements import Place
from tests.store.made import NASTY, folded, whole_run, write


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "history.db"
    monkeypatch.setenv("OSSTUI_HISTORY", str(path))
    write(path, whole_run())
    return path


def test_the_command_offers_every_format() -> None:
    assert set(NAMES) == set(FORMATS)


def test_the_ending_of_a_file_says_the_format(cli, tmp_path: Path) -> None:
    for name in NAMES:
        file = tmp_path / f"run.{name}"
        assert cli("export", "run1", "-o", str(file)).code == 0
        if sys.platform != "win32":
            assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads((tmp_path / "run.json").read_bytes()) == document(folded(whole_run()))
    assert (tmp_path / "run.html").read_text().startswith("<!doctype html>")
    assert NASTY.encode() in (tmp_path / "run.md").read_bytes()


def test_an_export_goes_to_stdout(cli) -> None:
    assert [
        decode(line) for line in cli("export", "last", "--format", "jsonl").out.splitlines()
    ] == whole_run()
    assert json.loads(cli("export", "run1", "--format", "json").out) == document(folded(whole_run()))


def test_a_conversation_is_one_file_that_can_be_imported(
    cli, path: Path, tmp_path: Path, monkeypatch
) -> None:
    write(path, whole_run("run2", "and then?"), Place("run1"))
    file = tmp_path / "talk.json"
    assert cli("export", "run2", "--conversation", "-o", str(file)).code == 0
    page = cli("export", "run2", "--conversation").out
    assert page.index("# Turn 1") < page.index("# Turn 2") < page.index("and then?", page.index("# Turn 2"))
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "new.db"))
    assert cli("import", str(file)).out == "run1\nrun2\n"
    assert json.loads(cli("export", "last", "--conversation", "--format", "json").out) == json.loads(
        file.read_bytes()
    )


def test_a_place_that_cannot_be_written_is_named(cli, tmp_path: Path) -> None:
    outcome = cli("export", "run1", "-o", str(tmp_path / "absent" / "x.md"))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.endswith("No such file or directory\n")


def test_files_are_imported_once(cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines, whole = tmp_path / "run.jsonl", tmp_path / "run.json"
    cli("export", "run1", "-o", str(lines))
    whole.write_text(json.dumps(document(folded(whole_run("other")))))
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "new.db"))
    outcome = cli("import", str(lines), str(whole))
    assert (outcome.code, outcome.out) == (0, "run1\nother\n")
    again = cli("import", str(lines))
    assert (again.code, again.out) == (0, "")
    assert "already in the history: run1" in again.err
    for run in ("run1", "other"):
        shown = json.loads(cli("history", "show", run, "--json").out)
        assert shown == document(folded(whole_run(run)))
        assert "héllo" in cli("history", "show", run).out


def test_a_file_of_another_kind_does_not_keep_the_others_out(cli, tmp_path: Path) -> None:
    other, good = tmp_path / "notes.txt", tmp_path / "run.json"
    other.write_text("notes")
    good.write_text(json.dumps(document(folded(whole_run("good")))))
    outcome = cli("import", str(other), str(good))
    assert (outcome.code, outcome.out) == (2, "good\n")
    assert "notes.txt holds no run" in outcome.err


def test_a_replay_has_the_same_numbers(cli, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"".join(map(encode, whole_run())))
    for recording in ("run1", str(file)):
        outcome = cli("replay", recording, "--json")
        assert (outcome.code, outcome.document) == (0, document(folded(whole_run())))
        lines = cli("replay", recording, "--jsonl", "--speed", "100").out.splitlines()
        assert [decode(line) for line in lines] == whole_run()
    assert cli("history", "show", "run1").out.endswith(cli("replay", "run1", "--speed", "100").out)


def test_of_many_lines_that_are_no_events_the_first_are_told(cli, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"".join(map(encode, whole_run("new"))) + b"nonsense\n" * 1000)
    for command in (["replay", str(file), "--json"], ["import", str(file)]):
        outcome = cli(*command)
        assert outcome.code == 0
        assert outcome.err.count("is no event and was skipped") == 5
        assert "995 more lines like these" in outcome.err


def test_a_torn_recording_is_replayed_as_cut(cli, tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_bytes(b"".join(map(encode, whole_run()[:-1])) + b'{"ev')
    outcome = cli("replay", str(file), "--json")
    assert (outcome.code, outcome.lanes["together"]["status"]) == (0, "cut")
    assert "is no event and was skipped" in outcome.err


def test_what_cannot_be_replayed_is_named(cli, tmp_path: Path) -> None:
    document_only = tmp_path / "run.json"
    document_only.write_text(json.dumps(document(folded(whole_run("other")))))
    cli("import", str(document_only))
    for recording, why in (
        (str(document_only), "has no events to replay"),
        ("other", "has no events to replay"),
        ("absent", "there is no run absent"),
    ):
        outcome = cli("replay", recording)
        assert (outcome.code, outcome.out) == (2, "")
        assert why in outcome.err
