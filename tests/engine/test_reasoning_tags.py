from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.dialects.base import Held, Piece, Trait
from osstui.engine.dialects.reasoning_tags import ReasoningTags

BETWEEN_TAGS = Trait("reasoning", "tags")


def read(*pieces: str) -> tuple[str, str]:
    """Reasoning and text."""
    tags = ReasoningTags()
    items = [item for piece in pieces if piece for item in tags.feed(piece)] + tags.end()
    out = [item for item in items if isinstance(item, Piece)]
    assert all(piece.text for piece in out), "a piece is never empty"
    assert all(Held() in items[:at] for at, item in enumerate(items) if item in out and item.held)
    reasoning, text = ("".join(p.text for p in out if p.kind == kind) for kind in ("reasoning", "text"))
    return reasoning, text


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
    assert tags.feed("Hello") == [Piece("text", "Hello")]
    assert tags.feed(" <thi") == [Piece("text", " <thi")]


def test_only_what_may_be_a_tag_is_held_back() -> None:
    tags = ReasoningTags()
    assert tags.feed("<think>all of this</") == [BETWEEN_TAGS, Piece("reasoning", "all of this")]
    assert tags.feed("b>") == [Piece("reasoning", "</b>")]


@pytest.mark.parametrize("beginning", ["\n\n", "<", " <thi"])
def test_a_beginning_that_turns_out_to_be_text_is_a_piece_of_its_own(beginning: str) -> None:
    tags = ReasoningTags()
    assert tags.feed(beginning) == [Held()]
    assert tags.feed("b>Hi") == [Piece("text", beginning, held=True), Piece("text", "b>Hi")]


def test_what_is_held_after_a_tag_came_later_than_what_was_held_before_it() -> None:
    tags = ReasoningTags()
    assert tags.feed("\n<thi") == [Held()]
    assert tags.feed("nk>a</think>\n") == [BETWEEN_TAGS, Piece("reasoning", "a"), Held()]
    assert tags.feed("Hi") == [Piece("text", "\n", held=True), Piece("text", "Hi")]
