from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osstui.simulator import corpus, tokens
from osstui.simulator.answers import Texts, compose
from osstui.simulator.wishes import Wishes, parse

PROMPT = "Explain how hash tables resolve collisions"


def said(
    prompt: str = PROMPT, *, provider: str = "groq", effort: str = "medium", seed: int = 0, sim: str = ""
) -> Texts:
    return compose(prompt, provider=provider, effort=effort, seed=seed, wishes=parse(sim))


def test_the_same_question_gets_the_same_answer_and_another_one_another() -> None:
    assert said() == said()
    assert len({said(), said(seed=1), said(provider="cerebras"), said("Explain tries")}) == 4


def test_reasoning_grows_with_the_effort() -> None:
    lengths = [tokens.count(said(effort=effort).reasoning) for effort in ("low", "medium", "high")]
    assert lengths[0] * 1.4 < lengths[1]
    assert lengths[1] * 1.5 < lengths[2]


@pytest.mark.parametrize("length", [0, 1, 2, 7, 100, 3000])
def test_a_wished_length_is_met_exactly(length: int) -> None:
    texts = said(sim=f"tokens={length};reasoning={length}")
    assert [len(tokens.encode(text)) for text in texts] == [length, length]


@pytest.mark.parametrize(
    ("prompt", "answer"),
    [
        ("Reply with exactly: OK 7319", "OK 7319"),
        ("What is 17 * 23?", "391"),
        ("What's 2 + 2?", "4"),
        ("Count from 3 to 6, please", "3 4 5 6"),
        ("Repeat this text: naïve Ω 日本語 👩‍👩‍👧", "naïve Ω 日本語 👩‍👩‍👧"),
    ],
)
def test_a_plain_demand_is_met(prompt: str, answer: str) -> None:
    assert said(prompt).answer == answer


def test_wishes_lay_the_answer_down() -> None:
    assert said(sim="text=%5Ba%5D").answer == "[a]"
    assert said(sim="echo=1").answer == PROMPT
    assert said(sim="hostile").answer == corpus.HOSTILE


def test_the_corpus_counts_line_by_line_as_it_does_as_a_whole() -> None:
    text = "\n\n".join([*corpus.BLOCKS, corpus.HOSTILE])
    assert tokens.count(text) == len(tokens.encode(text))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80) | st.text("a1 .-/#\n\r\t\u2028é你👍", max_size=80))
def test_pieces_are_whole_characters_and_count_every_token(text: str) -> None:
    pieces = tokens.pieces(text)
    assert "".join(piece.text for piece in pieces) == text
    assert sum(piece.tokens for piece in pieces) == tokens.count(text) == len(tokens.encode(text))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.integers(0, 60))
def test_a_fitted_text_is_never_longer_than_asked(text: str, length: int) -> None:
    assert len(tokens.encode(tokens.fit(text, length))) <= length


def test_wishes_that_say_nothing_change_nothing() -> None:
    assert Wishes().over(Wishes(tps=3.0)) == Wishes(tps=3.0)
