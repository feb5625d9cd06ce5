"""One turn of a conversation: the prompt, who answered it in which run, and what became of the answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from osstui.conversation.live_run import LiveRun
from osstui.events import ToolCall
from osstui.job import CallSent, Message
from osstui.measure.run import LaneState


class Vote(NamedTuple):
    """`lane` is None for a draw."""

    lane: str | None
    blind: bool


class Said(NamedTuple):
    """An answer as a conversation holds it."""

    lane: str
    """Whose it is."""
    text: str
    reasoning: str | None


@dataclass(slots=True, eq=False)
class Part:
    """A lane's part in a turn."""

    run: LiveRun | None = None
    """Answers the turn; None for a lane that came later."""
    heard: Said | None = None
    """What stands in its conversation in the place of an answer of its own."""
    begun: str = ""
    """The answer so far, where its run goes on with it."""
    replaced: Said | None = None
    """What it had said before it was asked again."""
    exchange: tuple[Message, ...] = ()
    """The tool calls and results that its run goes on from."""
    called: tuple[LaneState, ...] = ()
    """Its answers that ended with those calls."""
    results: list[str] = field(default_factory=list)
    """What is written so far as the results of its open calls."""


@dataclass(slots=True, eq=False)
class Turn:
    """One prompt and, for each lane, the run that answers it: a retry takes the place of what it retries."""

    prompt: str
    """As it was sent, files included."""
    parts: dict[str, Part] = field(default_factory=dict)
    """By lane."""
    vote: Vote | None = None
    """What the user has judged of its answers."""
    names_seen: bool = False
    """Its answers could be read beside the names of their lanes: a vote on it is not blind."""
    draft: str = ""
    """What stood in the prompt box: files named, not put in."""

    @property
    def typed(self) -> str:
        return self.draft or self.prompt

    def part(self, name: str) -> Part:
        """A lane's own, to be filled where there is none yet."""
        return self.parts.setdefault(name, Part())

    @property
    def runs(self) -> dict[str, LiveRun]:
        """By lane."""
        return {name: part.run for name, part in self.parts.items() if part.run is not None}

    def lane(self, name: str) -> LaneState | None:
        run = self.part(name).run
        return run.lane(name) if run else None

    def said(self, name: str) -> Said | None:
        """What this turn is in a lane's conversation; None where it was not answered."""
        part, state = self.part(name), self.lane(name)
        if part.heard is not None or state is None:
            return part.heard
        text = part.begun + state.text
        return Said(name, text, state.reasoning or None) if text else None

    def open_calls(self, name: str) -> list[ToolCall]:
        """Tool calls of a lane's answer that nobody has answered yet."""
        state = self.lane(name)
        if state is None or state.status != "ok" or self.part(name).heard is not None:
            return []
        return [*state.calls]

    def carry(self, run: LiveRun, names: Iterable[str]) -> None:
        """A run answers these lanes afresh: what an earlier one had led to is gone."""
        for name in names:
            self.parts[name] = Part(run, replaced=self.part(name).replaced)

    def unanswered(self, names: Iterable[str]) -> dict[str, Part]:
        """Parts whose results of tools have led to no whole answer: asking again goes on from them."""
        failed = [name for name in names if (state := self.lane(name)) is not None and state.status != "ok"]
        return {name: self.parts[name] for name in failed}

    @property
    def answered(self) -> list[str]:
        """The lanes whose own answer can be read."""
        return [name for name, state in self.states.items() if state.text]

    @property
    def states(self) -> dict[str, LaneState]:
        return {name: state for name, run in self.runs.items() if (state := run.lane(name)) is not None}


def exchanged(state: LaneState, results: Sequence[str]) -> tuple[Message, ...]:
    """What a lane said when it called, and a message with each result. A call without an id of its own gets
    one."""
    told = [call.id for call in state.calls]
    calls = tuple(
        CallSent(
            call.id if call.id and told.count(call.id) == 1 else f"call_{number}", call.name, call.arguments
        )
        for number, call in enumerate(state.calls, 1)
    )
    said = Message("assistant", state.text, state.reasoning or None, calls, state.sealed)
    return said, *(Message("tool", result, answers=call) for call, result in zip(calls, results, strict=True))
