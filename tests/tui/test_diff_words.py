"""The comparison word by word: nothing lost, white space and Markdown no difference, fast at all texts."""

from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from osstui.tui.diff.layout import plain, side_by_side, unified
from osstui.tui.diff.words import Comparison, Span, compare, joined, tokens
from tests.tui.scripted import control_characters

WORDS = st.sampled_from(
    ["the", "a", "fox", "don't", "don’t", "世界", "カナ", "**", "`", "```\n", "\n", " ", "- ", "> ", "é",
     "हिंदी", "3.14", ",", "_x_", "a_b", "\t", "\x1b[2J", "\u202e", "👩‍👩‍👧", "|", "# "]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=40)


def differing(left: str, right: str) -> list[tuple[str, str]]:
    return [
        (joined(span.left).strip(), joined(span.right).strip())
        for span in compare(left, right).spans
        if not span.same
    ]


@given(TEXTS, TEXTS)
def test_the_sides_joined_are_the_texts(left: str, right: str) -> None:
    spans = compare(left, right).spans
    assert "".join(joined(span.left) for span in spans) == left
    assert "".join(joined(span.right) for span in spans) == right


@given(TEXTS, TEXTS)
def test_what_is_called_the_same_is_the_same_and_every_word_is_counted_once(left: str, right: str) -> None:
    found = compare(left, right)
    for span in found.spans:
        if span.same:
            assert [token.key for token in span.left] == [token.key for token in span.right]
    assert found.same + found.only_left == sum(token.is_word for token in tokens(left))
    assert found.same + found.only_right == sum(token.is_word for token in tokens(right))


@given(TEXTS, TEXTS)
def test_spans_take_turns(left: str, right: str) -> None:
    kinds = [span.same for span in compare(left, right).spans]
    assert all(one != other for one, other in pairwise(kinds))


@given(TEXTS)
def test_a_text_is_wholly_like_itself(text: str) -> None:
    found = compare(text, text)
    assert found.only_left == found.only_right == 0
    assert found.similarity in (None, 1.0)


@given(TEXTS, TEXTS, st.integers(8, 60))
def test_lines_fit_their_columns_and_hold_no_control_character(left: str, right: str, width: int) -> None:
    found = compare(left, right)
    one, other = side_by_side(found, width)
    assert len(one) == len(other)
    for line in (*one, *other, *unified(found, width)):
        assert line.cell_length <= width
        assert not control_characters(line.plain)
    assert not control_characters(plain(found).replace("\t", ""))


def test_white_space_and_markdown_make_no_difference() -> None:
    assert differing("# Title\n\nThe **quick** fox\n- jumps", "Title\nThe quick *fox*\n\n  * jumps\n") == []
    assert differing("| a | b |\n|---|---|", "a b") == []
    assert differing("> said `so`", "said so") == []


def test_quotes_and_hyphens_of_any_shape_are_the_same() -> None:
    assert differing("don’t use gpt‑oss “now”", 'don\'t use gpt-oss "now"') == []
    assert differing("cafe\u0301", "café") == []


def test_inside_code_every_mark_counts() -> None:
    assert differing("```py\na * b\n```", "```py\na - b\n```") == [("*", "-")]
    assert differing("use `a*b`", "use `a#b`") == [("*", "#")]


def test_words_differ_as_wholes() -> None:
    assert differing("the answer is forty-two", "the answer is forty-three") == [("forty-two", "forty-three")]
    assert differing("pi is 3.14", "pi is 3.15") == [("3.14", "3.15")]


def test_chinese_and_japanese_are_compared_character_by_character() -> None:
    assert differing("你好世界", "你好世间") == [("界", "间")]
    found = compare("你好世界", "你好世间")
    assert (found.same, found.only_left, found.only_right) == (3, 1, 1)


def test_vowel_signs_stay_with_their_letters() -> None:
    assert [token.text for token in tokens("हिंदी में")] == ["हिंदी", "में"]
    assert [token.text for token in tokens("👩‍👧!")] == ["👩‍👧", "!"]


def test_figures() -> None:
    found = compare("one two three four", "one two five, four!")
    assert (found.same, found.only_left, found.only_right) == (3, 1, 1)
    assert found.similarity == 6 / 8
    assert compare("", "**").similarity is None
    assert compare("", "word").similarity == 0


def test_a_lone_word_between_long_changes_is_part_of_the_change() -> None:
    assert differing("one two three the four five six", "un deux trois the quatre cinq six") == [
        ("one two three the four five", "un deux trois the quatre cinq")
    ]


def test_repeating_texts_take_no_time() -> None:
    began = time.process_time()
    assert compare("ha " * 4000, "x ha " * 4000).same == 4000
    assert compare("`" * 20_000, " \n" * 20_000).similarity is None
    assert compare("ho " + "ha " * 4000, "ha " * 4000 + "hu").same == 4000
    assert time.process_time() - began < 2


def test_one_column_marks_both_sides_as_wdiff_does() -> None:
    assert plain(compare("a **red** fox", "a blue fox")) == "a **[-red-] {+blue+}** fox"


def test_changed_words_are_underlined_so_that_they_are_seen_without_colours() -> None:
    left, right = side_by_side(compare("a red fox", "a blue fox"), 40)
    for line, word in ((left[0], "red"), (right[0], "blue")):
        (span,) = line.spans
        assert line.plain[span.start : span.end] == word
        assert "underline" in str(span.style)


def test_lines_that_begin_alike_stand_side_by_side() -> None:
    left, right = side_by_side(compare("one\nmore words here\ntwo", "one\ntwo"), 40)
    assert [line.plain for line in left] == ["one", "more words here", "two"]
    assert [line.plain for line in right].index("two") == 2


def test_nothing_is_compared_with_nothing() -> None:
    assert compare("", "") == Comparison((), 0, 0, 0)
    assert compare("", "x").spans == (Span(False, [], tokens("x")),)
    assert side_by_side(compare("", ""), 20) == ([], [])
