"""What the simulated model knows and obeys: the canaries' questions, numbers hidden in a long prompt, a word
chosen by chance, and plain orders in a system message."""

from __future__ import annotations

import re
from random import Random

from osstui.canaries import CANARIES
from osstui.simulator.wishes import Wishes

_CHOICE = re.compile(r"(?i)\b(?:words?|list|following)\b[^:\n]*: ((?:\w+, )+\w+)$")
_SECRET = re.compile(r"What are the secret numbers of ([\w ,]+)\?")
_ENDING = re.compile(r"(?i)\bend (?:every|each) \w+ with (?:the \w+ )?(\S+)")
_WRONG = "I am not sure."


def known_answer(prompt: str, wishes: Wishes, rng: Random) -> str | None:
    """The answer to a prompt whose answer can be known, None for any other prompt."""
    for canary in CANARIES:
        if prompt.startswith(canary.question):
            return _WRONG if wishes.has("degraded") and rng.random() < 0.5 else canary.answer
    if asked := _SECRET.search(prompt):
        towns = re.split(r", | and ", asked[1])
        found = [re.search(rf"The secret number of {re.escape(town)} is (\d+)\.", prompt) for town in towns]
        return ", ".join(
            f"{town}: {hit[1] if hit else 'not told'}" for town, hit in zip(towns, found, strict=True)
        )
    if listed := _CHOICE.search(prompt):
        words: list[str] = listed[1].split(", ")
        return rng.choice(words[:2] if wishes.has("degraded") else words)
    return None


def obeying(system: str, text: str) -> str:
    """The text as a system message wants it: in lower case, with a sign at its end."""
    if "lower-case" in system.lower() or "lowercase" in system.lower():
        text = text.lower()
    if ending := _ENDING.search(system):
        text = f"{text.rstrip()} {ending[1]}"
    return text
