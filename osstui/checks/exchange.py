"""What is asked of a host, and all that comes back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from osstui.events import Noted, ToolCall
from osstui.job import Effort, Message, Params, Tool
from osstui.measure.lane import LaneState

ROOM = 2048
"""Output tokens a probe may take unless it says otherwise: reasoning at low effort fits many times over."""
SLOWEST = 4.0
"""Tokens per second of a host that is still given the time for the longest answer."""


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """One request. Equal probes are asked once a host, so checks may share one; `take` tells repeats
    apart."""

    messages: tuple[Message, ...]
    params: Params
    extra_body: dict[str, object] = {}
    tools: tuple[Tool, ...] = ()
    stream: bool = True
    wrong_key: bool = False
    model_id: str | None = None
    """Another model than the lane's."""
    cancel_after: int | None = None
    """Hang up once so many characters have come."""
    take: int = 0
    count_prompt: bool = True


def probe(
    text: str,
    *,
    system: str | None = None,
    effort: Effort = "low",
    max_tokens: int = ROOM,
    temperature: float | None = None,
    seed: int | None = None,
    stop: tuple[str, ...] = (),
    retries: int = 1,
    patience: float = 60.0,
    body: Mapping[str, object] | None = None,
    tools: tuple[Tool, ...] = (),
    after: tuple[Message, ...] = (),
    stream: bool = True,
    wrong_key: bool = False,
    model_id: str | None = None,
    cancel_after: int | None = None,
    take: int = 0,
    count_prompt: bool = True,
) -> Probe:
    """A probe with one user message and what came `after` it. `patience`: seconds to the first token."""
    first = (Message("system", system),) if system else ()
    return Probe(
        messages=(*first, Message("user", text), *after),
        params=Params(
            effort=effort, max_tokens=max_tokens, temperature=temperature, seed=seed, stop=stop,
            retries=retries, first_token_timeout=patience, idle_timeout=30.0,
            timeout=2 * patience + max_tokens / SLOWEST,
        ),
        extra_body=dict(body or {}),
        tools=tools,
        stream=stream,
        wrong_key=wrong_key,
        model_id=model_id,
        cancel_after=cancel_after,
        take=take,
        count_prompt=count_prompt,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """A probe and all that came back."""

    probe: Probe
    lane: LaneState
    request: Mapping[str, object]
    """The body as it was built; the key is no part of it."""
    calls: tuple[ToolCall, ...] = ()
    notes: tuple[Noted, ...] = ()
    """What was odd on the way."""
    reads: tuple[int, ...] = ()
    """Characters that each read of the socket brought."""

    @property
    def ok(self) -> bool:
        return self.lane.status == "ok"

    @property
    def text(self) -> str:
        return self.lane.text

    @property
    def finish(self) -> str | None:
        """The finish reason in OpenAI's words; None where the host gave none."""
        ended = self.lane.ended
        return ended.reason if ended is not None and ended.finish_reason is not None else None

    @property
    def status(self) -> int | None:
        """The HTTP status, that of the error if there was one."""
        if self.lane.error is not None and self.lane.error.status is not None:
            return self.lane.error.status
        return self.lane.opened.status if self.lane.opened else None

    @property
    def refused(self) -> bool:
        """Answered with a 4xx that is no rate limit."""
        error = self.lane.error
        return error is not None and 400 <= (error.status or 0) < 500 and error.status != 429

    @property
    def unfit(self) -> bool:
        """Refused for what it asks for, not for a key, a limit or a model that is not there; nor for what the
        model made of its tools, which Groq answers with a 400 that quotes the `failed_generation`."""
        error = self.lane.error
        if error is None or not self.refused or self.lane.t_first is not None:
            return False
        if error.kind == "not_found":  # OpenRouter: "No endpoints found that support tool use"
            return "support" in error.message.lower()
        said = f"{error.message} {error.body}".lower()
        made = any(words in said for words in ("failed_generation", "tool call validation failed"))
        return error.kind == "bad_request" and not made

    def dropped(self, *fields: str) -> bool:
        """The host would not take one of these fields of the body; the request went without it."""
        notes = (note.message for note in self.notes if note.code == "dropped_parameter")
        return any(field in re.findall(r"\w+", note) for note in notes for field in fields)

    @property
    def limited(self) -> bool:
        """The rate limit stood in the way, also after waiting."""
        return self.lane.error is not None and self.lane.error.kind == "rate_limit"

    def noted(self, code: str) -> bool:
        return any(note.code == code for note in self.notes)

    def unsent(self, name: str) -> str | None:
        """Why this parameter was not sent: the dialect or the host has no place for it."""
        notes = (note.message for note in self.notes if note.code == "unsent_parameter")
        return next((note for note in notes if note.startswith(f"{name} ")), None)

    @property
    def trouble(self) -> str:
        """Why there is no whole answer, on one line."""
        error = self.lane.error
        if error is not None:
            status = f" {error.status}" if error.status else ""
            return f"{error.kind}{status}: {error.message}"
        if self.lane.status == "cut":
            return "the answer was cut: it broke off without an end"
        limit = self.probe.params.max_tokens
        return f"it went on far beyond max_tokens={limit}" if self.lane.status == "cancelled" else ""
