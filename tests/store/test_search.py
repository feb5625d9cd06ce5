"""Words are found wherever they stand; nothing that is typed is syntax."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from osstui.store.history import History
from osstui.store.search import marked, query
from tests.store.made import whole_run, write


@pytest.fixture
def filled(path: Path, history: History) -> History:
    write(path, whole_run("sky", "Why is the sky blue?", "Rayleigh scattering, naïvely.", lanes=["groq"]))
    write(path, whole_run("sea", "And the sea?", "It mirrors the sky; scattering matters less."))
    write(path, whole_run("nul", "control", "before\x00after\x1b[31mred"))
    return history


def found(history: History, words: str) -> set[str]:
    return {hit.run.run for hit in history.search(words)}


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("scattering", {"sky", "sea"}),
        ("scattering blue", {"sky"}),
        ("scat", {"sky", "sea"}),
        ("scat ", set()),
        ("SKY NAIVELY", {"sky"}),
        ('"the sky"', {"sky", "sea"}),
        ('"sky the"', set()),
        ("partial", {"sea", "nul"}),
        ("after", {"nul"}),
        ("blue OR sea", set()),
        ("", set()),
        ('"', set()),
        ("(*)", set()),
    ],
)
def test_words_find_runs(filled: History, words: str, runs: set[str]) -> None:
    assert found(filled, words) == runs


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("智能", {"zh"}),
        ("世界", {"zh", "ko"}),
        ("天気", {"zh"}),
        ("수도는", {"ko"}),
        ("도는", {"ko"}),
        ("ไทย", {"th"}),
        ("🚀", {"th"}),
        ("party 🎉", {"th"}),
        ("🎉 part", {"th"}),
        ("智能 gpt", {"zh"}),
        ("gpt智", {"zh"}),
        ('"は晴れ"', {"zh"}),
        ("智%", set()),
        ("能智", set()),
        ("智能 absent", set()),
        ("→", {"th"}),
        ("* party -", {"th"}),
    ],
)
def test_what_stands_inside_a_sentence_without_spaces_is_found(
    path: Path, history: History, words: str, runs: set[str]
) -> None:
    write(path, whole_run("zh", "天気はどうですか", "今日は晴れです。GPT智能正在改变世界", lanes=["groq"]))
    write(path, whole_run("ko", "안녕하세요 世界", "대한민국의 수도는 서울입니다", lanes=["groq"]))
    write(path, whole_run("th", "launch 🚀 the party 🎉", "ประเทศไทย → here", lanes=["groq"]))
    assert found(history, words) == runs


def test_a_word_inside_a_sentence_is_shown_where_it_stands(path: Path, history: History) -> None:
    write(path, whole_run("zh", "hello", "一" * 100 + "智能" + "二" * 100, lanes=["groq"]))
    (hit,) = history.search("智能")
    assert hit.snippet == (("…" + "一" * 30, False), ("智能", True), ("二" * 70 + "…", False))


def test_a_hit_in_the_prompt_stands_before_one_in_an_answer(filled: History) -> None:
    assert [hit.run.run for hit in filled.search("sky")] == ["sky", "sea"]


def test_a_conversation_is_found_by_the_title_it_was_given(filled: History) -> None:
    filled.rename("sea", "100% Waves_")
    (hit,) = filled.search("waves_ 100%")
    assert (hit.run.run, hit.snippet) == ("sea", (("100% Waves_", False),))
    assert found(filled, "1%0") == found(filled, "wave__") == set()


def test_a_run_is_found_once_even_if_its_title_holds_the_word(filled: History) -> None:
    assert [hit.run.run for hit in filled.search("blue")] == ["sky"]


def test_a_hit_shows_the_place_with_the_word_marked(filled: History) -> None:
    (hit,) = filled.search("ray")
    assert ("Rayleigh", True) in hit.snippet
    assert "".join(text for text, _ in hit.snippet) == "Rayleigh scattering, naïvely."


@given(st.text(max_size=30))
@example('NEAR("a" b, 3) AND prompt : ^x* -y + {')
@example("\x00")
@example("'; DROP TABLE turns; --")
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_is_typed_breaks_the_search(history: History, typed: str) -> None:
    history.search(typed)


def test_a_query_quotes_everything() -> None:
    assert query('a"b cd') == '"a""b" AND "cd"*'
    assert query("…") is None


def test_marks_of_a_hostile_text_lose_no_text() -> None:
    assert marked("\ue001a\ue000b") == (("ab", False),)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("a", '"a"'), ("ab", '"ab"*'), ("ab c", '"ab" AND "c"'), ("é", '"é"*'), ("世", None), ("7", '"7"')],
)
def test_a_single_ascii_letter_is_a_word_and_no_beginning(typed: str, expected: str) -> None:
    assert query(typed) == expected


@pytest.mark.parametrize(
    "pasted", ["word " * 3000, "w" * 100_000, "智" * 60_000, "智能 word " * 2000, '"' + "a b " * 50_000 + '"']
)
def test_a_text_that_was_pasted_is_looked_for_as_far_as_that_goes(
    path: Path, history: History, pasted: str
) -> None:
    write(path, whole_run("long", "word " * 3000, "智能 " * 3000, lanes=["groq"]))
    begun = time.monotonic()
    history.search(pasted)
    assert time.monotonic() - begun < 5
    assert found(history, "word " * 3000) == {"long"}
