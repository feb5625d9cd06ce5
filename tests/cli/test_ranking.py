"""`osstui history ranking`, and the vote in `history show`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osstui.measure.stats import wilson
from osstui.store.votes import cast
from osstui.store.writer import HistoryWriter
from tests.store.made import fail, whole_run, write


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "data" / "history.db"
    monkeypatch.setenv("OSSTUI_HISTORY", str(path))
    for number, (lane, blind) in enumerate([("groq", True), ("groq", False), (None, True)]):
        run = f"run{number}"
        write(path, whole_run(run))
        with HistoryWriter(path, fail) as writer:
            writer.add(cast([run], lane, blind=blind, when=number))
    return path


def test_the_ranking_as_json(cli) -> None:
    told = json.loads(cli("history", "ranking", "--json").out)
    assert (told["v"], told["votes"]) == (1, 3)
    first, second = told["ranking"]
    assert first == {
        "provider": "groq", "model": "gpt-oss-120b", "simulated": False,
        "contests": 3, "wins": 2, "draws": 1, "losses": 0,
        "share": 0.8333, "interval": [round(end, 4) for end in wilson(2.5, 3)],
    }  # fmt: skip
    assert (second["provider"], second["losses"]) == ("together", 2)


def test_blind_votes_alone(cli) -> None:
    told = json.loads(cli("history", "ranking", "--json", "--blind-only").out)
    assert told["votes"] == 2
    assert told["ranking"][0]["contests"] == 2


def test_the_ranking_for_people(cli) -> None:
    shown = cli("history", "ranking")
    first, second = shown.out.splitlines()[1:]
    assert first.split() == ["1", "groq:gpt-oss-120b", "83%", *["31%", "to", "98%"], "3", "2", "1", "0"]
    assert second.split()[:3] == ["2", "together:gpt-oss-120b", "17%"]
    assert "3 votes" in shown.err


def test_a_history_without_votes_says_how_to_vote(cli, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "new.db"))
    assert "no votes yet" in cli("history", "ranking").err
    assert json.loads(cli("history", "ranking", "--json").out) == {"v": 1, "votes": 0, "ranking": []}


def test_a_run_is_shown_with_its_vote(cli, path: Path) -> None:
    assert cli("history", "show", "run0").out.endswith("Your vote: groq, blind\n")
    assert cli("history", "show", "run2").out.endswith("Your vote: a draw, blind\n")
    assert json.loads(cli("history", "show", "run1", "--json").out)["vote"] == {
        "lane": "groq",
        "blind": False,
        "voted": 1.0,
    }
    write(path, whole_run("run9"))
    assert "vote" not in json.loads(cli("history", "show", "run9", "--json").out)


def test_a_vote_goes_with_the_document_of_its_run_into_another_history(
    cli, monkeypatch, tmp_path: Path
) -> None:
    (tmp_path / "run.json").write_text(cli("export", "run0", "--format", "json").out)
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "other.db"))
    assert cli("import", str(tmp_path / "run.json")).code == 0
    told = json.loads(cli("history", "ranking", "--json", "--blind-only").out)
    assert told["votes"] == 1
    assert (told["ranking"][0]["provider"], told["ranking"][0]["wins"]) == ("groq", 1)
