"""Is it the model it claims to be? Smoke tests: a low score or an odd distribution is a hint, never proof.

Telling a quantised copy from the original takes some 250 requests and a reference (Model Equality Testing,
ICLR 2025: 10 samples of 25 prompts, 77 % power). So the canaries give a score with its interval, and the
distribution test compares hosts of one model with each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import comb
from random import Random
from statistics import median

from osstui.canaries import CANARIES
from osstui.checks.exchange import probe
from osstui.checks.model import Host, Plan, Verdict, by_chance, failed, passed, unanswered, warned
from osstui.measure.stats import wilson

GOOD = 0.95
"""A score whose interval lies below this share is worth a warning: the full model misses at most one."""
CHANCE = 0.05
"""Of a false alarm in the whole comparison: it is shared among the hosts (Bonferroni)."""
STRICT = 0.01
PERMUTATIONS = 1999
SHUFFLES = 200
MOST_OTHERS = 5
TAKES = 10
_SEED = 4711
_LISTS = (
    "amber, birch, cedar, dune, ember", "north, east, south, west", "one, two, three, four, five, six, seven",
    "copper, silver, tin, zinc, lead", "spring, summer, autumn, winter",
)  # fmt: skip
_WAYS = (
    "Pick one of these words at random and reply with that word alone: {}",
    "Choose a word from this list by chance. Reply with the word alone: {}",
    "Draw one of the following, as if from a hat, and reply with nothing else: {}",
    "Reply with one of these words, whichever comes to mind: {}",
    "Surprise me with a single word out of this list: {}",
)
CHOICES = tuple(way.format(words) for words in _LISTS for way in _WAYS)
"""25 prompts with few possible answers: ten samples say something of each one's distribution."""


def canaries(host: Host) -> Plan:
    """Twenty short questions with exact answers. Passes when the 95 % Wilson interval of the score reaches
    95 %, that is from 18 of 20 on; warns below (a host that is right 98 times of 100 is warned of once in
    140 runs, one that is right 70 times in 96 of 100), and when the other hosts of the model together do
    better beyond chance (Fisher's exact test, one-sided, p ≤ 0.05 shared among the hosts). A request that
    fails is an answer missed. Never fails: a smoke test, no proof. Source: ours; K2-Vendor-Verifier's habit
    of a reference's own spread stands behind the comparison."""
    ask = "{} Reply with the answer alone."
    seen = yield [probe(ask.format(canary.question), stream=False) for canary in CANARIES]
    if not any(one.ok for one in seen):
        return failed(f"no whole answer: {seen[0].trouble}", seen[0])
    right = [one.ok and is_right(one.text, canary.answer) for one, canary in zip(seen, CANARIES, strict=True)]
    low, high = wilson(sum(right), len(right))
    numbers = {
        "right": sum(right),
        "asked": len(right),
        "interval": [round(low, 3), round(high, 3)],
        "missed": {
            canary.question: one.text.strip()[:60] or one.trouble
            for one, canary, good in zip(seen, CANARIES, right, strict=True)
            if not good
        },
    }
    said = f"{sum(right)} of {len(right)} right (95 % interval {low:.0%} to {high:.0%})"
    show = [one for one, good in zip(seen, right, strict=True) if not good][:2] or seen[:1]
    if high < GOOD:
        why = f"{said}: smaller, quantised, or another template?"
        return Verdict("warn", why, numbers, tuple(show), (sum(right), len(right)))
    return Verdict("pass", said, numbers, tuple(show), (sum(right), len(right)))


