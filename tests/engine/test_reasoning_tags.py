from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.dialects.reasoning_tags import ReasoningTags


def read(*pieces: str) -> tuple[str, str]:
    """Reasoning and text."""
    tags = ReasoningTags()
    out = [part for piece in pieces if piece for part in tags.feed(piece)] + tags.end()
    assert all(text for _, text in out), "a piece is never empty"
    return tuple("".join(text for kind, text in out if kind == wanted) for wanted in ("reasoning", "text"))  # type: ignore[return-value]


CASES = [
    ("Hello", "", "Hello"),
    ("<reasoning>Greet.</reasoning>Hello", "Greet.", "Hello"),
    ("<think>Greet.</think>\n\nHello", "Greet.", "\n\nHello"),
    ("\n<think>\nGreet.</think>Hello", "\nGreet.", "Hello"),
    ("<reasoning>Gre</reasoning><reasoning>et.</reasoning>Hello", "Greet.", "Hello"),
    ("<reasoning>Gre</reasoning> <reasoning>et.</reasoning>Hello", "Greet.", "Hello"),
    ("<think></think>Hello", "", "Hello"),
    ("<think>never closed", "never closed", ""),
    ("<think>cut </thi", "cut </thi", ""),
    ("<thi", "", "<thi"),
    ("<b>bold</b>", "", "<b>bold</b>"),
    ("Use <think>tags</think> so", "", "Use <think>tags</think> so"),
    ("<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    ("<think>a < b </b></think>c", "a < b </b>", "c"),
    ("<think>a</reasoning></think>c", "a</reasoning>", "c"),
    ("  \n ", "", "  \n "),
]


@pytest.mark.parametrize(("content", "reasoning", "text"), CASES)
def test_reasoning_is_told_from_the_answer_wherever_it_is_split(
    content: str, reasoning: str, text: str
) -> None:
    for at in range(len(content) + 1):
        assert read(content[:at], content[at:]) == (reasoning, text), at
    assert read(*content) == (reasoning, text)


PARTS = ["<think>", "</think>", "<reasoning>", "</reasoning>", "<", "</", "a", " ", "\n", ">", "thin"]


@given(st.lists(st.sampled_from(PARTS)))
def test_no_character_is_lost_or_moved_by_splitting(parts: list[str]) -> None:
    assert read(*parts) == read("".join(parts)) == read(*"".join(parts))


def test_text_goes_out_at_once_when_the_answer_has_begun() -> None:
    tags = ReasoningTags()
    assert tags.feed("Hello") == [("text", "Hello")]
    assert tags.feed(" <thi") == [("text", " <thi")]


def test_only_what_may_be_a_tag_is_held_back() -> None:
    tags = ReasoningTags()
    assert tags.feed("<think>all of this</") == [("reasoning", "all of this")]
    assert tags.feed("b>") == [("reasoning", "</b>")]
