"""Reach, auth and the model's name: whether the host is there, lets us in, and serves what was asked for."""

from __future__ import annotations

import re

from osstui.checks.model import (
    Host,
    Observation,
    Plan,
    failed,
    not_applicable,
    passed,
    probe,
    unanswered,
    warned,
)

HELLO = probe("Reply with exactly: OK 7319", stream=False)
"""The smallest request with an answer that can be told from any other; several checks share it."""
WRONG_KEY = probe("Reply with exactly: OK 7319", max_tokens=64, retries=0, wrong_key=True)
CERTIFICATE_DAYS = 14
SHORTEST_NAME = 3
_SIZE = re.compile(r"\d+b(?![a-z])")
_VARIANT = re.compile(r"turbo|lite|mini|distill|pruned|(?:fp|int)8|int4|nvfp4|awq|gptq|(?<![a-z])q[2-8]_")


def reach(host: Host) -> Plan:
    """Passes when the name resolves and TCP and TLS connect, three times in a row. Warns when only some of
    the three do, when the certificate ends within 14 days, or when a host that is not this machine is
    reached without TLS. Fails when there is no connection. Source: ours; 14 days is half of what ACME
    clients leave (they renew 30 days before the end)."""
    yield []
    facts = host.facts
    if facts.error is not None:
        return failed(f"{facts.error_kind}: {facts.error}")
    numbers = {
        "address": facts.address,
        "dns_ms": _ms(facts.dns_ns),
        "tcp_ms": _ms(facts.connect_ns),
        "tls_ms": _ms(facts.tls_ns),
        "tls": facts.tls_version,
        "http": facts.http_version,
        "certificate_days": facts.certificate_days,
        "certificate_issuer": facts.certificate_issuer,
        "tcp_ms_each": [_ms(one) for one in facts.tries_ns],
    }
    if facts.tries_failed:
        tries = len(facts.tries_ns) + len(facts.tries_failed)
        why = f"{len(facts.tries_failed)} of {tries} connections failed: {facts.tries_failed[0]}"
        return warned(why, **numbers)
    days = facts.certificate_days
    if days is not None and days < CERTIFICATE_DAYS:
        return warned(f"the certificate ends in {days:.0f} days", **numbers)
    if facts.tls_version is None and host.target.base_url.startswith("http://") and not _loopback(host):
        return warned("no TLS: everybody on the way can read along", **numbers)
    left = "" if days is None else f", certificate {days:.0f} days"
    timed = {"DNS": facts.dns_ns, "TCP": facts.connect_ns, "TLS": facts.tls_ns}
    known = {name: ns / 1e6 for name, ns in timed.items() if ns is not None}
    parts = ", ".join(f"{name} {ms:.1f}" for name, ms in known.items())
    took = f"{sum(known.values()):.1f} ms" + (f" ({parts})" if len(known) > 1 else "")
    return passed(f"connected in {took}, {facts.tls_version or 'no TLS'}{left}", **numbers)


def auth(host: Host) -> Plan:
    """Passes when a request with the key is answered. A refused key (401, 403), no credit (402) and no key
    at all fail and are named apart; 429 warns, for then the key is known. Source: the codes of RFC 9110
    §15.5 as hosts use them."""
    if not host.keyed:
        yield []
        return not_applicable("no key is needed here")
    (hello,) = yield [HELLO]
    error = hello.lane.error
    if error is None:
        return passed("the key is taken", hello)
    if error.kind == "no_key":
        return failed(error.message, hello)
    if error.status in (401, 403):
        return failed(f"the key is refused ({error.status}): {error.message}", hello)
    if error.status == 402:
        return failed(f"the key is known, but has no credit (402): {error.message}", hello)
    if error.status == 429:
        return warned(f"the key is known, but its limit is reached (429): {error.message}", hello)
    if host.facts.models_status == 200:
        return passed("the key is taken for the list of models", hello)
    return failed(f"can't be told: {hello.trouble}", hello)


def wrong_key(host: Host) -> Plan:
    """Passes when a made-up key is refused with 401 or 403; warns on another refusal and when it is
    accepted. It asks for a completion, not for the models: many hosts list those to everybody. Source: RFC
    9110 §15.5.2."""
    if not host.keyed:
        yield []
        return not_applicable("no key is needed here")
    (seen,) = yield [WRONG_KEY]
    if seen.lane.error is None:
        if not host.target.key_required:
            return not_applicable("this server works without a key", seen)
        return warned("a made-up key is accepted", seen)
    if seen.status in (401, 403):
        return passed(f"a made-up key is refused with {seen.status}", seen)
    if seen.refused:
        return warned(f"a made-up key is refused with {seen.status}, not with 401 or 403", seen)
    return failed(f"can't be told: {seen.trouble}", seen)


def listed(host: Host) -> Plan:
    """Passes when GET …/models names the model's id. Warns when it does not although the model answers;
    fails when it neither is listed nor answers. Not applicable where there is no list. Source: OpenAI's API
    reference, GET /models."""
    facts = host.facts
    numbers: dict[str, object] = {
        "status": facts.models_status,
        "models": len(facts.models),
        "ms": _ms(facts.models_ns),
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


def _loopback(host: Host) -> bool:
    address = host.facts.address or ""
    return address.startswith("127.") or address == "::1"


def _ms(ns: int | None) -> float | None:
    return None if ns is None else ns / 1e6
