"""What a check works with: the probes it asks for, the answers it judges, and the verdict it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from osstui.engine.api import HostFacts
from osstui.events import Noted, ToolCall
from osstui.job import Effort, Message, Params, Target, Tool
from osstui.measure.lane import LaneState

Level = Literal["quick", "full", "deep"]
Result = Literal["pass", "warn", "fail", "n/a"]
Group = Literal[
    "reach", "auth", "model", "stream", "usage", "cost", "reasoning", "control", "format", "tools", "errors",
    "limits", "context", "knowledge",
]  # fmt: skip

LEVELS: tuple[Level, ...] = ("quick", "full", "deep")
NOT_RUN = "not run: "
"""How the reason of a check begins that was not carried out."""
ROOM = 2048
"""Output tokens a probe may take unless it says otherwise: reasoning at low effort fits many times over."""
LEAST_CHANCE = 0.001
"""What is less is no different to a reader."""
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

    @property
    def dropped(self) -> bool:
        """The host would not take a parameter; the request went without it."""
        return self.noted("dropped_parameter")

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
        return "the answer was cut: it broke off without an end" if self.lane.status == "cut" else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`show`: the answers that the reason speaks of. `sample`: what a comparison across hosts needs."""

    result: Result
    reason: str
    numbers: Mapping[str, object] = field(default_factory=dict)
    show: tuple[Observation, ...] = ()
    sample: object = None


@dataclass(slots=True, eq=False)
class Host:
    """One lane under test. `seen` grows with every answer, in the order of asking."""

    lane: str
    target: Target
    facts: HostFacts
    seen: list[Observation] = field(default_factory=list)

    @property
    def keyed(self) -> bool:
        return bool(self.target.api_key_env or self.target.api_key_command)

    @property
    def reasons(self) -> bool:
        """The model is of the gpt-oss family: it thinks, takes an effort, and its tokens can be counted."""
        return self.target.exact_tokenizer or "gpt-oss" in self.target.model.lower()


Plan = Generator[Sequence[Probe], list[Observation], Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """One row of the table. `tokens`: usual cost, (input, output), without what it shares; `window`: input
    tokens for each token of the claimed window; `shares`: probes that other checks ask too, by the table's
    names. `last`: it judges all answers, or may leave the host in disorder, so it runs after the others."""

    id: str
    title: str
    level: Level
    group: Group
    run: Callable[[Host], Plan]
    tokens: tuple[int, int] = (0, 0)
    shares: tuple[str, ...] = ()
    window: float = 0.0
    last: bool = False
    judges_limits: bool = False
    """A rate limit is an answer to it; other checks are not run where one stands in the way."""
    timed: bool = False
    """It looks at the clock: nothing else is asked of the host meanwhile."""
    across: Callable[[Mapping[str, Verdict]], dict[str, Verdict]] | None = None
    """Judges the hosts of one model against each other, by their samples."""

    @property
    def rule(self) -> str:
        """The pass rule and its source: the function's docstring, a word broken at its hyphen whole again."""
        return " ".join(re.sub(r"(?<=\w-)\n\s*", "", self.run.__doc__ or "").split())


def passed(reason: str, *show: Observation, sample: object = None, **numbers: object) -> Verdict:
    return Verdict("pass", reason, numbers, show, sample)


def warned(reason: str, *show: Observation, sample: object = None, **numbers: object) -> Verdict:
    return Verdict("warn", reason, numbers, show, sample)


def failed(reason: str, *show: Observation, sample: object = None, **numbers: object) -> Verdict:
    return Verdict("fail", reason, numbers, show, sample)


def not_applicable(reason: str, *show: Observation, **numbers: object) -> Verdict:
    return Verdict("n/a", reason, numbers, show)


def by_chance(chance: float) -> str:
    """`p = 0.012`, as it stands in a reason."""
    return f"p = {chance:.2g}" if chance >= LEAST_CHANCE else f"p < {LEAST_CHANCE}"


def unanswered(observations: Sequence[Observation]) -> Verdict | None:
    """A fail for the first that got no whole answer: what can't be judged stays in the denominator."""
    bad = [seen for seen in observations if not seen.ok]
    if not bad:
        return None
    several = f" ({len(bad)} of {len(observations)} requests)" if len(observations) > 1 else ""
    return failed(f"no whole answer{several}: {bad[0].trouble}", bad[0])


def not_taken(seen: Observation, what: str, *, optional: bool = False) -> Verdict | None:
    """Where the host refuses the feature that the check is about: a warning, or not applicable if the model
    may well be without it. A dialect that has no place for it is not applicable too."""
    if why := seen.unsent(what.split("=")[0]):
        return not_applicable(why, seen)
    if seen.unfit or seen.dropped:
        why = f": {seen.trouble}" if seen.unfit else ""
        return (not_applicable if optional else warned)(f"the host does not take {what}{why}", seen)
    return None
