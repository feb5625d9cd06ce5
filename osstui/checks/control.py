"""Whether what is set on a request is obeyed: limits, stops, seeds, system prompts, and exact characters."""

from __future__ import annotations

from difflib import SequenceMatcher
from unicodedata import normalize

from osstui.checks.exchange import probe
from osstui.checks.model import Host, Plan, failed, not_applicable, not_taken, passed, unanswered, warned

LIMIT = 32
LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Where the dialects and their hosts put it."""
STOP = "13"
SYSTEM = "Write in lower-case letters only, never a capital, and end every reply with the sign ⟂"
HARD = "naïve Ω 日本語 👩‍👩‍👧 ½ “quoted” ﬁn cafe\u0301"
"""Its last letter is e with a combining accent, which normalisation would make one character."""
ALIKE = 0.2


def max_tokens(host: Host) -> Plan:
    """Passes when max_tokens=32 on a long task gives at most 33 output tokens and finish reason length.
    Fails on more, or on another finish reason; warns when it ends more than 2 tokens early by the host's own
    count. Source: OpenAI's API reference. Judged by the local count where that is exact, since a host that
    ignores the limit may report as it likes."""
    (seen,) = yield [probe("Write a story of about 600 words about a lighthouse.", max_tokens=LIMIT)]
    if taken := not_taken(seen, f"max_tokens={LIMIT}", *LIMITS):
        return taken
    if bad := unanswered([seen]):
        return bad
    told = seen.lane.usage.output if seen.lane.usage else None
    counted = round(seen.lane.seen.tokens)
    number = counted if host.target.exact_tokenizer or told is None else told
    numbers = {"limit": LIMIT, "counted": counted, "reported": told}
    if number > LIMIT + 1:
        return failed(f"{number} output tokens at max_tokens={LIMIT}", seen, **numbers)
    if seen.finish not in ("length", None):
        return failed(f"cut at the limit, but the finish reason is {seen.finish}", seen, **numbers)
    if told is not None and counted <= told < LIMIT - 2:
        return warned(f"cut at {told} output tokens at max_tokens={LIMIT}", seen, **numbers)
    return passed(f"{number} output tokens, finish reason {seen.finish or 'not told'}", seen, **numbers)


def stop(host: Host) -> Plan:
    """Passes when counting to 20 with stop "13" ends after 12 with finish reason stop. Fails when 13 is in
    the answer; warns when it ended too early. Source: OpenAI's API reference; 13, because some servers
    apply stops to the reasoning too, and that likes to name small numbers and the last one."""
    (seen,) = yield [probe("Count from 1 to 20. Write only the numbers, separated by spaces.", stop=(STOP,))]
    if taken := not_taken(seen, "stop", "stop", "stop_sequences", param="stop"):
        return taken
    if bad := unanswered([seen]):
        return bad
    if seen.text.rstrip().endswith(STOP):
        return failed(f"the stop sequence is part of the answer: {seen.text[-40:]!r}", seen)
    if STOP in seen.text:
        return failed(f"the stop sequence is ignored: {seen.text[-40:]!r}", seen)
    if "12" not in seen.text:
        return warned(f"ended before the stop sequence was due: {seen.text[-40:]!r}", seen)
    if seen.finish not in ("stop", None):
        return warned(f"stopped in time, but the finish reason is {seen.finish}", seen)
    return passed(f"stopped before 13, finish reason {seen.finish or 'not told'}", seen)


def system(host: Host) -> Plan:
    """Three questions under "write in lower-case letters only and end with ⟂". Passes when all three obey,
    warns at two, fails below. Source: IFEval's kind of instructions, which a program can verify."""
    seen = yield [
        probe(text, system=SYSTEM, effort="medium")
        for text in (
            "Name the four largest cities of Italy in one sentence.",
            "Who wrote Hamlet, and when? One sentence.",
            "Say good morning to Maria and Peter.",
        )
    ]
    if bad := unanswered(seen):
        return bad
    obeyed = [one.text == one.text.lower() and one.text.rstrip().endswith("⟂") for one in seen]
    bad_one = next((one for one, good in zip(seen, obeyed, strict=True) if not good), seen[0])
    if all(obeyed):
        return passed("obeyed in 3 of 3 answers", seen[0])
    judge = warned if sum(obeyed) == 2 else failed
    return judge(f"obeyed in {sum(obeyed)} of 3 answers", bad_one)


def seed(host: Host) -> Plan:
    """The same request three times at temperature 0 and seed 1. Passes when the answers begin alike, for at
    least a fifth of their length; not applicable otherwise, and no fault: sums on a busy GPU depend on the
    batch, so no host is exact. How alike they are and the fingerprints are the evidence. Source: OpenAI's
    notes on seed and system_fingerprint."""
    text = "Describe in about 120 words how a sundial works."
    seen = yield [
        probe(text, temperature=0.0, seed=1, stream=False, patience=120.0, take=take) for take in range(3)
    ]
    if taken := not_taken(seen[0], "a seed", "seed", param="seed", optional=True):
        return taken
    if bad := unanswered(seen):
        return bad
    texts = [one.text for one in seen]
    longest = max(map(len, texts)) or 1
    prefix = _common(texts) / longest
    alike = min(SequenceMatcher(None, texts[0], text, autojunk=False).ratio() for text in texts[1:])
    prints = sorted({one.lane.ended.traits.get("fingerprint", "") for one in seen if one.lane.ended} - {""})
    numbers = {"common_prefix": round(prefix, 3), "similarity": round(alike, 3), "fingerprints": prints}
    if prefix < ALIKE:
        why = f"the same seed gives other answers here: {prefix:.0%} in common at the start"
        return not_applicable(why, *seen[:2], **numbers)
    if len(set(texts)) == 1:
        return passed("three equal answers", seen[0], **numbers)
    return passed(f"{prefix:.0%} in common at the start", *seen[:2], **numbers)


def unicode(host: Host) -> Plan:
    """Passes when a hard line (accents, one of them combining, Greek, Japanese, a joined emoji, a ligature)
    comes back exactly, in many small pieces. Fails on U+FFFD or UTF-8 read as Latin-1, which is a server
    cutting characters; warns when it comes back normalised (NFC or NFKC), as by a server or by the model,
    and when the model merely wrote something else. Source: ours; tokens end within characters."""
    (seen,) = yield [probe(f"Repeat this line exactly, and write nothing else: {HARD}")]
    if bad := unanswered([seen]):
        return bad
    text = seen.text.strip()
    if text == HARD:
        return passed("came back exactly", seen)
    if "\ufffd" in text:
        return failed("characters were cut: U+FFFD in the answer", seen)
    if HARD.encode()[:6].decode("latin-1") in text or "æ\x97¥" in text or "æ—¥" in text:
        return failed("UTF-8 was read as Latin-1", seen)
    for form in ("NFC", "NFKC"):
        if text == normalize(form, HARD):
            return warned(f"came back in another form of Unicode, {form}: by the host, or by the model", seen)
    at = _common([HARD, text])
    return warned(f"something else came back from character {at + 1} on: {text[at : at + 40]!r}", seen)


def _common(texts: list[str]) -> int:
    """Length of the beginning that all texts share."""
    for at, chars in enumerate(zip(*texts, strict=False)):
        if len(set(chars)) > 1:
            return at
    return min(map(len, texts))
