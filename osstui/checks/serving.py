"""What is served: whether the model is listed, answers, says its name, and within which limits."""

from __future__ import annotations

import re

from osstui.checks.exchange import Observation
from osstui.checks.model import Host, Plan, failed, not_applicable, passed, unanswered, warned
from osstui.checks.reach import HELLO, ms

SHORTEST_NAME = 3
"""Characters of an echoed name below which being part of another means nothing."""
_SIZE = re.compile(r"\d+b(?![a-z])")
_VARIANT = re.compile(r"turbo|lite|mini|distill|pruned|(?:fp|int)8|int4|nvfp4|awq|gptq|(?<![a-z])q[2-8]_")


def listed(host: Host) -> Plan:
    """Passes when GET …/models names the model's id. Warns when it does not although the model answers;
    fails when it neither is listed nor answers. Not applicable where there is no list. Source: OpenAI's API
    reference, GET /models."""
    facts = host.facts
    numbers: dict[str, object] = {
        "status": facts.models_status,
        "models": len(facts.models),
        "ms": ms(facts.models_ns),
    }
    wanted = host.target.model_id
    if facts.models_status == 200 and wanted.lower() in (name.lower() for name in facts.models):
        yield []
        return passed(f"listed as {wanted}", **numbers)
    if not facts.models:
        yield []
        why = facts.models_error or f"status {facts.models_status}"
        return not_applicable(f"the host lists no models ({why})", **numbers)
    (hello,) = yield [HELLO]
    near = [name for name in facts.models if _bare(host.target.model) in _bare(name)][:5]
    numbers["similar"] = near
    if hello.ok:
        return warned(f"{wanted} is not listed, but answers", hello, **numbers)
    return failed(f"{wanted} is not listed and does not answer: {hello.trouble}", hello, **numbers)


def answer(host: Host) -> Plan:
    """Passes when "Reply with exactly: OK 7319" is answered with that, finish reason stop. Warns when
    reasoning ate the whole budget (empty and length). Source: litellm's /health, bettered: that takes any
    reply for healthy, even an empty one of 16 tokens."""
    (hello,) = yield [HELLO]
    if bad := unanswered([hello]):
        return bad
    if not hello.text.strip():
        if hello.finish == "length":
            return warned("nothing but reasoning fitted into the budget", hello)
        return failed("the answer is empty", hello)
    if "OK 7319" not in hello.text:
        return failed(f"it answers something else: {hello.text[:80]!r}", hello)
    if hello.finish not in ("stop", None):
        return warned(f"the finish reason is {hello.finish}, not stop", hello)
    return passed(f"answered {hello.text.strip()[:40]!r}", hello)


def identity(host: Host) -> Plan:
    """Passes when every answer names the model that was asked for, prefixes, dates and case aside. Warns
    when none is named, when the size is left out, and when a variant is named that was not asked for (turbo,
    fp8, q4 …); fails on another model, which is what a router's fallback looks like. Source: ours, after
    OpenRouter's provider fallbacks."""
    yield [HELLO]
    answers = [seen for seen in host.seen if seen.lane.ended is not None and seen.probe.model_id is None]
    if not answers:
        return failed(f"no answer to look at: {host.seen[0].trouble}", host.seen[0])
    names: dict[str, int] = {}
    odd: tuple[str, Observation] | None = None
    served: set[str] = set()
    for seen in answers:
        ended = seen.lane.ended
        assert ended is not None
        served |= {
            f"{key}: {ended.traits[key]}" for key in ("fingerprint", "served_by") if key in ended.traits
        }
        if ended.model is None:
            continue
        names[ended.model] = names.get(ended.model, 0) + 1
        doubt = _doubt(ended.model, host)
        if doubt == "":
            return failed(f"asked for {host.target.model_id}, answered by {ended.model}", seen, names=names)
        odd = odd or (doubt, seen) if doubt else odd
    if not names:
        return warned("no answer names its model", answers[0], served=sorted(served))
    if odd:
        return warned(odd[0], odd[1], names=names, served=sorted(served))
    return passed(f"answered by {', '.join(names)}", names=names, served=sorted(served))


def limits(host: Host) -> Plan:
    """Passes when rate-limit headers are sent and make sense; their latest values are the evidence. Warns
    when something remains above its limit, or nothing remains. Not applicable without headers. Source:
    ours; the headers' meaning is that of OpenAI's rate-limit guide."""
    yield [HELLO]
    told = [seen for seen in host.seen if seen.lane.opened is not None and seen.lane.opened.rate_limits]
    if not told:
        return not_applicable("the host sends no rate-limit headers")
    opened = told[-1].lane.opened
    assert opened is not None
    values = opened.rate_limits
    for name, value in values.items():
        if "-remaining" not in name:
            continue
        limit = values.get(name.replace("-remaining", "-limit"))
        if _number(value) == 0:
            return warned(f"{name} is 0: the next request may be refused", told[-1], **values)
        if limit is not None and _number(value) > _number(limit) >= 0:
            return warned(f"{name} is {value}, above its limit of {limit}", told[-1], **values)
    return passed(f"{len(values)} headers", told[-1], **values)


def _doubt(echoed: str, host: Host) -> str | None:
    """None for the model that was asked for, empty for another one, else what is odd about its name."""
    asked = [_bare(host.target.model_id), _bare(host.target.model)]
    whole = re.sub(r"[^a-z0-9]", "", echoed.lower())
    if any(one and one in whole for one in asked):
        variant = _VARIANT.search(echoed.lower())
        if variant and variant[0] not in host.target.model_id.lower():
            return f"asked for {host.target.model_id}, answered by a variant of it: {echoed}"
        return None
    short = _bare(echoed)
    if len(short) < SHORTEST_NAME or not any(short in one for one in asked):
        return ""
    sizes = [_SIZE.search(one) for one in asked]
    if any(sizes) and not _SIZE.search(short):
        return f"answered by {echoed}, which does not say which size"
    return None


def _number(value: str) -> float:
    return float(value) if re.fullmatch(r"\d{1,15}(\.\d{1,6})?", value) else -1.0


def _bare(name: str) -> str:
    """The last part of an id, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit("/", 1)[-1].lower())
