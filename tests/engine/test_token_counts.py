from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osstui.engine import tokens
from osstui.engine.tokens import LiveCount, count_prompt
from osstui.job import Message

encode = tokens.load()
assert encode is not None
count = encode

PROSE = "The international conference didn't begin at 10:30; it's said that nobody (not even she) had come. "
CORPORA = {
    "prose": PROSE * 40,
    "German": "Überraschenderweise hätten Größenverhältnisse beim Straßenbau nie gestört, sagt man. " * 40,
    "Russian": "Международная конференция началась в половине одиннадцатого, но никто не пришёл. " * 40,
    "Chinese": "国际会议在十点半开始，但是没有人来。我们等了很久！真的吗？" * 120,
    "Japanese": "国際会議は十時半に始まりましたが、だれも来ませんでした。カタカナもあります。" * 100,
    "emoji": "👩‍👩‍👧‍👦🇩🇪👍🏽 ok 😀" * 200,
    "code": "def f(x: int) -> str:\n    if x > 10:\n        return f'{x:>8}'\n    return \"none\"\n\n\n" * 40,
    "minified": '{"name":"value","list":[1,2,3456789,null],"deep":{"a":true,"url":"https://x.y/z?a=b"}},'
    * 60,
    "digits": "3.14159265358979" * 300,
    "blank lines": "\n\n  \n\t\t\n word" * 300,
    "special tokens": "<|start|>assistant<|channel|>final<|message|>Hello<|end|>" * 80,
    "accents in two parts": "e\u0301a\u0300o\u0302 caf\u0065\u0301 " * 200,
}


UNBROKEN = {
    "Chinese without a mark": "国际会议在十点半开始但是没有人来我们等了很久" * 100,
    "one letter": "a" * 2000,
    "one line of capitals": "THEREISNOSPACEINHERE" * 100,
    "one number": "31415926535897932384626433832795" * 60,
    "a line of dashes": "-" * 2000,
    "emoji without a space": "😀👍🎉" * 300,
}


def live(text: str, sizes: random.Random, longest: int) -> LiveCount:
    counter = LiveCount(count)
    at = moved = 0
    while at < len(text):
        size = sizes.randint(1, longest)
        moved += counter.feed(text[at : at + size])
        at += size
    assert moved == counter.total
    return counter


@pytest.mark.parametrize("longest", [5, 60, 3000])
@pytest.mark.parametrize("name", CORPORA)
def test_the_live_count_is_the_count_of_the_whole_text(name: str, longest: int) -> None:
    text = CORPORA[name][:6000]
    assert live(text, random.Random(name), longest).total == count(text)


@pytest.mark.parametrize("name", UNBROKEN)
def test_a_text_without_any_boundary_is_counted_nearly(name: str) -> None:
    text = UNBROKEN[name]
    assert live(text, random.Random(name), 60).total == pytest.approx(count(text), rel=0.03, abs=5)


def test_the_count_is_right_at_every_step() -> None:
    counter = LiveCount(count)
    for end, character in enumerate(CORPORA["code"][:400], 1):
        counter.feed(character)
        assert counter.total == count(CORPORA["code"][:end])


WORDS = st.sampled_from(
    [
        "inter", "nation", " ", "al", "\n", "\n\n", "  ", "don", "'t", "'S", "123", "4", ".", ",", "(", ")",
        "国际", "。", "，", "é", "e\u0301", "\u0301", "😀", "\u200d", "A", "b", "Ça", "_", "-", "\t", "\r\n",
        "カナ", "かな", "ー", "\u3099", "\u00a0", "\u3000", "\x1c", "ʼ", "ǅ", "ʰ", "/", "Ⅷ", "²",
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(WORDS, min_size=1, max_size=120), st.randoms(use_true_random=False), st.integers(1, 12))
def test_any_text_in_any_pieces_is_counted_exactly(
    words: list[str], sizes: random.Random, longest: int
) -> None:
    text = "".join(words) * 2
    assert live(text, sizes, longest).total == count(text)


@given(st.text(max_size=300), st.randoms(use_true_random=False))
def test_any_characters_are_counted_exactly(text: str, sizes: random.Random) -> None:
    assert live(text, sizes, 7).total == count(text)


def test_a_piece_may_complete_a_longer_token() -> None:
    counter = LiveCount(count)
    moves = [counter.feed(piece) for piece in ("inter", "nation", "al")]
    assert counter.total == count("international") == 1
    assert min(moves) <= 0


@pytest.mark.parametrize("name", [*CORPORA, *UNBROKEN])
def test_little_is_counted_again_with_each_piece(name: str) -> None:
    """The work per piece is bounded, whatever the text: else a fast answer would be counted slowly."""
    counted = 0

    def watched(text: str) -> int:
        nonlocal counted
        counted = max(counted, len(text))
        return 1

    counter = LiveCount(watched)
    text = (CORPORA | UNBROKEN)[name]
    for at in range(0, len(text), 4):
        counter.feed(text[at : at + 4])
    assert counted <= 520


def test_a_special_token_in_a_text_is_ordinary_text() -> None:
    assert count("<|end|>") > 1


def test_a_prompt_counts_more_than_its_words() -> None:
    alone = count_prompt([Message("user", "Say hello")], None)
    assert alone is not None
    assert alone > count("Say hello") + 20, "the template's own tokens are part of the prompt"
    assert count_prompt([Message("user", "Say hello to everybody")], None) == alone + count(" to everybody")


def test_earlier_reasoning_is_not_part_of_the_prompt() -> None:
    turns = [Message("user", "Hi"), Message("assistant", "Hello"), Message("user", "Again")]
    thought = [turns[0], Message("assistant", "Hello", reasoning="Greet. " * 50), turns[2]]
    assert count_prompt(turns, "high") == count_prompt(thought, "high")
