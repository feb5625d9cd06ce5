"""What a check works with: the host that it asks, the verdict that it gives, and its row in the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from osstui.checks.exchange import Observation, Probe
from osstui.engine.api import HostFacts
from osstui.job import Target

Level = Literal["quick", "full", "deep"]
Result = Literal["pass", "warn", "fail", "n/a"]
Group = Literal[
    "reach", "auth", "model", "stream", "usage", "cost", "reasoning", "control", "format", "tools", "errors",
    "limits", "context", "knowledge",
]  # fmt: skip

LEVELS: tuple[Level, ...] = ("quick", "full", "deep")
NOT_RUN = "not run: "
"""How the reason of a check begins that was not carried out."""
LEAST_CHANCE = 0.001
"""What is less is no different to a reader."""


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


def not_taken(
    seen: Observation, what: str, *fields: str, param: str = "", optional: bool = False
) -> Verdict | None:
    """Where the host refuses the feature that the check is about, which stands in one of these fields: a
    warning, or not applicable if the model may well be without it. Not applicable too where the dialect or
    the host has no place for the `param`."""
    if param and (why := seen.unsent(param)):
        return not_applicable(why, seen)
    if seen.unfit or seen.dropped(*fields):
        why = f": {seen.trouble}" if seen.unfit else ""
        return (not_applicable if optional else warned)(f"the host does not take {what}{why}", seen)
    return None
