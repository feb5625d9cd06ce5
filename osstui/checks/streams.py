"""How answers arrive: in pieces, whole, to a proper end; and what happens when we hang up."""

from __future__ import annotations

import re

from msgspec.structs import replace

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host, Plan, Verdict, failed, not_applicable, passed, unanswered, warned

PARAGRAPH = probe("Write one plain paragraph of about 200 words on how a river shapes its valley.")
"""Long enough to arrive in many pieces; several checks share it."""
LAST_NUMBER = 150
COUNTING = f"Count from 1 to {LAST_NUMBER}. Write every number, separated by single spaces, and nothing else."

FEWEST_READS = 10
LARGEST_SHARE = 0.30
FASTEST = 10_000
PAUSE = 0.1
"""Seconds. This program reads later than that only by accident, and hardly twice."""
LOST_TOKENS = 0.05


def stream(host: Host) -> Plan:
    """Passes when the text comes in at least 10 reads, none of which holds more than 30 % of it. Warns when
    it comes at once, or so fast that it must have been held back (above 10,000 tokens/s, three times the
    fastest host): then no speed can be measured. Warns of lumps only where a pause of 0.1 s stands between
    them, and of anything only when a second answer is no better: this machine may have been late to read.
    Source: ours; hosts and proxies that collect the answer first are common."""
    (seen,) = yield [PARAGRAPH]
    verdict = _judge_stream(seen)
    if verdict.result == "warn":
        (again,) = yield [replace(PARAGRAPH, take=1)]
        second = _judge_stream(again)
        verdict = second if second.result == "pass" else verdict
    return verdict


def _judge_stream(seen: Observation) -> Verdict:
    if bad := unanswered([seen]):
        return bad
    lane, reads, chars = seen.lane, seen.reads, sum(seen.reads)
    if not chars:
        return failed("the answer is empty", seen)
    span = ((lane.t_last or 0) - (lane.t_first or 0)) / 1e9
    tokens, largest, pause = lane.seen.tokens, max(reads) / chars, max(lane.gaps, default=0) / 1e9
    numbers = {
        "reads": len(reads),
        "largest_read": round(largest, 3),
        "tokens": round(tokens),
        "tokens_per_read": round(tokens / len(reads), 2),
        "span_ms": span * 1e3,
        "longest_pause_ms": pause * 1e3,
    }
    if len(reads) < 2 or tokens > FASTEST * span:
        why = f"buffered: {tokens:.0f} tokens in {len(reads)} reads within {span * 1e3:.0f} ms"
        return warned(f"{why}, so no speed can be measured", seen, **numbers)
    if (len(reads) < FEWEST_READS or largest > LARGEST_SHARE) and pause >= PAUSE:
        share = f"{len(reads)} reads, the largest with {largest:.0%} of the text"
        return warned(f"lumpy: {share}", seen, **numbers)
    return passed(f"{len(reads)} reads, {numbers['tokens_per_read']} tokens each", seen, **numbers)


def ending(host: Host) -> Plan:
    """Passes when the stream ends with a finish reason and then its end marker ([DONE], message_stop, …).
    Warns when one of the two is missing; fails when the stream breaks off. Source: OpenAI's streaming
    reference; clients without the marker have to guess that a cut was an end."""
    (seen,) = yield [PARAGRAPH]
    if bad := unanswered([seen]):
        return bad
    ended = seen.lane.ended
    assert ended is not None
    if ended.finish_reason is None:
        return warned("the stream has an end marker but no finish reason", seen)
    if ended.traits.get("end_marker") == "no":
        return warned(f"finish reason {ended.finish_reason}, but no end marker follows", seen)
    return passed(f"finish reason {ended.finish_reason}, then the end marker", seen)


def same_text(host: Host) -> Plan:
    """Passes when the streamed answer holds as much as the one sent whole. Asked to count, so that a
    missing piece shows as a missing number, which two answers that merely differ (temperature 0 is not
    exact on busy hosts) do not. Fails when the stream lacks numbers that the whole answer has, repeats some
    or brings them in another order, or lacks more than 5 % and 10 of the tokens that its own usage tells.
    Source: vLLM PR 30437."""
    asked = {"temperature": 0.0, "seed": 1, "max_tokens": 4096, "patience": 240.0}
    whole, streamed = yield [
        probe(COUNTING, stream=False, **asked),  # type: ignore[arg-type]
        probe(COUNTING, **asked),  # type: ignore[arg-type]
    ]
    if bad := unanswered([whole, streamed]):
        return bad
    lost = _missing(streamed) - _missing(whole)
    numbers = {
        "whole_chars": len(whole.text),
        "streamed_chars": len(streamed.text),
        "streamed_tokens": round(streamed.lane.seen.tokens),
        "reported_tokens": streamed.lane.usage.output if streamed.lane.usage else None,
    }
    if whole.text.strip() == streamed.text.strip():
        return passed("the same text, streamed and whole", streamed, **numbers)
    if lost and not _abridged(streamed):
        some = ", ".join(map(str, sorted(lost)[:5]))
        return failed(
            f"the stream lacks {len(lost)} of the whole answer's numbers: {some} …", streamed, **numbers
        )
    if _numbers(whole) == sorted({*_numbers(whole)}) and (odd := _disorder(_numbers(streamed))):
        return failed(f"the stream {odd}, the whole answer does not", streamed, **numbers)
    reported = streamed.lane.usage.output if streamed.lane.usage else None
    counted = streamed.lane.seen.tokens
    if reported and host.target.exact_tokenizer and counted < reported * (1 - LOST_TOKENS) - 10:
        return failed(f"the stream brought {counted:.0f} of {reported} tokens", streamed, **numbers)
    return passed("the texts differ, but nothing is missing from the stream", streamed, whole, **numbers)


def cancel(host: Host) -> Plan:
    """Passes when hanging up in the middle of an answer is over at once and the next request is answered.
    Fails when that one is refused or hangs. No usage is expected from the one that was cut off. Source:
    ours; a server that goes on generating for nobody blocks its slot."""
    (cut,) = yield [
        probe("Write a story of about 600 words about a lighthouse.", cancel_after=40, max_tokens=4096)
    ]
    if cut.lane.status == "failed":
        return failed(f"no answer to hang up on: {cut.trouble}", cut)
    (after,) = yield [probe("Reply with exactly: OK 4423", retries=0, patience=30.0)]
    numbers = {"chars_before": sum(cut.reads), "after_ms": (after.lane.t_end or 0) / 1e6}
    if not after.ok:
        return failed(f"after hanging up, the next request gets {after.trouble}", after, cut, **numbers)
    if cut.lane.status != "cancelled":
        return not_applicable("the answer was over before it could be hung up on", cut, **numbers)
    return passed("hung up, and the next request was answered", after, **numbers)


def _numbers(seen: Observation) -> list[int]:
    return [int(found) for found in re.findall(r"\d{1,6}", seen.text)]


def _missing(seen: Observation) -> set[int]:
    return set(range(1, LAST_NUMBER + 1)) - {*_numbers(seen)}


def _disorder(numbers: list[int]) -> str | None:
    if (twice := len(numbers) - len({*numbers})) > 0:
        return f"repeats {twice} of the numbers"
    return "brings the numbers in another order" if numbers != sorted(numbers) else None


def _abridged(seen: Observation) -> bool:
    """The model took a short cut of its own."""
    return "..." in seen.text or "…" in seen.text
