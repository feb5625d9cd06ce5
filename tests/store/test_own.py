"""What past runs say of each host, for presets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from osstui.catalog import load_catalog
from osstui.events import AnyEvent, Delta, Ended, Sent, Started
from osstui.store.own import RUNS, own_figures
from tests.store.made import MS, started, write


def run(
    name: str, ttft_ms: int, speed: int, host: str = "groq", simulated: bool = False
) -> Sequence[AnyEvent]:
    """One whole answer: its first token after `ttft_ms`, then `speed` tokens in one second."""
    first = started(name, lanes=(host,))
    info = msgspec.structs.replace(first.lanes[0], simulated=simulated)
    return [
        msgspec.structs.replace(first, lanes=(info,)),
        Sent(name, host, 0, 1),
        Delta(name, host, ttft_ms * MS, "text", "a", 1),
        Delta(name, host, (ttft_ms + 1000) * MS, "text", "b", speed),
        Ended(name, host, (ttft_ms + 1000) * MS, "stop", "stop"),
    ]


def test_the_median_of_whole_answers_counts_for_each_host(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for n, (ttft, speed) in enumerate([(100, 50), (900, 10), (200, 90)]):
        write(path, run(f"r{n}", ttft, speed))
    write(path, run("other", 300, 70, host="novita"))
    own = own_figures(path)
    groq, novita = own["groq", "gpt-oss-120b"], own["novita", "gpt-oss-120b"]
    assert (groq.ttft_s, groq.output_tps, groq.runs) == (pytest.approx(0.2), pytest.approx(50), 3)
    assert (novita.ttft_s, novita.runs) == (pytest.approx(0.3), 1)


def test_cut_answers_and_simulated_hosts_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    *cut, end = run("cut", 100, 50)
    assert isinstance(end, Ended)
    write(path, [*cut, msgspec.structs.replace(end, reason="truncated")])
    write(path, run("played", 1, 9999, simulated=True))
    assert isinstance(cut[0], Started)
    assert own_figures(path) == {}


def test_only_the_newest_answers_of_a_host_count(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    for n in range(RUNS):
        write(path, run(f"old{n}", 5000, 1))
    for n in range(RUNS):
        write(path, run(f"new{n}", 100, 50))
    assert own_figures(path)["groq", "gpt-oss-120b"].ttft_s == pytest.approx(0.1)


def test_without_a_history_or_with_a_broken_one_there_are_no_own_figures(tmp_path: Path) -> None:
    assert own_figures(None) == {}
    assert own_figures(tmp_path / "none.db") == {}
    assert not (tmp_path / "none.db").exists()
    broken = tmp_path / "broken.db"
    broken.write_text("this is no database, whatever its name says " * 100)
    assert own_figures(broken) == {}


def test_a_preset_takes_the_host_that_was_fastest_here(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    write(path, run("r", 1, 9_000, host="novita"))
    catalog = load_catalog(user=tmp_path / "none.yaml", environ={})
    assert catalog.preset("latency", lambda _: True, own_figures(path))[0] == "novita"
