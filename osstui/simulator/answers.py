"""What the simulated model says: reasoning and answer, the same for the same (seed, prompt, host)."""

from __future__ import annotations

import re
from random import Random
from typing import NamedTuple

from osstui.simulator import corpus, tokens
from osstui.simulator.knowledge import known_answer, obeying
from osstui.simulator.wishes import Wishes

_REASONING = {"low": (12, 40), "medium": (60, 140), "high": (220, 420)}
"""Length of the reasoning by effort, tokens; the ranges do not touch."""
_ANSWER = (160, 420)
_CHARS_PER_TOKEN = 6
"""More than any part of the corpus has; cutting there first spares the tokenizer work."""


class Texts(NamedTuple):
    reasoning: str
    answer: str


def compose(
    ask_prompt: str,
    *,
    provider: str,
    effort: str,
    seed: int,
    wishes: Wishes,
    system: str = "",
    draw: object = None,
) -> Texts:
    """Reasoning and answer to a prompt.

    The answer is what the prompt asks for where that is plain (exact reply, repetition, sum, counting, a
    question of `knowledge`), else Markdown about the prompt's own words. Lengths are drawn from the seed
    unless a wish sets them; `draw` is the client's own seed, by which a choice among words is made.
    """
    rng = Random(f"{seed}|{provider}|{ask_prompt}")  # noqa: S311 - texts, not secrets
    low, high = _REASONING.get(effort, _REASONING["medium"])
    n_reasoning = rng.randint(low, high)
    n_answer = rng.randint(*_ANSWER)
    words = _topics(ask_prompt, rng)
    if wishes.reasoning is not None:
        n_reasoning = wishes.reasoning
    reasoning = _grow(_thoughts(words, rng), n_reasoning, " ")
    given = _given(ask_prompt, wishes, Random(f"{seed}|{provider}|{draw}|{ask_prompt}"))  # noqa: S311
    if given is not None:
        given = obeying(system, given)
        return Texts(reasoning, given if wishes.tokens is None else tokens.fit(given, wishes.tokens))
    if wishes.tokens is not None:
        return Texts(reasoning, _grow(_blocks(words, rng), wishes.tokens, "\n\n"))
    answer = _whole(_blocks(words, rng), n_answer, corpus.CLOSINGS[rng.randrange(4)].format_map(words))
    return Texts(reasoning, obeying(system, answer))


def _given(prompt: str, wishes: Wishes, rng: Random) -> str | None:
    """The answer that a wish or the prompt itself lays down, if any."""
    if wishes.text is not None:
        return wishes.text
    if wishes.echo:
        return prompt
    if wishes.has("hostile"):
        return corpus.HOSTILE
    known = known_answer(prompt, wishes, rng)
    return _plain_answer(prompt) if known is None else known


def _plain_answer(prompt: str) -> str | None:
    exact = re.search(r"(?is)\b(?:reply|answer|respond)\b[^:\n]*\bexactly\b[^:\n]*:\s*(.+)", prompt)
    exact = exact or re.search(r"(?is)\b(?:repeat|echo)\b[^:\n]*:\s*(.+)", prompt)
    if exact:
        return exact[1].strip().strip('"“”')
    counting = re.search(r"(?i)\bcount\b.*?\bfrom (\d{1,4}) to (\d{1,4})\b", prompt)
    if counting:
        return " ".join(str(number) for number in range(int(counting[1]), int(counting[2]) + 1))
    total = re.search(
        r"(?i)\b(?:what is|what's|compute|calculate)\s+(\d{1,9})\s*([-+*×])\s*(\d{1,9})", prompt
    )
    if total:
        left, right = int(total[1]), int(total[3])
        return str({"+": left + right, "-": left - right}.get(total[2], left * right))
    return None


def _topics(prompt: str, rng: Random) -> dict[str, str]:
    """Three words of the prompt that the text is about."""
    words = dict.fromkeys(re.findall(r"[^\W\d_]{4,20}", prompt[:4000]))
    chosen = [word for word in words if word.lower() not in corpus.COMMON]
    rng.shuffle(chosen)
    chosen += ["latency", "throughput", "the tail"]
    return dict(zip("abc", chosen, strict=False))


def _thoughts(words: dict[str, str], rng: Random) -> list[str]:
    first, *rest = corpus.THOUGHTS
    rng.shuffle(rest)
    return [text.format_map(words) for text in (first, *rest)]


def _blocks(words: dict[str, str], rng: Random) -> list[str]:
    blocks = list(corpus.BLOCKS)
    rng.shuffle(blocks)
    return [_fill(text, words) for text in (corpus.OPENINGS[rng.randrange(len(corpus.OPENINGS))], *blocks)]


def _fill(text: str, words: dict[str, str]) -> str:
    """Only {a}, {b}, {c}: the braces of code samples stay."""
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text


def _grow(parts: list[str], length: int, joint: str) -> str:
    """Parts joined, over and over if need be, and cut to exactly so many tokens."""
    if length == 0:
        return ""
    per_round = sum(len(part) + len(joint) for part in parts)
    enough = length * _CHARS_PER_TOKEN
    text = joint.join(parts * (1 + enough // per_round))[:enough]
    return tokens.fit(text, length)


def _whole(parts: list[str], about: int, closing: str) -> str:
    """Whole parts of about so many tokens, and a closing."""
    chosen: list[str] = []
    length = 0
    for part in parts:
        chosen.append(part)
        length += tokens.count(part)
        if length >= about:
            break
    return "\n\n".join([*chosen, closing])
