"""How a host says no: to nonsense, to a model that does not exist, and in which form."""

from __future__ import annotations

import json
from typing import Any

from osstui.checks.exchange import Observation, Probe, probe
from osstui.checks.model import Host, Plan, failed, not_applicable, passed, warned
from osstui.checks.reach import WRONG_KEY

NOWHERE = "osstui-no-such-model"
CLIPPED = 1000
"""Characters beyond which an error may have been cut before it came here, and parses no more."""
_SAY_OK = "Reply with exactly: OK"
_STRANGER = probe(_SAY_OK, model_id=NOWHERE, max_tokens=64, retries=0)
_COLD: dict[str, object] = {"temperature": -1.0}
_WIZARD = [{"role": "wizard", "content": _SAY_OK}]
_CHAT: dict[str, dict[str, object]] = {
    "temperature -1": _COLD,
    "an unknown role": {"messages": _WIZARD},
    "messages that are no list": {"messages": _SAY_OK},
}
NONSENSE: dict[str, dict[str, dict[str, object]]] = {
    "openai-chat": _CHAT,
    "openai-responses": {
        "temperature -1": _COLD,
        "an unknown role": {"input": _WIZARD},
        "an input that is a number": {"input": 7},
    },
    "anthropic-messages": _CHAT,
    "ollama-chat": {
        "a temperature that is a word": {"options": {"temperature": "hot"}},
        "messages that are no list": {"messages": _SAY_OK},
    },
}
"""By dialect: what is wrong, and the fields that make a good request so. Ollama checks neither a role nor
the range of an option."""


def bad_parameter(host: Host) -> Plan:
    """Passes when a negative temperature, an unknown role and messages that are no list (or what the dialect
    has for them) each get a 4xx. Warns when one is answered (the host ignores what it is told) or gets a
    5xx. Source: Kimi-Vendor-Verifier's tests of parameters; -1 instead of 3, which vLLM and llama.cpp
    allow, and wrong types instead of broken JSON, which the gateway would catch."""
    nonsense = _nonsense(host)
    seen = yield list(nonsense.values())
    for what, one in zip(nonsense, seen, strict=True):
        if one.ok and not one.dropped(*one.probe.extra_body):
            return warned(f"{what} is answered as if it were right", one)
        if not one.ok and not one.refused:
            return warned(f"{what} gets no clean refusal: {one.trouble}", one)
    return passed("nonsense is refused: " + ", ".join(str(one.status) for one in seen), *seen)


def no_such_model(host: Host) -> Plan:
    """Passes when a model that does not exist gets a 404. Warns on another 4xx or an error without status,
    on a 5xx, and when a server that has one model only answers with that; fails when another one answers,
    for then something else was served. Source: OpenAI's error codes; llama.cpp's server takes any name."""
    (seen,) = yield [_STRANGER]
    if seen.ok:
        by = seen.lane.ended.model if seen.lane.ended else None
        if len(host.facts.models) == 1:
            return warned("a model that does not exist is answered by the only one here", seen)
        return failed(f"a model that does not exist is answered{f' by {by}' if by else ''}", seen)
    if seen.status == 404:
        return passed("a model that does not exist gets a 404", seen)
    return warned(f"a model that does not exist gets no 404: {seen.trouble}", seen)


def error_shape(host: Host) -> Plan:
    """Passes when refusals are JSON with the message in error.message (Ollama's in error), as clients of the
    dialect expect. Warns on JSON of another shape, on a refusal that comes with HTTP 200, which simple
    clients take for an answer, and on a 429 without Retry-After; fails on a web page or plain text. Looks at
    the refusals of the other checks. Source: OpenAI's error codes, RFC 9110 §15, RFC 6585 §4."""
    provoked = yield [_STRANGER, *_nonsense(host).values(), *([WRONG_KEY] if host.keyed else [])]
    for seen in provoked:
        opened, error = seen.lane.opened, seen.lane.error
        if error is not None and error.kind != "timeout" and opened is not None and opened.status < 300:
            why = f"a refusal comes with HTTP {opened.status}, so that it passes for an answer"
            return warned(f"{why}: {error.message}", seen)
    told = [seen for seen in host.seen if _body(seen) and (seen.refused or seen.limited)]
    for seen in told:
        if what := _unreadable(seen):
            return failed(f"an error {seen.status} is {what}, which no program can read", seen)
    for seen in told:
        if seen.status == 429 and seen.lane.error and seen.lane.error.retry_after is None:
            return warned("a 429 does not say when to come back (Retry-After)", seen)
        if not _standard(seen, host.target.dialect):
            return warned(f"an error {seen.status} of a shape of its own", seen)
    if not told:
        return not_applicable("nothing was refused")
    where = "error" if host.target.dialect == "ollama-chat" else "error.message"
    return passed(f"{len(told)} refusals with {where}", told[0])


def _nonsense(host: Host) -> dict[str, Probe]:
    wrong = NONSENSE.get(host.target.dialect, {})
    return {
        what: probe(_SAY_OK, body=body, max_tokens=64, retries=0, count_prompt=False)
        for what, body in wrong.items()
    }


def _body(seen: Observation) -> str:
    return (seen.lane.error.body if seen.lane.error else None) or ""


def _unreadable(seen: Observation) -> str | None:
    """What the body is, if it is no JSON."""
    body = _body(seen).strip()
    if _parsed(seen) is not None or (len(body) > CLIPPED and body.startswith("{")):
        return None
    return "a web page" if body.startswith("<") else "plain text"


def _parsed(seen: Observation) -> Any:
    """None where it is no JSON."""
    try:
        return json.loads(_body(seen))
    except (ValueError, RecursionError):
        return None


def _standard(seen: Observation, dialect: str) -> bool:
    value = _parsed(seen)
    if value is None:
        return True
    inner = value.get("error") if isinstance(value, dict) else None
    if dialect == "ollama-chat":
        return isinstance(inner, str)
    return isinstance(inner, dict) and isinstance(inner.get("message"), str)
