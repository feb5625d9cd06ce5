"""`osstui check` as users and scripts run it, against simulated hosts over real sockets."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest

from osstui.cli.group import run
from tests.checks.hosts import KEY


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def catalog(fleet: str, tmp_path: Path) -> Path:
    path = tmp_path / "providers.yaml"
    host = "{base_url: %s, api_key_env: [%s], headers: {x-sim: '%s'}, name: H, models: {gpt-oss-120b: %s}}"
    offer = "{id: openai/gpt-oss-120b, price: {input: 0.15, output: 0.6}}"
    rows = {
        "good": (f"{fleet}/good/v1", "CHECK_KEY", "ttft=0.01;tps=4000"),
        "liar": (f"{fleet}/liar/v1", "CHECK_KEY", "ttft=0.01;tps=4000;wrong_model"),
        "locked": (f"{fleet}/good/v1", "CHECK_ABSENT_KEY", "ttft=0.01"),
    }
    lines = [f"  {name}: {host % (*row, offer)}" for name, row in rows.items()]
    model = "{name: GPT-OSS 120B, context: 131072, tokenizer: o200k_harmony}"
    path.write_text(f"version: 1\nmodels:\n  gpt-oss-120b: {model}\nproviders:\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, catalog: Path):
    monkeypatch.setenv("CHECK_KEY", KEY)
    monkeypatch.delenv("CHECK_ABSENT_KEY", raising=False)

    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(["check", "--catalog-only", str(catalog), *arguments])
        return Outcome(code, *capfd.readouterr())

    return call


def test_a_good_host_passes_with_exit_code_0(cli) -> None:
    done = cli("-p", "good")
    assert done.code == 0
    assert done.out.split("verdict", 1)[1].split()[0] == "PASS"
    assert "1 host" in done.err


def test_a_failed_check_is_exit_code_1_and_says_why(cli) -> None:
    done = cli("-p", "good,liar", "--only", "identity,answer")
    assert done.code == 1
    assert "FAIL liar: identity: asked for openai/gpt-oss-120b, answered by meta-llama" in done.out
    assert "liar: identity: fail: asked for" in done.err


def test_the_json_document_has_the_promised_fields(cli) -> None:
    done = cli("-p", "good", "--json", "--only", "answer,usage")
    made = json.loads(done.out)
    assert made["v"] == 1
    assert made["started_at"].endswith("Z")
    assert made["cost_usd"] > 0
    (lane,) = made["lanes"]
    assert {"lane", "provider", "model", "verdict", "checks"} <= lane.keys()
    for cell in lane["checks"]:
        assert {"check", "result", "reason", "evidence", "ms"} <= cell.keys()
    assert KEY not in done.out + done.err


def test_without_a_key_nothing_can_be_checked(cli) -> None:
    done = cli("-p", "locked")
    assert done.code == 3
    assert "set CHECK_ABSENT_KEY" in done.out


def test_without_names_every_host_with_a_key_is_checked(cli) -> None:
    done = cli("--only", "reach", "--json")
    assert {lane["lane"] for lane in json.loads(done.out)["lanes"]} == {"good", "liar"}


def test_a_preset_goes_by_what_own_runs_have_found(
    cli, catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody publishes a figure of these hosts: without a run of one's own there is nobody to choose."""
    monkeypatch.setenv("OSSTUI_HISTORY", str(tmp_path / "history.db"))
    catalog.write_text(catalog.read_text() + "presets:\n  quickest: {rank: latency, top: 1}\n")
    assert cli("--preset", "quickest", "--only", "reach").code == 3
    assert run(["ask", "--catalog-only", str(catalog), "-p", "liar", "Hi"]) == 0
    done = cli("--preset", "quickest", "--only", "reach", "--json")
    assert [lane["lane"] for lane in json.loads(done.out)["lanes"]] == ["liar"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--only", "strem"], "did you mean 'stream'"),
        (["--skip", "nothing-like-it"], "known: reach"),
        (["-p", "god"], "good"),
        (["--watch", "soon"], "10m"),
        (["--only", "reach", "--skip", "reach"], "no check is left"),
        (["--max-cost", "nan"], "finite"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_names_the_way_out(cli, arguments: list[str], word: str) -> None:
    done = cli(*arguments)
    assert done.code == 2
    assert word in done.err
    assert done.err.count("\n") <= 2


def test_files_are_written_and_changes_told(cli, tmp_path: Path, catalog: Path) -> None:
    lines, xml = tmp_path / "log.jsonl", tmp_path / "out.xml"
    assert cli("-p", "good", "--only", "identity", "--jsonl", str(lines), "--junit", str(xml)).code == 0
    assert ElementTree.parse(xml).getroot().find("testsuite").get("name") == "good"  # type: ignore[union-attr]
    catalog.write_text(
        catalog.read_text().replace("good/v1', '", "x").replace("tps=4000'", "tps=4000;wrong_model'", 1)
    )
    done = cli("-p", "good", "--only", "identity", "--jsonl", str(lines), "--baseline", str(lines), "--json")
    assert done.code == 1
    (change,) = json.loads(done.out)["changes"]
    assert (change["lane"], change["check"], change["was"], change["now"]) == (
        "good",
        "identity",
        "pass",
        "fail",
    )
    assert "changed: good: identity: pass → fail" in done.err
    assert len(lines.read_text().splitlines()) == 2
    other = cli("-p", "liar", "--only", "identity", "--baseline", str(lines))
    assert "not checked this time: good" in other.err


@pytest.mark.parametrize("option", ["--junit", "--jsonl"])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(
    cli, tmp_path: Path, option: str
) -> None:
    done = cli("-p", "good", option, str(tmp_path / "nowhere" / "out"))
    assert done.code == 2
    assert done.err.startswith("osstui: cannot write ")
    assert done.err.count("\n") == 1


def test_a_baseline_that_is_none_is_wrong_usage(cli, tmp_path: Path) -> None:
    path = tmp_path / "not.json"
    path.write_text('{"lanes": 3}')
    done = cli("-p", "good", "--baseline", str(path))
    assert done.code == 2
    assert "no document of osstui check --json" in done.err


def test_the_list_tells_each_rule(cli) -> None:
    done = cli("--list", "--deep")
    assert done.code == 0
    assert done.out.count("Source:") == done.out.count("\n    ")


def test_money_is_kept(cli) -> None:
    done = cli("-p", "good", "--full", "--max-cost", "0.001", "--json")
    assert json.loads(done.out)["cost_usd"] <= 0.001


def test_no_money_means_that_nothing_can_be_checked(cli) -> None:
    done = cli("-p", "good", "--only", "answer,unicode", "--max-cost", "0")
    assert done.code == 3
    assert "answer, unicode: not run: it could pass the limit of cost" in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_watching_repeats_until_interrupted(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    monkeypatch.setenv("CHECK_KEY", KEY)
    lines = tmp_path / "log.jsonl"
    command = [sys.executable, "-m", "osstui", "check", "--catalog-only", str(catalog), "-p", "good"]
    command += ["--only", "reach", "--watch", "0.1s", "--jsonl", str(lines), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = [process.stderr.readline().decode() for _ in range(3)]
        process.send_signal(number)
        try:
            process.communicate(timeout=20)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "nothing changed" in said[1] + said[2]
    documents = [json.loads(line) for line in lines.read_text().splitlines()]
    assert len(documents) >= 2
