"""What the bytes of a terminal are read as."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from textual import events

from osstui.tui.tty import PASTE_BEGINS, PASTE_ENDS, TerminalParser


def read(*chunks: str) -> list[str]:
    """Keys by their names, pasted texts as they are."""
    parser = TerminalParser()
    told: list[str] = []
    for chunk in chunks:
        for event in parser.feed(chunk):
            if isinstance(event, events.Key):
                told.append(event.key)
            elif isinstance(event, events.Paste):
                told.append(f"paste {event.text!r}")
    return told


def pieces(text: str, cuts: list[int]) -> list[str]:
    at = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(at)]


def test_alt_enter_and_shift_enter_are_not_enter() -> None:
    assert read("\x1b\r") == ["alt+enter"]
    assert read("\x1b[27;2;13~", "\x1b[13;2u") == ["shift+enter", "shift+enter"]
    assert read("\r") == ["enter"]


def test_alt_and_a_digit_is_one_key_however_soon_the_next_one_comes() -> None:
    assert read("\x1b1z\x1b9") == ["alt+1", "z", "alt+9"]


def test_a_paste_with_escape_sequences_is_one_text_and_no_key() -> None:
    log = "a \x1b[31mred\x1b[0m \x1b]0;title\x07 \x11\x1b"
    assert read("x" + PASTE_BEGINS + log + PASTE_ENDS + "y") == ["x", f"paste {log!r}", "y"]


@given(st.text("a\x1b[201~\r\x11", max_size=40), st.lists(st.integers(0, 60), max_size=8))
def test_a_paste_is_the_same_however_the_reads_cut_it(text: str, cuts: list[int]) -> None:
    text = text.replace(PASTE_ENDS, "")
    whole = text + PASTE_ENDS
    assert read(PASTE_BEGINS, *pieces(whole, cuts), "k") == [f"paste {text!r}", "k"]


@given(st.integers(2, len(PASTE_BEGINS) - 1))
def test_the_beginning_of_a_paste_may_be_cut_too(at: int) -> None:
    assert read("k" + PASTE_BEGINS[:at], PASTE_BEGINS[at:] + "text" + PASTE_ENDS) == ["k", "paste 'text'"]


def test_escape_and_arrows_are_told_at_once() -> None:
    assert read("\x1b[A", "\x1b[200", "~\x1b[201~", "\x1b[B") == ["up", "paste ''", "down"]
