"""What goes wrong at a host is told in its pane, with the way out, and the others go on."""

from __future__ import annotations

import re

from tests.terminal.conftest import Open
from tests.terminal.terminal import ctrl


def test_each_fault_stands_in_its_own_pane_with_the_way_out(demo: Open) -> None:
    lanes = ("groq", "cerebras", "together", "fireworks", "deepinfra", "sambanova")
    t = demo(*lanes, columns=240, rows=60)
    t.type(
        "Break [[sim: tps=400;ttft=0.05;reasoning=0;text=The whole answer as it was meant to be.]]"
        " [[sim groq: status401]] [[sim cerebras: cut;after=3]] [[sim together: eof;after=3]]"
        " [[sim fireworks: broken_event;after=3]] [[sim deepinfra: status400]]"
    )
    t.until_shown("status400]]")
    t.type("\r")
    t.until_shown("2/6 done", "2 failed", "2 cut")
    text = t.until(
        lambda text: text.count("broke off") == 2 and text.count("✓ done") == 2,
        "two cut and two whole answers",
    )
    assert "auth 401: " in text
    assert "bad request 400: " in text
    assert "change the prompt" in text
    assert text.count("g goes on") == 2
    assert text.count("The whole answer") >= 4, "what came before the break stays"
    t.go_to_pane(1)
    t.type("i")
    t.until_shown("Esc closes", "401")


def test_a_rate_limit_counts_down_says_why_and_then_answers(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.ask("Wait [[sim groq: 429;times=1;retry_after=2;text=Now it answers.;reasoning=0]]")
    t.until(lambda text: re.search(r"↻ try 2 in [12]\.\d s", text), "the countdown")
    t.until_shown("2/2 done", "Now it answers.", "try 1 failed: ")
    t.until(lambda text: text.count("✓ done") == 2, "two that are done")


def test_a_rate_limit_that_stays_is_told_with_the_way_out_and_can_be_retried(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.ask("No [[sim groq: 429;times=3;retry_after=0;text=At last.;reasoning=0]]")
    t.until_shown("rate limit 429", "press r in the", "1 failed")
    t.type(ctrl("r"))
    t.until_shown("At last.", "2/2 done")
    t.until(lambda text: text.count("✓ done") == 2, "two that are done")
