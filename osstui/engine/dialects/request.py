"""What building a request has in common, whatever the dialect."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from osstui.engine.dialects.base import Oddity, Request
from osstui.job import Lane, Message, Params, Quirks

DEFAULT_MAX_TOKENS = 16384
"""Sent when the user sets no limit: without one some hosts stop at 1,000 tokens, one books all quota."""
HIGH_EFFORT_FACTOR = 2
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


def spoken(lane: Lane) -> tuple[Message, ...]:
    """The messages without system messages."""
    return tuple(message for message in lane.messages if message.role != "system")


def unsent(name: str, why: str) -> Oddity:
    """The note on a wish that this request can't carry."""
    return Oddity("unsent_parameter", f"{name} is not sent: {why}")


def sendable(fields: dict[str, object], quirks: Quirks) -> tuple[dict[str, object], list[Oddity]]:
    """The fields that are set and that the host takes, and notes on those that it refuses or ignores."""
    given = {name: value for name, value in fields.items() if value is not None}
    sent = {name: value for name, value in given.items() if name not in quirks.rejected}
    notes = [
        Oddity("dropped_parameter", f"{name} is not sent: the host refuses it")
        for name in quirks.rejected
        if name in given
    ]
    notes += [
        Oddity("ignored_parameter", f"{name} has no effect here: the host ignores it")
        for name in quirks.ignored
        if name in sent
    ]
    return sent, notes


def finish_request(
    path: str,
    body: dict[str, object],
    lane: Lane,
    headers: dict[str, str] | None = None,
    *,
    lacks: Collection[str] = (),
    notes: Sequence[Oddity] = (),
) -> Request:
    """The request with the host's own fields, without unset and refused ones; its notes say which wishes it
    does not carry as they are. `lacks` names the `Params` that the dialect has no field for; `notes` are the
    dialect's own."""
    quirks = lane.target.quirks
    if quirks.model_body_field:
        body[quirks.model_body_field] = lane.target.model_id
    sent, refused = sendable(body | quirks.extra_body | lane.extra_body, quirks)
    return Request(path, sent, headers or {}, (*_unmet(lane, lacks), *notes, *refused))


def _unmet(lane: Lane, lacks: Collection[str]) -> Iterator[Oddity]:
    """Notes on wishes that have no place in the request, or are sent smaller than they are."""
    params, quirks = lane.params, lane.target.quirks
    for name in lacks:
        if getattr(params, name) not in (None, ()):
            yield unsent(name, "this wire format has no field for it")
    for name in lane.builtin_tools:
        if name not in lane.target.builtin_tools:
            yield unsent(name, "this host has no such tool for this model")
    if params.effort is not None and quirks.effort_form == "none":
        yield unsent("effort", "this host takes none")
    for name, wanted, sent in (
        ("max_tokens", params.max_tokens, token_limit(lane)),
        ("temperature", params.temperature, temperature(params, quirks)),
    ):
        if wanted is not None and sent != wanted:
            yield Oddity(
                "lowered_parameter", f"{name} {wanted:,} is sent as {sent:,}: the host takes no more"
            )
