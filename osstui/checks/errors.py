"""How a host says no: to nonsense, to a model that does not exist, and in which form."""

from __future__ import annotations

import json

from osstui.checks.model import (
    Host,
    Observation,
    Plan,
    failed,
    not_applicable,
    passed,
    probe,
    warned,
)
from osstui.checks.reach import WRONG_KEY

NOWHERE = "osstui-no-such-model"
_STRANGER = probe("Reply with exactly: OK", model_id=NOWHERE, max_tokens=64, retries=0)
_SAY_OK = "Reply with exactly: OK"
NONSENSE = {
    "temperature -1": probe(_SAY_OK, body={"temperature": -1.0}, max_tokens=64, retries=0),
    "an unknown role": probe(
        _SAY_OK,
        body={"messages": [{"role": "wizard", "content": _SAY_OK}]}, max_tokens=64, retries=0,
    ),
    "messages that are no list": probe(
        _SAY_OK, body={"messages": _SAY_OK}, max_tokens=64, retries=0
    ),
}  # fmt: skip


def bad_parameter(host: Host) -> Plan:
    """Passes when a negative temperature, an unknown role and messages that are no list each get a 4xx.
    Warns when one is answered (the host ignores what it is told) or gets a 5xx. Source: Kimi-Vendor-
    Verifier's tests of parameters; -1 instead of 3, which vLLM and llama.cpp allow, and wrong types instead
    of broken JSON, which the gateway would catch."""
    seen = yield list(NONSENSE.values())
    for what, one in zip(NONSENSE, seen, strict=True):
        if one.ok and not one.dropped:
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
    """Passes when refusals are JSON with the message in error.message, as clients of the dialect expect.
    Warns on JSON of another shape, and on a 429 without Retry-After; fails on a web page or plain text.
    Looks at the refusals of the other checks. Source: OpenAI's error codes, RFC 6585 §4."""
    asked = [_STRANGER, *NONSENSE.values()] + ([WRONG_KEY] if host.keyed else [])
    yield asked
    odd: Observation | None = None
    refusals = [
        seen for seen in host.seen if seen.lane.error is not None and seen.lane.error.body is not None
    ]
    for seen in refusals:
        error = seen.lane.error
        assert error is not None
        shape = _shape(error.body or "")
        if shape == "none":
            return failed(f"an error {error.status or ''} that no program can read", seen, body=error.body)
        if shape == "own" or (error.status == 429 and error.retry_after is None):
            odd = odd or seen
    if not refusals:
        return not_applicable("nothing was refused")
    if odd is not None:
        assert odd.lane.error is not None
        what = "a 429 without Retry-After" if odd.lane.error.status == 429 else "errors of a shape of its own"
        return warned(what, odd, body=odd.lane.error.body)
    return passed(f"{len(refusals)} refusals with error.message", refusals[0])


def _shape(body: str) -> str:
    """`standard`, `own` (JSON of another form) or `none`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return "none"
    inner = value.get("error") if isinstance(value, dict) else None
    return "standard" if isinstance(inner, dict) and isinstance(inner.get("message"), str) else "own"
