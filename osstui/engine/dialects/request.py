"""What building a request has in common, whatever the dialect."""

from __future__ import annotations

from osstui.engine.dialects.base import Oddity, Request
from osstui.job import Lane, Params, Quirks

DEFAULT_MAX_TOKENS = 8192
"""Sent when the user sets no limit: without one some hosts stop at 1,000 tokens, one books all quota."""
HIGH_EFFORT_FACTOR = 4
"""Reasoning counts against the limit, and at high effort there is much of it."""


def token_limit(lane: Lane) -> int:
    """Most output tokens to ask for: the user's wish or the default, within what the host gives."""
    wanted = lane.params.max_tokens or DEFAULT_MAX_TOKENS
    if lane.params.max_tokens is None and lane.params.effort == "high":
        wanted *= HIGH_EFFORT_FACTOR
    return min(wanted, lane.target.max_output) if lane.target.max_output else wanted


def temperature(params: Params, quirks: Quirks) -> float | None:
    """The temperature, within what the host takes."""
    if params.temperature is None or quirks.max_temperature is None:
        return params.temperature
    return min(params.temperature, quirks.max_temperature)


def system_text(lane: Lane) -> str:
    """All system messages as one text, for dialects that send it apart."""
    return "\n\n".join(message.content for message in lane.messages if message.role == "system")


def turns(lane: Lane) -> list[dict[str, object]]:
    """The messages without system messages and without reasoning."""
    return [
        {"role": message.role, "content": message.content}
        for message in lane.messages
        if message.role != "system"
    ]


def finish_request(
    path: str, body: dict[str, object], lane: Lane, headers: dict[str, str] | None = None
) -> Request:
    """The request with the host's own fields, without unset and, as its notes say, without refused ones."""
    quirks = lane.target.quirks
    if quirks.model_body_field:
        body[quirks.model_body_field] = lane.target.model_id
    body |= quirks.extra_body | lane.extra_body
    sent = {name: value for name, value in body.items() if value is not None and name not in quirks.rejected}
    notes = [
        Oddity("dropped_parameter", f"{name} is not sent: the host refuses it")
        for name in quirks.rejected
        if body.get(name) is not None
    ]
    notes += [
        Oddity("ignored_parameter", f"{name} has no effect here: the host ignores it")
        for name in quirks.ignored
        if name in sent
    ]
    return Request(path, sent, headers or {}, tuple(notes))
