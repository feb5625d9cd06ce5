"""What went wrong, in the event vocabulary: which kind it is, and whether another try may help."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

import msgspec

from osstui.engine.dialects.base import HostError
from osstui.engine.dialects.usage import number
from osstui.events import FailureKind

MAX_LOCATION = 300
_ROUTE = re.compile(r"/(?:chat/completions|responses|messages|chat)/?$")
"""What a dialect appends to the base URL."""
_REASONS = {
    400: "bad request",
    401: "the key was refused",
    402: "payment required",
    403: "forbidden",
    404: "not found",
    408: "request timeout",
    410: "gone",
    413: "too large",
    422: "unprocessable request",
    429: "rate limit",
    498: "capacity exceeded",
    500: "server error",
    502: "bad gateway",
    503: "overloaded",
    504: "gateway timeout",
    529: "overloaded",
}
_STATUS_OF_CODES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 529,
}
"""The status that goes with an error's type where the error comes inside a stream, without one: the types of
Anthropic Messages, most of which OpenAI-compatible hosts use too, and OpenAI's code for a rate limit."""
_CONTENT_CODES = ("content_filter", "content_policy", "content_management", "safety")
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{0,9})?")
_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|us|µs|ns|h|m|s)")
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_UNSUPPORTED = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|unexpected|not (?:be )?permitted|not allowed|"
    r"extra (?:inputs|fields)|invalid (?:parameter|argument|field)|does not accept|no such parameter",
    re.IGNORECASE,
)
_NEEDED = frozenset(("model", "messages", "input", "stream", "max_output_tokens"))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHER_NAME = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_EPOCH = 1e9
"""A number of seconds from which on it is a time since 1970, no wait."""
_RETRYABLE = frozenset((408, 409, 429))


class Failure(msgspec.Struct, frozen=True):
    """Why an attempt did not end well. `transient`: the same request may succeed later."""

    kind: FailureKind
    message: str
    status: int | None = None
    retry_after: float | None = None
    transient: bool = False
    body: str | None = None
    """The error as the host sent it."""


def from_answer(status: int, error: HostError, retry_after: float | None) -> Failure:
    """The failure that an HTTP status of 300 or more, or an error inside a stream, stands for."""
    kind = _kind(status, error)
    reason = _REASONS.get(status, "unexpected answer" if status < 400 else "error")
    message = error.message or reason
    return Failure(kind, message, status, retry_after, status in _RETRYABLE or 500 <= status <= 599)


def refused(status: int, headers: Mapping[str, str], error: HostError, body: bytes, now: datetime) -> Failure:
    """The failure of an answer whose status is 300 or more; header names in lower case."""
    if status < 400:
        where = _ROUTE.sub("", headers.get("location", "elsewhere"))
        where = where if len(where) <= MAX_LOCATION else where[:MAX_LOCATION] + "…"
        error = HostError(f"redirects are not followed; correct base_url to what the host names: {where}")
    failure = from_answer(status, error, wait_told(status, headers, now))
    return msgspec.structs.replace(failure, body=body.decode("utf-8", "replace"))


def wait_told(status: int, headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds until another try is welcome, from whichever header tells it."""
    milliseconds = retry_after_seconds(headers.get("retry-after-ms"), now)
    if milliseconds is not None:
        return milliseconds / 1000
    seconds = retry_after_seconds(headers.get("retry-after"), now)
    return reset_seconds(headers, now) if seconds is None and status == 429 else seconds


def implied_status(error: HostError) -> int:
    """The HTTP status that an error inside an answer stands for: told, by its type, or a server's error."""
    return error.status or _STATUS_OF_CODES.get(error.code, 500)


def _kind(status: int, error: HostError) -> FailureKind:
    if any(code in error.code.lower() for code in _CONTENT_CODES):
        return "content"
    match status:
        case 401 | 402 | 403:
            return "auth"
        case 404 | 410:
            return "not_found"
        case 408:
            return "timeout"
        case 413 if "rate_limit" in error.code:
            return "rate_limit"
        case 429 | 498:
            return "rate_limit"
        case _ if 300 <= status < 400:
            return "protocol"
        case _ if 400 <= status < 500 and status not in (409, 424, 499):
            return "bad_request"
        case _:
            return "server"


def retry_after_seconds(value: str | None, now: datetime) -> float | None:
    """A Retry-After header in seconds: a number, an HTTP date, or a Go duration such as `1m2.5s`."""
    if not value or not (value := value.strip()):
        return None
    if _SECONDS.fullmatch(value):
        return float(value)
    if re.fullmatch(rf"(?:{_DURATION.pattern})+", value):
        return sum(float(number) * _UNITS[unit] for number, unit in _DURATION.findall(value))
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        return None
    return max(0.0, (date - now).total_seconds())


def reset_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """When the limit that is used up is reset, where a host tells that instead of a Retry-After.

    `x-ratelimit-reset…` goes with `x-ratelimit-remaining…`; hosts write it as a Go duration (Groq), in
    seconds (Cerebras), or as a time in seconds or milliseconds since 1970 (SambaNova).
    """
    waits = [
        _until(headers.get(name.replace("remaining", "reset", 1)), now)
        for name, value in headers.items()
        if name.startswith(("x-ratelimit-remaining", "ratelimit-remaining")) and number(value) == 0
    ]
    return max((wait for wait in waits if wait is not None), default=None)


def _until(value: str | None, now: datetime) -> float | None:
    seconds = retry_after_seconds(value, now)
    told = seconds if seconds is not None else number(value)
    if told is not None and told >= _EPOCH:
        told = max(0.0, (told if told < _EPOCH * 1000 else told / 1000) - now.timestamp())
    return told


def unsupported_parameters(failure: Failure, body: Iterable[str]) -> dict[str, str | None]:
    """The fields of the body that a 400 or 422 refuses by name, and that the request can do without; with the
    limit's other name where the host asks for that. A host may go on to name the fields that it takes."""
    sentences = [text for text in re.split(r"[.;]\s", failure.message) if _UNSUPPORTED.search(text)]
    if failure.status not in (400, 422) or not sentences:
        return {}
    refused, named = (set(_NAME.findall(text)) for text in (" ".join(sentences), failure.message))
    may_go = [name for name in body if name not in _NEEDED]
    found = [name for name in may_go if name in refused] or [name for name in may_go if name in named]
    return {name: other if (other := _OTHER_NAME.get(name)) in named else None for name in found}
