from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.simulator.wishes import (
    FAULTS,
    KEYS,
    WishError,
    Wishes,
    by_provider,
    help_text,
    parse,
    take_directives,
)  # fmt: skip


def test_keys_values_and_bare_faults_are_read() -> None:
    wishes = parse(" ttft=0.2; tps=500 ;stall; after=9; fault=429,no_done; text=a%3Bb ")
    assert (wishes.ttft, wishes.tps, wishes.after, wishes.text) == (0.2, 500.0, 9, "a;b")
    assert wishes.faults == ("stall", "status429", "no_done")
    assert wishes.status == 429
    assert parse("") == Wishes()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("stal", "did you mean 'stall'?"),
        ("fault=999", "status9"),
        ("ttft=soon", "seconds to the first token"),
        ("chunk=0", "tokens per chunk"),
        ("tps=nan", "output tokens per second"),
        ("reasoning_form=loud", "tags-each"),
        ("zzzz=1", "known: ttft"),
    ],
)
def test_a_wrong_wish_names_the_way_out(text: str, hint: str) -> None:
    with pytest.raises(WishError) as caught:
        parse(text)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_special_directive_wins_over_the_general_one() -> None:
    prompt = "[[sim groq: tps=5]] Why [[sim: tps=9;chunk=2]] so?"
    assert take_directives(prompt, "groq") == ("Why so?", Wishes(tps=5.0, chunk=2))
    assert take_directives(prompt, "vllm") == ("Why so?", Wishes(tps=9.0, chunk=2))


@given(st.text())
def test_a_prompt_without_directives_stays_as_it_is(prompt: str) -> None:
    if "[[sim" not in prompt:
        assert take_directives(prompt, "groq") == (prompt, Wishes())


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        wishes = parse(text)
    except WishError:
        return
    assert wishes.over(wishes) == wishes


def test_options_belong_to_their_host() -> None:
    table = by_provider(["groq=stall;after=3", "groq=tps=9", "*=no_usage"])
    assert table["groq"] == Wishes(faults=("stall",), after=3, tps=9.0)
    assert table["*"].has("no_usage")
    with pytest.raises(WishError):
        by_provider(["stall"])


def test_the_help_names_every_key_and_fault() -> None:
    lines = [line.split()[0] for line in help_text().splitlines() if line.startswith("  ")]
    assert lines == [*KEYS, *FAULTS]
