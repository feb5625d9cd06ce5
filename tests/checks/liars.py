"""The table of lies: for each check, what simulated hosts do that it must find; and hosts that do it."""

from __future__ import annotations

from collections.abc import Iterator

from osstui.job import Price, Target
from tests.checks.hosts import target

LIARS: dict[str, tuple[str, ...]] = {
    "reach": ("nobody listens",),
    "auth": ("status401", "status402", "status403"),
    "wrong-key": ("any_key",),
    "listed": ("unlisted",),
    "answer": ("empty", "text=Hello"),
    "stream": ("buffered", "json_answer"),
    "ending": ("no_done", "eof", "cut"),
    "usage": ("no_usage", "inflate_usage", "thin_usage", "hidden_reasoning"),
    "cost": ("wrong_cost",),
    "reasoning": ("think_tags", "hidden_reasoning", "reasoning=0"),
    "max-tokens": ("ignore_max_tokens",),
    "same-text": ("drop_tokens",),
    "cancel": ("busy_after_cancel",),
    "prompt-tokens": ("inflate_usage", "ignore_tools"),
    "effort": ("ignore_effort",),
    "system": ("ignore_system",),
    "stop": ("ignore_stop",),
    "seed": ("ignore_seed",),
    "unicode": ("mojibake",),
    "json-object": ("ignore_schema",),
    "json-schema": ("ignore_schema",),
    "tools": ("bad_tools", "ignore_tools"),
    "tool-arguments": ("bad_tools",),
    "tool-choice": ("ignore_tool_choice", "bad_tools"),
    "parallel-tools": ("bad_tools",),
    "bad-parameter": ("any_parameter",),
    "no-such-model": ("any_model",),
    "canaries": ("degraded",),
    "needle": ("truncate_context",),
    "too-long": ("truncate_context",),
    "long-answer": ("short_output",),
    "distribution": ("degraded",),
    "error-shape": ("plain_errors",),
    "identity": ("wrong_model",),
    "markers": ("leak_markers",),
    "limits": ("odd_limits",),
}
"""For each check the lies and faults that it exists for."""

SPECIAL = {"cost": "openrouter", "limits": "groq"}
"""Hosts that tell their cost or their limits; the others don't."""
SLOW = {"cancel": "tps=500;"}
"""There must be something left to hang up on."""
INFORMATIVE = ("seed",)
"""Checks that warn of nothing: what they find is n/a, with the reason."""
ALONE = ("reach", "distribution")
"""Checks whose liar is no wish of one host."""


def liar(fleet: str, check: str, lie: str, run: int, speed: str = "") -> Target:
    provider = SPECIAL.get(check, "plain")
    price = Price(0.037, 0.17) if provider == "openrouter" else Price(0.15, 0.60)
    return target(fleet, f"seed={run + 1};{speed}{lie}", provider=provider, price=price)


def cases() -> Iterator[tuple[str, str]]:
    """Each check with each of its lies, but for those that are no wish of one host."""
    for check, lies in LIARS.items():
        if check not in ALONE:
            yield from ((check, lie) for lie in lies)


def found_out(check: str, result: str) -> bool:
    """Whether this result tells the lie."""
    return result in (("n/a",) if check in INFORMATIVE else ("warn", "fail"))
