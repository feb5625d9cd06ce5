"""Named profiles and the form of the answer on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from osstui.events import Started, decode
from osstui.profile import Profile
from osstui.settings import Settings

SHORT = "[[sim: tokens=20;reasoning=5]]"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    path = tmp_path / "settings.yaml"
    monkeypatch.setenv("OSSTUI_SETTINGS", str(path))
    return Settings(path)


def test_a_profile_is_asked_with_and_options_win(ask, settings: Settings) -> None:
    settings.keep_profile("terse", Profile(effort="low", temperature=0.1, seed=7))
    outcome = ask(SHORT, "-p", "groq", "--profile", "terse", "--temperature", "0.9", "--jsonl")
    started = decode(outcome.out.splitlines()[0])
    assert isinstance(started, Started)
    params = started.lanes[0].params
    assert (params.effort, params.temperature, params.seed) == ("low", 0.9, 7)


def test_an_unknown_profile_is_wrong_usage(ask, settings: Settings) -> None:
    outcome = ask("hi", "-p", "groq", "--profile", "terse")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == (
        'osstui: there is no profile "terse"; known: none yet: the app keeps one with Ctrl+O\n'
    )


def test_a_schema_file_that_is_missing_is_named(ask) -> None:
    outcome = ask("hi", "-p", "groq", "--response-format", "nowhere.json")
    assert outcome.code == 2
    assert "the JSON schema nowhere.json can't be read: No such file" in outcome.err


def test_files_are_put_into_the_prompt_and_told(ask, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text("alpha beta")
    outcome = ask(f"Shorten {SHORT}", "-p", "groq", "-f", str(file), "--json")
    assert outcome.document["prompt"] == f"Shorten {SHORT}\n\n{file}:\n```\nalpha beta\n```"
    assert f"osstui: with {file} (10 bytes), ≈2 tokens\n" in outcome.err


def test_a_file_alone_is_a_prompt(ask, tmp_path: Path) -> None:
    file = tmp_path / "question.md"
    file.write_text(SHORT)
    assert SHORT in ask("-p", "groq", "-f", str(file), "--json").document["prompt"]


def test_a_binary_file_is_wrong_usage(ask, tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"\0")
    outcome = ask("hi", "-p", "groq", "-f", str(file))
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == f"osstui: {file} is binary: only text files can be put into a prompt\n"
