"""Nothing from outside moves the cursor, sets a title, reorders text or hides in it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.safe_text import cells, cut_to, encodable, visible, visible_line


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b]0;owned\x07", "␛]0;owned␇"),
        ("\x1b[2J\x1b]52;c;aGk=\x1b\\", "␛[2J␛]52;c;aGk=␛\\"),
        ("a\rb\x7f\x00", "a␍b␡␀"),
        ("\x9b31m", "‹U+009B›31m"),
        ("abc\u202etxt.exe", "abc‹U+202E›txt.exe"),
        ("one\u2028two\u2029", "one‹U+2028›two‹U+2029›"),
        ("\U000e0041\U000e0042", "‹U+E0041›‹U+E0042›"),
        ("zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"),
        ("\ud83d", "‹U+D83D›"),
    ],
)
def test_what_a_terminal_acts_on_becomes_a_symbol(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize(
    "text", ["tab\there\nnewline", "👩‍👩‍👧‍👦 ❤️ 🇩🇪", "می‌خواهم", "日本語 한국어 é ñ", "\\ ] ^ - [ ‹ ›", ""]
)
def test_what_people_write_stays(text: str) -> None:
    assert visible(text) == text


@given(st.text(st.characters(codec=None)))
def test_no_control_bidi_or_tag_character_is_left(text: str) -> None:
    shown = visible(text)
    for character in shown:
        kind = unicodedata.category(character)
        assert character in "\n\t\u200c\u200d" or kind not in ("Cc", "Cs", "Zl", "Zp")
        assert not 0x202A <= ord(character) <= 0x202E
        assert not 0x2066 <= ord(character) <= 0x2069
        assert not 0xE0000 <= ord(character) <= 0xE0FFF
    shown.encode()
    assert visible(shown) == shown


@given(st.text(), st.integers(0, 20))
def test_pieces_give_the_same_as_the_whole(text: str, at: int) -> None:
    assert visible(text[:at]) + visible(text[at:]) == visible(text)


def test_a_line_is_one_line_and_no_longer_than_asked() -> None:
    assert visible_line("a\n\tb \x1b c") == "a b ␛ c"
    assert visible_line("abcdef", 4) == "abc…"
    assert visible_line("abcd", 4) == "abcd"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("caf\udce9", "caf\ufffd"),
        ("\ud83d\ude00 and \ude00\ud83d", "\U0001f600 and \ufffd\ufffd"),
        ("\ufeffmark \udcff", "\ufeffmark \ufffd"),
        ("👩‍👧\x00\u2028", "👩‍👧\x00\u2028"),
        ("", ""),
    ],
)
def test_what_no_encoding_holds_is_replaced_and_nothing_else(raw: str, clean: str) -> None:
    assert encodable(raw) == clean


@given(st.text(st.characters(codec=None)))
def test_every_text_can_be_encoded(text: str) -> None:
    clean = encodable(text)
    clean.encode()
    assert encodable(clean) == clean
    if "\ufffd" not in clean:
        assert clean.encode("utf-16") == text.encode("utf-16", "surrogatepass")


@given(st.text(max_size=40), st.integers(1, 30))
def test_a_line_is_cut_to_the_cells_that_it_takes(text: str, width: int) -> None:
    cut = cut_to(text, width)
    assert cells(cut) <= width
    assert cut == text or (cut[-1] == "…" and text.startswith(cut[:-1]))
    assert cut == text or cells(text) > width


def test_wide_characters_count_twice() -> None:
    assert cut_to("天気予報", 8) == "天気予報"
    assert cut_to("天気予報", 7) == cut_to("天気予報", 7)[:3] + "…"
