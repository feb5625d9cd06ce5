"""Where a request goes and what its headers carry."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

import msgspec

from osstui.engine.dialects.base import Request
from osstui.engine.http1 import request_bytes, split_url
from osstui.job import Target

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile("key|token|secret|password|auth|credential", re.IGNORECASE)
SAFE_KEY = re.compile(r"[\x21-\x7e]+")


class AddressError(ValueError):
    """The request can't be addressed; the message names the variable to set or the key that is refused."""


def fill(text: str, target: Target, environ: Mapping[str, str] = os.environ) -> str:
    """`text` with its {placeholders} filled. Raises AddressError that names what to set."""

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        found = target.variables.get(name) or environ.get(name)
        if not found:
            names = " or ".join(target.variables_env.get(name, (name,)))
            raise AddressError(f"{target.provider} needs its {name}: set {names}, or give it in the catalog")
        return found

    return _PLACEHOLDER.sub(value, text)


def secrets_of(target: Target, environ: Mapping[str, str] = os.environ) -> list[str]:
    """What the target's address and headers take from the environment and must be told to nobody.

    By the names of the variables: a region or a project may stand in an error, a token may not.
    """
    texts = (target.base_url, *target.headers.values())
    names = {name for text in texts for name in _PLACEHOLDER.findall(text) if _SECRET.search(name)}
    return [value for name in sorted(names) if (value := environ.get(name))]


def base_url(target: Target) -> str:
    """The target's base URL without placeholders and without a slash at its end. Raises AddressError."""
    url = fill(target.base_url, target).rstrip("/")
    try:
        split_url(url)
    except ValueError as error:
        raise AddressError(f"base_url of {target.provider}: {error}") from None
    return url


def encode_request(target: Target, request: Request, key: str | None) -> bytes:
    """The request as it goes over the wire. Raises AddressError."""
    url = base_url(target) + request.path
    body = request.body
    headers = {"content-type": "application/json", "accept": "text/event-stream, application/json"}
    headers |= request.headers | _extra_headers(target)
    if key is not None:
        headers |= _key_header(target, key, url)
        if target.quirks.key_body_field:
            body = {**body, target.quirks.key_body_field: key}
    return _encode("POST", url, headers, msgspec.json.encode(body))


def encode_get(target: Target, url: str, key: str | None) -> bytes:
    """A GET of `url`, below the target's base URL, with the target's headers and key. Raises AddressError."""
    headers = {"accept": "application/json"} | _extra_headers(target)
    if key is not None:
        headers |= _key_header(target, key, url)
    return _encode("GET", url, headers, b"")


def _encode(method: str, url: str, headers: dict[str, str], body: bytes) -> bytes:
    try:
        return request_bytes(method, url, headers, body)
    except ValueError as error:
        raise AddressError(str(error)) from None


def _extra_headers(target: Target) -> dict[str, str]:
    """The catalog's headers; one whose placeholder has no value is left out."""
    headers: dict[str, str] = {}
    for name, value in target.headers.items():
        try:
            headers[name.lower()] = fill(value, target)
        except AddressError:
            continue
    return headers


def _key_header(target: Target, key: str, url: str) -> dict[str, str]:
    if not SAFE_KEY.fullmatch(key):
        raise AddressError(
            f"the key of {target.provider} holds characters that no key has; check the variable"
        )
    check_key_is_safe(target, url)
    match target.quirks.key_style:
        case "bearer":
            return {"authorization": f"Bearer {key}"}
        case "x-api-key":
            return {"x-api-key": key}
        case "none":
            return {}


def check_key_is_safe(target: Target, url: str) -> None:
    """Raises AddressError where the key would cross a network unencrypted."""
    origin, _ = split_url(url)
    if origin.scheme != "https" and not origin.loopback:
        raise AddressError(
            f"the key of {target.provider} is not sent to {origin.host} over plain http; use https"
        )
