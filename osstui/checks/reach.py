"""Reach and auth: whether the host is there, and lets us in."""

from __future__ import annotations

from osstui.checks.exchange import probe
from osstui.checks.model import Host, Plan, failed, not_applicable, passed, warned

HELLO = probe("Reply with exactly: OK 7319", stream=False)
"""The smallest request with an answer that can be told from any other; several checks share it."""
WRONG_KEY = probe("Reply with exactly: OK 7319", max_tokens=64, retries=0, wrong_key=True)
CERTIFICATE_DAYS = 14


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
        "dns_ms": ms(facts.dns_ns),
        "tcp_ms": ms(facts.connect_ns),
        "tls_ms": ms(facts.tls_ns),
        "tls": facts.tls_version,
        "http": facts.http_version,
        "certificate_days": facts.certificate_days,
        "certificate_issuer": facts.certificate_issuer,
        "tcp_ms_each": [ms(one) for one in facts.tries_ns],
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


def _loopback(host: Host) -> bool:
    address = host.facts.address or ""
    return address.startswith("127.") or address == "::1"


def ms(ns: int | None) -> float | None:
    """Milliseconds."""
    return None if ns is None else ns / 1e6
