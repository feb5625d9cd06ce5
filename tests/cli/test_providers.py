"""`osstui providers` as a user runs it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from osstui.catalog.table import BY_KEY
from osstui.cli.providers import SORTS
from tests.store.made import write
from tests.store.test_own import run

TODAY = ("--today", "2026-11-21")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.endswith(("_API_KEY", "_TOKEN", "_PAT", "_KEY")) or name.startswith(("GOOGLE_", "AWS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))


def ids(outcome) -> list[str]:
    return [row["provider"] for row in outcome.document["providers"]]


@pytest.mark.parametrize(
    ("column", "first_five"),
    [
        ("throughput", ["cerebras", "clarifai", "sambanova", "groq", "google-vertex"]),
        ("latency", ["cerebras", "deepinfra", "groq", "compactifai", "together"]),
        ("blended", ["compactifai", "gmi", "deepinfra", "clarifai", "novita"]),
        ("input", ["compactifai", "deepinfra", "gmi", "clarifai", "novita"]),
        ("output", ["compactifai", "gmi", "hyperbolic", "clarifai", "deepinfra"]),
    ],
)
def test_sorting_by_published_figures_gives_the_published_lists(
    cli, column: str, first_five: list[str]
) -> None:
    outcome = cli("providers", "--published", "--sort", column, "--json")
    assert outcome.code == 0
    assert ids(outcome)[:5] == first_five


def test_the_command_sorts_by_every_column_that_there_is() -> None:
    assert set(SORTS) == set(BY_KEY)


def test_the_piped_table_is_plain_and_has_every_host(cli) -> None:
    outcome = cli("providers", *TODAY)
    assert outcome.code == 0
    assert "\x1b" not in outcome.out
    names = [line.split()[0] for line in outcome.out.splitlines()[1:]]
    assert len(names) == 48
    assert "! price over 90 days old" in outcome.err


def test_a_key_is_named_but_its_value_never_shown(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret-value")
    outcome = cli("providers", "--filter", "groq")
    assert "✓ GROQ_API_KEY" in outcome.out
    for arguments in (["--json"], ["--keys"], ["show", "groq"], ["show", "groq", "--json"]):
        told = cli("providers", *arguments)
        assert told.code == 0
        assert "gsk-secret-value" not in told.out + told.err


def test_the_json_tells_prices_with_source_date_and_freshness(cli) -> None:
    outcome = cli("providers", "--json", *TODAY)
    rows = {row["provider"]: row for row in outcome.document["providers"]}
    groq = rows["groq"]
    assert (groq["input"], groq["output"], groq["cached_input"], groq["blended"]) == (
        0.15,
        0.6,
        0.075,
        0.2625,
    )
    assert (groq["price_as_of"], groq["freshness"]) == ("2026-11-01", "fresh")
    assert rows["crusoe"]["freshness"] == "stale"
    assert rows["compactifai"]["freshness"] == "undated"
    assert rows["mara"]["blended"] is None
    pages = groq["published"]
    assert (pages[0]["source"], pages[0]["output_tps"]) == ("artificialanalysis.ai", 486)
    assert groq["own"] is None


def test_what_past_runs_found_stands_beside_what_is_published(
    cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "history.db"))
    write(tmp_path / "history.db", run("r", 330, 243))
    row = cli("providers", "--filter", "groq", "--json").document["providers"][0]
    assert row["own"] == {"ttft_s": 0.33, "output_tps": 243.0, "runs": 1}
    assert "0.33 s ×1.50" in cli("providers", "--filter", "groq").out
    told = cli("providers", "show", "groq", *TODAY).out
    assert "measured    published TTFT 0.22 s (×1.50), 486 tok/s (×0.50)" in told
    assert "yours TTFT 0.33 s, 243 tok/s in 1 answer" in told


def test_another_model_and_a_reversed_filtered_list(cli) -> None:
    outcome = cli("providers", "--model", "gpt-oss-20b", "--sort", "input", "--reverse", "--json")
    prices = [row["input"] for row in outcome.document["providers"] if row["input"] is not None]
    assert len(prices) >= 5
    assert prices == sorted(prices, reverse=True)
    wrong = cli("providers", "--model", "gpt-oss-12b")
    assert wrong.code == 2
    assert 'did you mean "gpt-oss-120b"' in wrong.err


def test_an_unknown_host_is_answered_with_the_nearest_one(cli) -> None:
    outcome = cli("providers", "show", "grok")
    assert (outcome.code, outcome.out) == (2, "")
    assert 'did you mean "groq"' in outcome.err


def test_show_gives_the_address_that_a_request_goes_to(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        "https://api.deepinfra.com/anthropic/v1/messages"
        in cli("providers", "show", "deepinfra-messages").out
    )
    assert "{project}" in cli("providers", "show", "google-vertex").out
    monkeypatch.setenv("GOOGLE_VERTEX_PROJECT", "mine")
    assert "/v1/projects/mine/locations/global/" in cli("providers", "show", "google-vertex").out


def test_the_place_of_the_users_file_is_told_whether_it_exists_or_not(cli, tmp_path: Path) -> None:
    outcome = cli("providers", "--path")
    assert outcome.out.strip().endswith("providers.yaml")
    assert str(tmp_path) in outcome.out


def test_a_users_file_is_checked_over_the_shipped_one(cli, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("providers:\n  groq: {base_url: https://proxy.example/v1}\n")
    good = cli("providers", "test", str(file))
    assert (good.code, good.out) == (0, f"{file}: no mistakes\n")
    alone = cli("providers", "test", "--alone", str(file))
    assert alone.code == 1
    assert "name is missing" in alone.out
    file.write_text("providers:\n  groq: {bas_url: https://proxy.example/v1}\n  new: {name: N}\n")
    bad = cli("providers", "test", str(file))
    assert bad.code == 1
    assert bad.out.splitlines()[0].startswith(f"{file}:2: ")
    assert 'did you mean "base_url"' in bad.out
    assert f"{file}:3: " in bad.out
    file.write_text("providers: [")
    assert cli("providers", "test", str(file)).code == 1


def test_a_file_that_cannot_be_read_is_another_matter(cli, tmp_path: Path) -> None:
    outcome = cli("providers", "test", str(tmp_path / "absent.yaml"))
    assert (outcome.code, outcome.out) == (2, "")
    assert "can't be read" in outcome.err


def test_the_keys_to_get_come_with_the_line_for_this_shell(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "set -gx CEREBRAS_API_KEY …" in cli("providers", "--keys").out
    monkeypatch.setenv("SHELL", "/bin/bash")
    first = cli("providers", "--keys", "--json").document["keys"][0]
    assert first["lines"] == [f"export {first['source']}=…"]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
@pytest.mark.parametrize(("no_colour", "coloured"), [("", True), ("1", False)])
def test_on_a_terminal_the_table_fits_and_is_coloured_unless_that_is_unwanted(
    no_colour: str, coloured: bool, tmp_path: Path
) -> None:
    import pexpect

    env = {**os.environ, "NO_COLOR": no_colour, "TERM": "xterm-256color", "PYTHONPATH": os.getcwd()}
    child = pexpect.spawn(
        sys.executable, ["-m", "osstui", "providers", *TODAY], env=env, dimensions=(50, 72), timeout=30
    )
    text = child.read().decode()
    child.wait()
    assert ("\x1b[" in text) == coloured
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert any(line.startswith("cerebras") for line in lines)
    assert all(len(line) <= 72 for line in lines)


def test_a_filter_that_finds_nobody_says_so(cli) -> None:
    outcome = cli("providers", "--filter", "nosuchhost")
    assert (outcome.code, outcome.err) == (0, "osstui: no host matches\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
def test_an_entry_is_folded_to_the_terminal_below_its_own_text() -> None:
    import pexpect

    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = ["-m", "osstui", "providers", "show", "mara", *TODAY]
    child = pexpect.spawn(sys.executable, command, env=env, dimensions=(50, 60), encoding="utf-8", timeout=30)
    lines = child.read().replace("\r", "").splitlines()
    assert [line for line in lines if len(line) > 60 and "://" not in line] == []  # addresses stay whole
    at = next(n for n, line in enumerate(lines) if line.startswith("  notes "))
    assert lines[at + 1].startswith(" " * 14 + "d")
    assert lines[at + 1].strip().startswith("documentation stands")


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    code = f"{sys.executable} -m osstui providers --json | head -c 10"
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("{")
