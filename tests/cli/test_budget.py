"""`--max-cost` stops before it is passed."""

from __future__ import annotations

SHORT = "[[sim: tokens=20;reasoning=5]]"


def test_a_lane_that_may_pass_the_budget_is_not_sent(ask) -> None:
    outcome = ask(SHORT, "-p", "groq", "--max-cost", "0.00001", "--max-tokens", "1000", "--json")
    assert (outcome.code, outcome.out) == (3, "")
    assert "osstui: groq: not sent: it may cost $0.000" in outcome.err


def test_within_the_budget_all_is_sent(ask) -> None:
    outcome = ask(SHORT, "-p", "groq", "--max-cost-per-prompt", "0.01", "--max-tokens", "1000", "--json")
    assert (outcome.code, list(outcome.lanes)) == (0, ["groq"])