def compare_scores(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """A warning for each host that the others of its model outdo beyond chance."""
    scores = {lane: verdict.sample for lane, verdict in verdicts.items() if isinstance(verdict.sample, tuple)}
    changed: dict[str, Verdict] = {}
    for lane, (right, asked) in scores.items():
        others = [score for other, score in scores.items() if other != lane]
        other_right, other_asked = sum(score[0] for score in others), sum(score[1] for score in others)
        if not other_asked:
            continue
        chance = fisher(right, asked, other_right, other_asked)
        verdict = verdicts[lane]
        better = f"{other_right} of {other_asked}"
        numbers = {**verdict.numbers, "others": better, "p": round(chance, 5)}
        if chance <= CHANCE / len(scores):
            why = f"{right} of {asked} right, the other hosts {better} ({by_chance(chance)})"
            changed[lane] = replace(verdict, result="warn", reason=why, numbers=numbers)
        else:
            changed[lane] = replace(verdict, numbers=numbers)
    return changed


def distribution(host: Host) -> Plan:
    """25 prompts that ask for one of a few words, ten samples each. Compares each host with all others of
    its model: maximum mean discrepancy with the exact-match kernel, permutation test within prompts. Passes
    at p > 0.01 (0.05 shared among more than five hosts), warns below; not applicable with one host. Source:
    Model Equality Testing (whose string kernel reduces to equality for answers of one word)."""
    seen = yield [
        probe(text, temperature=1.0, seed=1000 + take, take=take, stream=False, max_tokens=1024)
        for text in CHOICES
        for take in range(TAKES)
    ]
    if bad := unanswered(seen):
        return bad
    words = [_plain(one.text) for one in seen]
    sample = [words[at : at + TAKES] for at in range(0, len(words), TAKES)]
    kinds = round(sum(len(set(part)) for part in sample) / len(sample), 2)
    return Verdict("n/a", "no other host of the model to compare with", {"distinct": kinds}, (), sample)


def compare_distributions(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    """Each host against up to five others, one by one: the median chance counts, so that one odd host makes
    no others look odd. Of two that differ nobody can say which one is odd: both are warned of."""
    samples: dict[str, list[list[str]]] = {
        lane: verdict.sample for lane, verdict in verdicts.items() if isinstance(verdict.sample, list)
    }
    lanes = list(samples)
    if len(lanes) < 2:
        return {}
    chances: dict[frozenset[str], float] = {}
    changed: dict[str, Verdict] = {}
    for at, lane in enumerate(lanes):
        others = (lanes[at + 1 :] + lanes[:at])[:MOST_OTHERS]
        for other in others:
            if frozenset((lane, other)) not in chances:
                chances[frozenset((lane, other))] = permutation_chance(samples[lane], samples[other])
        chance: float = median(chances[frozenset((lane, other))] for other in others)
        numbers = {**verdicts[lane].numbers, "p": round(chance, 4), "compared_with": others}
        if chance > min(STRICT, CHANCE / len(lanes)):
            verdict = passed(f"like the other hosts ({by_chance(chance)})", sample=samples[lane], **numbers)
        else:
            why = f"not the distribution of the other hosts ({by_chance(chance)})"
            verdict = warned(why, sample=samples[lane], **numbers)
        changed[lane] = verdict
    return changed


def is_right(text: str, answer: str) -> bool:
    """The answer alone, or as a word of the last line of a short reply; case, accents and marks aside."""
    said, wanted = _plain(text), _plain(answer)
    if said == wanted:
        return True
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return len(text) <= 200 and bool(lines) and wanted in re.findall(r"[\w:]+", _plain(lines[-1]))


def fisher(right: int, asked: int, other_right: int, other_asked: int) -> float:
    """The chance of so few right or fewer, if both were equally good: one-sided exact test."""
    total_right, total = right + other_right, asked + other_asked
    ways = comb(total, total_right)
    least = max(0, total_right - other_asked)
    return sum(
        comb(asked, hit) * comb(other_asked, total_right - hit) for hit in range(least, right + 1)
    ) / ways  # fmt: skip


def permutation_chance(own: Sequence[Sequence[str]], others: Sequence[Sequence[str]]) -> float:
    """The chance of at least this discrepancy if labels meant nothing: they are shuffled within each
    prompt, and a prompt's outcomes are put together anew for each of the sums."""
    random = Random(_SEED)  # noqa: S311 - resampling, no secret
    observed = sum(discrepancy(a, b) for a, b in zip(own, others, strict=True))
    outcomes: list[list[float]] = []
    for a, b in zip(own, others, strict=True):
        pool, row = [*a, *b], []
        for _ in range(SHUFFLES):
            random.shuffle(pool)
            row.append(discrepancy(pool[: len(a)], pool[len(a) :]))
        outcomes.append(row)
    columns = [random.choices(row, k=PERMUTATIONS) for row in outcomes]
    hits: int = sum(sum(drawn) >= observed - 1e-12 for drawn in zip(*columns, strict=True))
    return (hits + 1) / (PERMUTATIONS + 1)


def discrepancy(a: Sequence[str], b: Sequence[str]) -> float:
    """Squared MMD with k(x, y) = [x = y]: the squared distance of the two lists' frequencies."""
    ours, theirs = Counter(a), Counter(b)
    return sum((ours[word] / len(a) - theirs[word] / len(b)) ** 2 for word in ours.keys() | theirs.keys())


def _plain(text: str) -> str:
    """Lower case, without accents, and without the marks that wrap an answer."""
    bare = unicodedata.normalize("NFKD", text.strip())
    bare = "".join(char for char in bare if not unicodedata.combining(char))
    return re.sub(r"(?<=\d)[,\s](?=\d{3}\b)", "", bare.casefold()).strip(" \n\t.*_`'\"“”‘’")
