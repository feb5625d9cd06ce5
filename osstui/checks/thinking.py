"""Reasoning: shown apart from the answer, free of markers, and as long as the effort says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import permutations, product
from statistics import geometric_mean, median

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import (
    Host,
    Plan,
    Verdict,
    by_chance,
    failed,
    not_applicable,
    not_taken,
    passed,
    unanswered,
    warned,
)
from osstui.checks.reach import HELLO
from osstui.job import Effort
from osstui.measure.tokens import reasoning_is_hidden

_SHEEP = "A farmer has 17 sheep. All but 9 of them run away, then 4 come back. How many sheep are there now?"
RIDDLE = probe(_SHEEP, effort="medium")
PUZZLES = (
    "In how many ways can 12 be written as a sum of three different positive whole numbers, order aside?",
    "A clock strikes the hours. How many strokes does it make from noon to midnight, both included?",
    "Anna is twice as old as Ben was when she was as old as Ben is now. Together they are 63. Her age?",
    "Which five-digit palindrome divisible by 45 is the largest?",
)
EFFORTS: tuple[Effort, ...] = ("low", "medium", "high")
MARKER = re.compile(
    r"<\|(?:start|end|message|channel|constrain|return|call)\|>|assistantfinal|</?think>|</?tool_call>"
)
CHANCE = 0.05
LONGER = 1.5
STEP = 1.2
TAKES = 2
FIELDS = ("reasoning_effort", "reasoning", "chat_template_kwargs", "think")
"""Where the dialects and their hosts put the effort."""
BUDGETED = ("anthropic-messages",)
"""Dialects whose reasoning is set by a number of tokens."""


def reasoning(host: Host) -> Plan:
    """Passes when reasoning comes in a field of its own, streamed and whole. Warns when it stands between
    tags in the answer, is counted but not shown, or is missing. Source: gpt-oss's compatibility test (which
    takes `reasoning` alone; here `reasoning_content` will do)."""
    if not host.reasons:
        yield []
        return not_applicable("not known to be a reasoning model")
    seen = yield [RIDDLE, probe(_SHEEP, effort="medium", stream=False)]
    if bad := unanswered(seen):
        return bad
    for one, how in zip(seen, ("streamed", "whole"), strict=True):
        ended = one.lane.ended
        numbers = {
            "shown_tokens": round(one.lane.reasoned.tokens),
            "reported_tokens": one.lane.usage.reasoning if one.lane.usage else None,
        }
        if ended is not None and ended.traits.get("reasoning") == "tags":
            return warned(f"reasoning stands between tags in the {how} answer", one, **numbers)
        if not one.lane.reasoning:
            hidden = reasoning_is_hidden(one.lane)
            what = "counted, but not shown" if hidden else "missing"
            return warned(f"reasoning is {what} ({how})", one, **numbers)
    shown = round(seen[0].lane.reasoned.tokens)
    return passed(f"{shown} tokens of reasoning, apart from the answer", seen[0], shown_tokens=shown)


def effort(host: Host) -> Plan:
    """Four puzzles at low, medium and high effort, once more where they leave a doubt. Passes when reasoning
    tokens rise with effort beyond chance (Page's trend test over puzzles, exact, p ≤ 0.05), the median at
    high is at least 1.5 × that at low, and each level takes at least 1.2 × the one below (geometric mean
    over puzzles). Warns otherwise, and never fails, as lengths are noisy. Not applicable where a budget of
    thinking tokens is sent instead, as an easy puzzle leaves any budget unused. Source: Artificial
    Analysis's comparison of gpt-oss hosts (Azure ran everything at medium, as old vLLM ignored the effort);
    the test compares within puzzles, so that a long puzzle can't pose as a high effort."""
    form = host.target.quirks.effort_form
    why = "the model takes no effort" if not host.reasons else "the host takes no effort"
    if not host.reasons or form == "none":
        yield []
        return not_applicable(why)
    if form == "thinking_budget" or host.target.dialect in BUDGETED:
        yield []
        return not_applicable("a budget of thinking tokens is sent here, no effort")
    seen: list[Observation] = []
    for take in range(TAKES):
        seen += yield [
            probe(puzzle, effort=level, max_tokens=8192, take=take) for puzzle in PUZZLES for level in EFFORTS
        ]
        if taken := not_taken(seen[0], "an effort", *FIELDS, param="effort"):
            return taken
        if bad := unanswered(seen):
            return bad
        verdict = _judge_effort(seen)
        if verdict.result != "warn":
            break
    return verdict


def _judge_effort(seen: Sequence[Observation]) -> Verdict:
    """Of answers in threes, each to one puzzle at the three efforts."""
    blocks = [[_reasoning_tokens(one) for one in seen[at : at + 3]] for at in range(0, len(seen), 3)]
    if not any(map(any, blocks)):
        return not_applicable("no reasoning is told or shown", seen[0])
    low, middle, high = (median(column) for column in zip(*blocks, strict=True))
    chance = page_trend(blocks)
    numbers = {"low": low, "medium": middle, "high": high, "p": round(chance, 5), "blocks": blocks}
    said = f"{low:.0f} / {middle:.0f} / {high:.0f} reasoning tokens at low / medium / high"
    said += f" (medians of {len(blocks)} tries, {by_chance(chance)})"
    up, further = (geometric_mean([(b[at + 1] + 1) / (b[at] + 1) for b in blocks]) for at in (0, 1))
    if high < STEP * low:
        return warned(f"effort ignored? {said}", seen[0], seen[2], **numbers)
    if chance > CHANCE or high < LONGER * low:
        return warned(f"effort makes no clear difference: {said}", seen[0], seen[2], **numbers)
    if further < STEP:
        return warned(f"high effort is no more than medium: {said}", seen[1], seen[2], **numbers)
    if up < STEP:
        return warned(f"medium effort is no more than low: {said}", seen[0], seen[1], **numbers)
    return passed(said, seen[0], seen[2], **numbers)


def markers(host: Host) -> Plan:
    """Passes when no answer holds a marker of the model's own format: harmony's <|channel|> and its kin,
    assistantfinal, <think>, <tool_call>. Fails on the first one. Source: gpt-oss's harmony format; looked
    for in every answer that the other checks got."""
    yield [HELLO]
    answers = [seen for seen in host.seen if seen.lane.pieces]
    if not answers:
        return failed(f"no answer to look at: {host.seen[0].trouble or 'each is empty'}", host.seen[0])
    for seen in answers:
        found = MARKER.search(seen.text)
        if found or seen.noted("harmony_leak"):
            return failed(f"the answer holds {found[0] if found else 'harmony markers'}", seen)
    return passed(f"no markers in {len(answers)} answers", answers=len(answers))


def page_trend(blocks: Sequence[Sequence[float]]) -> float:
    """The chance of at least this trend if order meant nothing: Page's L, exact, by counting every ordering
    of ranks within blocks. Ties share their ranks."""
    ranks = [_ranks(block) for block in blocks]
    observed = sum(_trend(block) for block in ranks)
    ways = Counter({0.0: 1})
    for block in ranks:
        orders = Counter(_trend(order) for order in permutations(block))
        grown: Counter[float] = Counter()
        for (so_far, count), (more, times) in product(ways.items(), orders.items()):
            grown[so_far + more] += count * times
        ways = grown
    return sum(count for total, count in ways.items() if total >= observed - 1e-9) / ways.total()


def _trend(ranks: Sequence[float]) -> float:
    return sum(place * rank for place, rank in enumerate(ranks, 1))


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [ordered.index(value) + (ordered.count(value) + 1) / 2 for value in values]


def _reasoning_tokens(seen: Observation) -> float:
    """As reported or as counted, whichever is more; where there is neither, all output."""
    told = seen.lane.usage
    if seen.lane.reasoned.chunks or (told is not None and told.reasoning is not None):
        return max(seen.lane.reasoned.tokens, (told.reasoning if told else None) or 0)
    return float(told.output) if told is not None and told.output is not None else seen.lane.seen.tokens
