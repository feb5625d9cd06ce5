"""What `osstui ask` did is listed, found, shown, named and deleted from the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from osstui.measure.metrics import BY_KEY
from osstui.store.history import History
from osstui.store.statements import Place
from tests.store.made import NASTY, folded, whole_run, write

SHORT = "[[sim: tokens=30;reasoning=10]]"


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "history.db"
    monkeypatch.setenv("OSSTUI_HISTORY", str(path))
    return path


def test_what_was_asked_is_in_the_history_with_the_same_document(ask, cli) -> None:
    asked = ask(f"hi {SHORT}", "-p", "groq,nobody", "--json", "--system", "Be brief.")
    (row,) = json.loads(cli("history", "--json").out)
    document = asked.document
    assert row["run_id"] == document["run_id"]
    assert row["started_at"] == document["started_at"]
    assert row["prompt"] == f"hi {SHORT}"
    assert row["lanes"] == ["groq", "nobody"]
    assert row["cost_usd"] == asked.lanes["groq"]["cost_usd"]
    assert cli("history", "show", row["run_id"], "--json").out == asked.out


def test_a_run_is_shown_as_it_was_printed(ask, cli) -> None:
    asked = ask(f"hi {SHORT}", "-p", "groq,nobody")
    shown = cli("history", "show", "last")
    head, rest = shown.out.split("\n\n", 1)
    assert (shown.code, rest) == (0, f"> hi {SHORT}\n\n{asked.out}")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d · run [0-9a-f]{12}", head)


def test_a_conversation_is_shown_turn_by_turn(cli, path: Path) -> None:
    write(path, whole_run("run1", "first\nline", "one"))
    write(path, whole_run("run2", "second", "two"), Place("run1"))
    shown = cli("history", "show", "run2", "--conversation").out
    parts = ("turn 1 · ", "> first\n> line", "one", "turn 2 · ", "> second", "two")
    places = [shown.index(part) for part in parts]
    assert places == sorted(places)
    told = json.loads(cli("history", "show", "run1", "--conversation", "--json").out)
    assert [(run["turn"], run["run_id"]) for run in told["runs"]] == [(1, "run1"), (2, "run2")]


def test_runs_are_chosen_by_time_lane_tag_and_pin(cli, path: Path) -> None:
    for day, lanes in ((1, ["groq"]), (2, ["together", "groq#2"]), (3, ["cerebras"])):
        write(path, whole_run(f"run{day}", "sky", lanes=lanes, at=f"2026-11-0{day}T12:00:00+00:00"))
    cli("history", "tag", "run2", "kept")
    cli("history", "pin", "run1")

    def listed(*options: str) -> list[str]:
        found = [
            json.loads(cli("history", *command, "--json", *options).out)
            for command in ((), ("search", "sky"))
        ]
        assert sorted(row["run_id"] for row in found[0]) == sorted(row["run_id"] for row in found[1])
        return [row["run_id"] for row in found[0]]

    assert listed() == ["run3", "run2", "run1"]
    assert listed("--since", "2026-11-02T12:00:00Z") == ["run3", "run2"]
    assert listed("--since", "2026-11-02T14:30:00+02:30") == ["run3", "run2"]
    assert listed("--since", "1h") == []
    assert listed("--lane", "groq") == ["run2", "run1"]
    assert listed("--lane", "groq#2") == ["run2"]
    assert listed("--lane", "cerebras:gpt-oss-120b") == ["run3"]
    assert listed("--lane", "gpt-oss-120b", "--pinned") == ["run1"]
    assert listed("--tag", "kept", "--lane", "together") == ["run2"]
    wrong = cli("history", "--since", "soon")
    assert (wrong.code, wrong.out) == (2, "")
    assert "no date like 2026-11-01 and no age like 12h" in wrong.err


def test_the_history_adds_up(cli, path: Path) -> None:
    for day in (1, 2):
        write(path, whole_run(f"run{day}", at=f"2026-11-0{day}T12:00:00+00:00"))
    told = json.loads(cli("history", "stats", "--json").out)
    groq, together = told["hosts"]
    lane = folded(whole_run()).lanes["groq"]
    cost = BY_KEY["cost"].value(lane)
    assert groq == {
        "provider": "groq", "model": "gpt-oss-120b", "simulated": False, "answers": 2, "ok": 2,
        "ttft_ms": BY_KEY["ttft"].value(lane), "output_tps": BY_KEY["speed"].value(lane),
        "output_tokens": 2 * BY_KEY["tokens"].value(lane), "cost_usd": pytest.approx(2 * cost),
    }  # fmt: skip
    assert (together["answers"], together["ok"], together["ttft_ms"]) == (2, 0, None)
    assert told["cost_usd"] == pytest.approx(groq["cost_usd"] + (together["cost_usd"] or 0))
    one = json.loads(cli("history", "stats", "--json", "--since", "2026-11-02").out)
    assert [line["answers"] for line in one["hosts"]] == [1, 1]
    assert "groq:gpt-oss-120b" in cli("history", "stats").out
    assert "nothing was asked" in cli("history", "stats", "--lane", "nobody").err


@pytest.mark.parametrize(("said", "left"), [(b"n\n", ["run1"]), (b"y\n", [])])
def test_a_terminal_is_asked_before_anything_is_deleted(
    cli, path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes, left: list[str]
) -> None:
    write(path, whole_run("run1", "a prompt"))
    with monkeypatch.context() as patched:
        patched.setattr("osstui.cli.history_change.answers", lambda: True)
        outcome = cli("history", "delete", "run1", stdin=said)
    assert "run1 a prompt\n" in outcome.err
    assert outcome.code == (130 if left else 0)
    assert [row["run_id"] for row in json.loads(cli("history", "--json").out)] == left


def test_the_system_prompt_is_kept(ask, path: Path) -> None:
    ask(f"hi {SHORT}", "-p", "groq", "--system", "Be brief.")
    with History(path) as history:
        assert history.run("last").system == "Be brief."


def test_no_history_keeps_nothing(ask, path: Path) -> None:
    assert ask(f"hi {SHORT}", "-p", "groq", "--no-history").code == 0
    assert not path.exists()


def test_a_history_that_cannot_be_written_is_told_once_and_the_answer_comes(
    ask, monkeypatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "file" / "x.db"))
    outcome = ask(f"hi {SHORT}", "-p", "groq", "--json")
    assert (outcome.code, outcome.lanes["groq"]["status"]) == (0, "ok")
    assert outcome.err.count("going on without a history") == 1


def test_the_list_is_newest_first_and_limited(cli, path: Path) -> None:
    for hour in range(3):
        write(path, whole_run(f"run{hour}", f"question {hour}\nmore", at=f"2026-11-21T0{hour}:00:00Z"))
    assert [row["run_id"] for row in json.loads(cli("history", "--json", "--limit", "2").out)] == [
        "run2", "run1"
    ]  # fmt: skip
    lines = cli("history").out.splitlines()
    assert [line.split()[0] for line in lines] == ["run2", "run1", "run0"]
    assert lines[0].endswith("groq, together  question 2 more")


def test_a_hostile_prompt_cannot_speak_to_the_terminal(cli, path: Path) -> None:
    write(path, whole_run(prompt=NASTY))
    for command in (["history"], ["history", "search", "llo"], ["history", "--json"]):
        out = cli(*command).out
        assert not set(out) & set("\x1b\x07\x00\x85\u2028\u202e\r")


def test_words_are_searched(cli, path: Path) -> None:
    write(path, whole_run("one", "blue sky"))
    write(path, whole_run("two", "green sea"))
    (hit,) = json.loads(cli("history", "search", "green", "se", "--json").out)
    assert (hit["run_id"], hit["snippet"]) == ("two", "green sea")
    assert cli("history", "search", "sky").out.startswith("one  ")
    nothing = cli("history", "search", "absent")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", "osstui: nothing found\n")


def test_a_conversation_is_renamed_tagged_and_pinned(cli, path: Path) -> None:
    write(path, whole_run("one"))
    write(path, whole_run("two"))
    for command in (
        ["rename", "one", "Speed"],
        ["tag", "one", "a", "b"],
        ["untag", "one", "a"],
        ["pin", "one"],
    ):
        assert cli("history", *command).code == 0
    (row,) = json.loads(cli("history", "--json", "--tag", "b", "--pinned").out)
    assert (row["run_id"], row["title"], row["tags"], row["pinned"]) == ("one", "Speed", ["b"], True)
    assert cli("history", "unpin", "one").code == 0
    assert json.loads(cli("history", "--json", "--pinned").out) == []


def test_runs_are_deleted_all_or_none(cli, path: Path) -> None:
    for name in ("one", "two", "three"):
        write(path, whole_run(name))
    wrong = cli("history", "delete", "one", "absent")
    assert (wrong.code, wrong.err.count("\n")) == (2, 1)
    assert "there is no run absent in" in wrong.err
    assert cli("history", "delete", "one", "two").code == 0
    assert [row["run_id"] for row in json.loads(cli("history", "--json").out)] == ["three"]


def test_a_history_that_is_switched_off_says_so(cli, monkeypatch) -> None:
    monkeypatch.setenv("OSSTUI_HISTORY", "off")
    outcome = cli("history")
    assert (outcome.code, outcome.err) == (2, "osstui: the history is switched off by OSSTUI_HISTORY\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_killed_ask_leaves_its_partial_answers_cut(cli, catalog: Path, path: Path) -> None:
    prompt = "[[sim: tokens=4000;tps=100;reasoning=0]]"
    command = [sys.executable, "-m", "osstui", "ask", "--catalog-only", str(catalog), prompt, "-p", "groq"]
    child = subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not _begun(path):
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        child.kill()
        child.wait()
    (row,) = json.loads(cli("history", "--json").out)
    assert row["state"] == "died"
    (lane,) = json.loads(cli("history", "show", row["run_id"], "--json").out)["lanes"]
    assert lane["status"] == "cut"
    assert lane["text"]


def _begun(path: Path) -> bool:
    if not path.exists():
        return False
    with History(path) as history:
        rows = history.runs()
        return bool(rows) and bool(history.open(rows[0].run).lanes["groq"].text)


@pytest.mark.parametrize(
    "line",
    [
        ("history", "search", "caf\udce9"),
        ("history", "--tag", "\udcff"),
        ("history", "rename", "run1", "caf\udce9"),
        ("history", "tag", "run1", "\udcff", "b\udcff"),
        ("history", "show", "\udcff"),
        ("export", "\udcff"),
        ("replay", "\udcff"),
    ],
    ids=lambda line: " ".join(line[:2]).encode("ascii", "replace").decode(),
)
def test_bytes_that_are_no_text_name_nothing_and_break_nothing(
    cli, path: Path, line: tuple[str, ...]
) -> None:
    write(path, whole_run())
    outcome = cli(*line)
    assert outcome.code in (0, 2)
    assert outcome.err.count("\n") <= 1
    with History(path) as history:
        assert "\udce9" not in str(history.run("run1"))
