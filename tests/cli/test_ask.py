"""`osstui ask` as scripts use it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from osstui.events import Delta, Ended, Started, decode
from osstui.measure.document import document
from tests.store.made import read_runs

SHORT = "[[sim: tokens=30;reasoning=10]]"


def test_answers_stand_under_headings_and_numbers_in_one_table(ask) -> None:
    outcome = ask("hi [[sim: tokens=100;tps=500]]", "-p", "groq,together")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert [line for line in lines if line.startswith("## ")] == [
        "## groq · gpt-oss-120b",
        "## together · gpt-oss-120b",
    ]
    header = next(line for line in lines if line.startswith("lane"))
    assert " ".join(header.split()) == "lane status TTFT TTFA Speed End to end Output tokens Cost"
    row = next(line for line in lines if line.startswith("groq "))
    assert row.split()[1] == "ok"
    assert "$0.000" in row
    assert "tok/s" in row
    assert lines[-1].split()[:3] == ["total", "2/2", "ok"]


def test_what_has_no_price_says_so_on_stderr(ask) -> None:
    outcome = ask(f"hi {SHORT}", "-p", "together")
    assert "osstui: together: no cost: no price in the catalog\n" in outcome.err


def test_the_json_document_holds_the_answer_and_its_numbers(ask) -> None:
    outcome = ask("[[sim: echo=1;reasoning=40;tps=200]] Ωμέγα", "-p", "groq", "--json")
    assert outcome.code == 0
    lane = outcome.lanes["groq"]
    assert (lane["status"], lane["finish_reason"], lane["error"]) == ("ok", "stop", None)
    assert "Ωμέγα" in lane["text"]
    assert lane["ttft_ms"] > 0
    assert lane["e2e_ms"] >= lane["ttfa_ms"] > lane["ttft_ms"]
    assert lane["tokens"]["source"] == "reported"
    assert lane["cost_source"] == "catalog"
    tokens = lane["tokens"]
    assert lane["cost_usd"] == pytest.approx((tokens["input"] * 0.15 + tokens["output"] * 0.60) / 1e6)


def test_jsonl_prints_the_events_as_they_are(ask) -> None:
    outcome = ask(f"hi {SHORT}", "-p", "groq,together", "--jsonl")
    events = [decode(line) for line in outcome.out.splitlines()]
    assert isinstance(events[0], Started)
    assert {e.lane for e in events if isinstance(e, Ended)} == {"groq", "together"}
    assert any(isinstance(e, Delta) for e in events)


def test_recording_and_replaying_gives_the_document_to_the_last_digit(ask, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    outcome = ask(f"hi {SHORT}", "-p", "groq", "--json", "--record", str(path))
    with path.open("rb") as lines:
        (run,) = read_runs(lines)
    assert document(run) == outcome.document


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ("eof;after=8", "cut"),
        ("cut;after=8", "cut"),
        ("error_event;after=8", "failed"),
        ("status401", "failed"),
    ],
)
def test_a_lane_that_ends_badly_is_exit_code_1_and_keeps_what_arrived(ask, wish: str, status: str) -> None:
    outcome = ask(f"[[sim groq: tokens=30;reasoning=0;{wish}]] [[sim together: tokens=20]]", "-p",
                  "groq,together", "--json", "--retries", "0")  # fmt: skip
    assert outcome.code == 1
    groq, together = outcome.lanes["groq"], outcome.lanes["together"]
    assert (groq["status"], groq["finish_reason"]) == (status, None)
    assert together["status"] == "ok"
    assert bool(groq["text"]) is ("after" in wish)


def test_a_failure_is_told_in_the_plain_report(ask) -> None:
    outcome = ask("[[sim: status429]]", "-p", "groq", "--retries", "0")
    assert outcome.code == 1
    assert "## groq · gpt-oss-120b · failed" in outcome.out
    assert "! rate_limit 429: " in outcome.out


def test_nobody_listening_is_a_failure(ask) -> None:
    outcome = ask("hi", "-p", "nobody", "--retries", "0", "--json")
    assert outcome.code == 1
    assert outcome.lanes["nobody"]["error"]["kind"] == "connect"


def test_one_missing_key_fails_that_lane_alone(ask) -> None:
    outcome = ask(f"hi {SHORT}", "-p", "groq,locked", "--json")
    assert outcome.code == 1
    assert outcome.lanes["groq"]["status"] == "ok"
    assert outcome.lanes["locked"]["error"]["kind"] == "no_key"


def test_no_key_at_all_is_exit_code_3(ask) -> None:
    outcome = ask("hi", "-p", "locked")
    assert outcome.code == 3
    assert "OSSTUI_TEST_ABSENT_KEY" in outcome.out


def test_the_same_lane_twice_gets_a_name_of_its_own(ask) -> None:
    assert list(ask(f"hi {SHORT}", "-p", "groq", "-p", "groq", "--json").lanes) == ["groq", "groq#2"]


def test_the_length_limit_is_a_proper_ending(ask) -> None:
    outcome = ask("hi [[sim: tokens=200]]", "-p", "groq", "--max-tokens", "40", "--json")
    assert (outcome.code, outcome.lanes["groq"]["finish_reason"]) == (0, "length")


def test_a_prompt_comes_from_stdin(ask) -> None:
    assert ask("-", "-p", "groq", "--json", stdin=f"hello {SHORT}\n".encode()).document["prompt"] == (
        f"hello {SHORT}"
    )


def test_a_file_on_stdin_is_appended_to_the_prompt(ask) -> None:
    outcome = ask(f"Shorten: {SHORT}", "-p", "groq", "--json", stdin=b"a long text\n")
    assert outcome.document["prompt"] == f"Shorten: {SHORT}\n\na long text"


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["-", "-p", "groq"], b"  \n", "osstui: the prompt is empty"),
        (["-", "-p", "groq"], b"\xff", "osstui: stdin is not UTF-8 text: byte 1 can't be read"),
        (["hi", "-p", "grok"], b"", 'osstui: there is no provider "grok"; did you mean "groq"?'),
        (["hi", "--preset", "none"], b"", 'osstui: there is no preset "none"'),
        (["hi", "--json", "--jsonl"], b"", "osstui: --json and --jsonl exclude each other"),
        (["hi", "-p", "groq", "--preset", "all"], b"",
         "osstui: --provider and --preset exclude each other"),
        (["hi", "--temperature", "nan"], b"",
         "osstui ask: Invalid value for '--temperature': 'nan' is not a finite number"),
        (["hi", "-p", "groq", "--record", "/dev/null/x"], b"",
         "osstui: cannot write /dev/null/x: Not a directory"),
    ],
)  # fmt: skip
def test_wrong_usage_is_one_line_on_stderr_and_exit_code_2(ask, arguments, stdin, said) -> None:
    outcome = ask(*arguments, stdin=stdin)
    assert (outcome.code, outcome.out, outcome.err) == (2, "", f"{said}\n")


def test_hostile_answers_come_as_data_that_is_safe_to_look_at(ask) -> None:
    as_json = ask("[[sim: hostile]]", "-p", "groq", "--json")
    raw = as_json.lanes["groq"]["text"]
    assert "\x1b" in raw
    assert "\u202e" in raw
    for printed in (as_json.out, ask("[[sim: hostile]]", "-p", "groq", "--jsonl").out):
        assert not set(printed) & {"\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u2066"}


def test_plain_text_goes_to_a_pipe_as_it_came(ask) -> None:
    raw = ask("[[sim: hostile]]", "-p", "groq", "--json").lanes["groq"]["text"]
    assert raw.rstrip("\n") in ask("[[sim: hostile]]", "-p", "groq").out


def test_the_demo_needs_no_key_and_says_that_it_is_one(cli) -> None:
    outcome = cli("ask", "[[sim: tokens=20;reasoning=5]]", "--demo", "-p", "cerebras", "--json")
    assert outcome.code == 0
    assert outcome.lanes["cerebras"]["simulated"] is True


def test_bytes_that_are_no_text_are_asked_as_replacement_characters(ask) -> None:
    """A shell may hand over any bytes; Python makes lone surrogates of those that are not UTF-8."""
    words = ("--system", "be\udcff", "--stop", "END\udcfe", "-p", "groq:raw\udcff")
    outcome = ask(f"caf\udce9 [[sim: echo=1]] {SHORT}", *words, "--json")
    assert outcome.code == 0
    assert outcome.document["prompt"].startswith("caf\ufffd ")
    lane = outcome.lanes["groq:raw\ufffd"]
    assert lane["status"] == "ok"
    assert "caf\ufffd" in lane["text"]


@pytest.mark.parametrize("more", [(), ("--repeat", "2")])
def test_what_is_published_of_a_host_stands_below_what_was_measured(cli, more: tuple[str, ...]) -> None:
    outcome = cli("ask", "--demo", "-p", "groq,mara", f"hi {SHORT}", *more)
    assert outcome.code == 0
    (line,) = [line for line in outcome.out.splitlines() if "artificialanalysis.ai" in line]
    figures, _, origin = line.partition(" · ")
    assert origin == "artificialanalysis.ai, date unknown"
    told = re.fullmatch(r"groq  TTFT 0\.22 s \(×(\d\.\d\d)\), 486 tok/s \(×(\d\.\d\d)\)", figures)
    assert told is not None, line
    assert float(told[1]) > 0.9


def test_a_preset_that_finds_nobody_is_named_with_the_way_out(cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARA_API_KEY", "k")  # a host of which nothing is published
    outcome = cli("ask", "--preset", "latency", "hi")
    assert outcome.code == 3
    assert outcome.err == (
        "osstui: nothing to ask: no host of the preset latency can be asked from here; "
        "osstui providers --keys lists the keys to get, --demo needs none\n"
    )
