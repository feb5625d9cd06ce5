"""Long prompts and long answers. Most cost real money, so they run only when asked for."""

from __future__ import annotations

import re

from osstui.checks.exchange import Observation, Probe, probe
from osstui.checks.model import Host, Plan, failed, not_applicable, passed, unanswered, warned

NEEDLES = (("Aldermoor", 4417, 0.01), ("Brackwater", 9052, 0.50), ("Cinderford", 2786, 0.99))
"""Town, secret number, and how deep in the prompt it stands."""
ROOM_LEFT = 2048
"""Tokens of the window kept for template and answer."""
SMALL = 8_000
FEWEST = 1_000
TOO_LONG = 1.2
LINE_TOKENS = 20
"""Tokens of a line of filler in o200k_harmony, whatever its number; other tokenizers are not far off."""
LONGEST_ANSWER = 16_384
SLACK = 0.02


def needle(host: Host) -> Plan:
    """Three secret numbers at 1 %, 50 % and 99 % of prompts of 8k, half and nearly all of the claimed
    window. Passes when all are found and usage tells the prompt within 2 %. Fails when the host reports
    fewer tokens than were sent (cut in silence), or refuses a prompt that fits; warns when a number is not
    found, as that may be the model. Source: the needle-in-a-haystack test."""
    window = host.target.context
    if window is None:
        yield []
        return not_applicable("no window is claimed")
    top = window - ROOM_LEFT
    if top < FEWEST:
        yield []
        return not_applicable(f"a window of {window:,} tokens is too small to hide anything in")
    sizes = [size for size in (SMALL, window // 2) if size < top * 0.9] + [top]
    found = []
    seen: list[Observation] = []
    for size in sorted(sizes):
        (one,) = yield [_haystack(size // LINE_TOKENS)]
        seen.append(one)
        if not one.ok:
            return failed(f"a prompt of about {size:,} tokens: {one.trouble}", one)
        found.append(_found(one))
    prompts = [_sizes(one, one.lane.info.input_tokens) for one in seen]
    numbers = {"sizes": sorted(sizes), "found": found, "prompts": prompts}
    for one in reversed(seen):
        if (short := _cut(one, one.lane.info.input_tokens)) is not None:
            return failed(f"cut in silence: {short}", one, **numbers)
    missed = [
        f"at {depth:.0%} of {size:,} tokens"
        for size, hits in zip(sorted(sizes), found, strict=True)
        for (_, _, depth), hit in zip(NEEDLES, hits, strict=True)
        if not hit
    ]
    if missed:
        first = next(one for one, hits in zip(seen, found, strict=True) if not all(hits))
        why = f"{len(missed)} of {3 * len(seen)} numbers were not found: {', '.join(missed)}"
        return warned(why, first, **numbers)
    return passed(f"all numbers found, up to {sorted(sizes)[-1]:,} tokens", seen[-1], **numbers)


def too_long(host: Host) -> Plan:
    """A prompt of 1.2 × the claimed window, with numbers hidden in it. Passes when it is refused with a 4xx
    that names the length or the limit, and when it is taken and all numbers are found. Warns on another
    refusal, and when it is answered although numbers were not found, as where its front was cut off; fails
    when fewer tokens are reported than were sent: cut in silence. The prompt is not counted here, as that
    would hold up the others: each of its lines is known to have 20 tokens. Source: Ollama's 16,387 prompt
    tokens for a prompt of 160,689."""
    window = host.target.context
    if window is None:
        yield []
        return not_applicable("no window is claimed")
    lines = round(window * TOO_LONG / LINE_TOKENS)
    (seen,) = yield [_haystack(lines, count_prompt=False)]
    sent = lines * LINE_TOKENS
    numbers = {"claimed": window, **_sizes(seen, sent)}
    if seen.refused:
        said = seen.trouble.lower()
        if any(word in said for word in ("context", "long", "length", "maximum", "exceed", "limit", "large")):
            return passed(f"refused with {seen.status}", seen, **numbers)
        return warned(f"refused, but not for its length: {seen.trouble}", seen, **numbers)
    if not seen.ok:
        return warned(f"no clean refusal: {seen.trouble}", seen, **numbers)
    if (short := _cut(seen, sent)) is not None:
        return failed(f"cut in silence: {short}", seen, **numbers)
    missed = [f"{depth:.0%}" for (_, _, depth), hit in zip(NEEDLES, _found(seen), strict=True) if not hit]
    if missed:
        why = f"answered, but what stands at {' and '.join(missed)} of it was not read: cut in silence?"
        return warned(why, seen, **numbers)
    return passed("taken whole: the window is larger than claimed", seen, **numbers)


def long_answer(host: Host) -> Plan:
    """Counting far, with max_tokens at the claimed maximum (16k at most). Passes when the last number is
    reached, or when the answer ends at the limit that was set. Fails when it ends with length well before;
    warns when the model stops of its own accord. Source: ours; hosts whose default is 1,000 or 4,096
    tokens."""
    claimed = host.target.max_output
    if claimed is None:
        yield []
        return not_applicable("no longest answer is claimed")
    limit = min(claimed, LONGEST_ANSWER)
    last = limit // 3
    text = f"Count from 1 to {last}. Write every number, separated by single spaces, and leave none out."
    (seen,) = yield [probe(text, max_tokens=limit, patience=120.0)]
    if bad := unanswered([seen]):
        return bad
    told = seen.lane.usage.output if seen.lane.usage else None
    tokens = max(round(seen.lane.seen.tokens), told or 0)
    numbers = {"limit": limit, "claimed": claimed, "tokens": tokens, "finish": seen.finish}
    if str(last) in seen.text[-40:]:
        return passed(f"{tokens:,} output tokens, the last number reached", seen, **numbers)
    if seen.finish == "length" and tokens < limit * (1 - SLACK) - 16:
        return failed(f"cut at {tokens:,} output tokens, {limit:,} were asked for", seen, **numbers)
    if seen.finish == "length":
        return passed(f"{tokens:,} output tokens, up to the limit that was set", seen, **numbers)
    return warned(f"the model stopped at {tokens:,} tokens without reaching {last}", seen, **numbers)


def _haystack(lines: int, *, count_prompt: bool = True) -> Probe:
    """So many lines with the needles among them, and the question at the end."""
    rows = _filler(lines)
    for town, number, depth in reversed(NEEDLES):
        rows.insert(int(depth * lines), f"The secret number of {town} is {number}.")
    towns = " and ".join(town for town, _, _ in NEEDLES)
    question = f"What are the secret numbers of {towns}?"
    return probe("\n".join([*rows, "", question]), max_tokens=1024, patience=180.0, count_prompt=count_prompt)


def _found(seen: Observation) -> list[bool]:
    """For each needle whether its number is in the answer, however its digits are set apart."""
    said = re.sub(r"(?<=\d)\D(?=\d{3}\b)", "", seen.text)
    return [str(number) in said for _, number, _ in NEEDLES]


def _filler(lines: int) -> list[str]:
    return [
        f"Line {n:06d}: the tide came in, the tide went out, and the harbour slept." for n in range(lines)
    ]


def _cut(seen: Observation, sent: int | None) -> str | None:
    """The disagreement when usage tells fewer prompt tokens than were sent."""
    told = seen.lane.usage.input if seen.lane.usage else None
    if sent is None or told is None:
        return None
    slack = 0.1 if not seen.lane.info.exact_tokenizer else SLACK
    return f"{told:,} of {sent:,} prompt tokens reported" if told < sent * (1 - slack) - 80 else None


def _sizes(seen: Observation, sent: int | None) -> dict[str, int | None]:
    return {"sent": sent, "told": seen.lane.usage.input if seen.lane.usage else None}
