"""A sitting at the app: who is asked, what was asked, how each run stands. The one truth of the screens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from osstui.conversation.blind import Blind
from osstui.conversation.live_run import LiveRun
from osstui.conversation.turn import Said, Turn, exchanged
from osstui.job import Job, Lane, Message, Params, Target, new_run_id
from osstui.measure.cost import cost_of
from osstui.profile import Profile

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.measure.forecast import Budget

GO_ON = "Your answer broke off. Go on exactly where it stopped: repeat nothing, and say no word about it."
"""What a lane is asked to finish an answer with: few hosts take an answer's beginning in any other way."""


@dataclass(slots=True, eq=False)
class Session:
    """Lanes, turns and spending. Nothing in it paints or waits."""

    params: Params = field(default_factory=Params)
    """Times and retries; the rest of a lane's parameters is its profile's."""
    profile: Profile = field(default_factory=Profile)
    """For every lane."""
    overrides: dict[str, dict[str, object]] = field(default_factory=dict)
    """By lane: the profile's fields in which it differs."""
    lanes: dict[str, Target] = field(default_factory=dict)
    specs: list[str] = field(default_factory=list)
    """What the user would type for each lane, in the lanes' order."""
    turns: list[Turn] = field(default_factory=list)
    muted: set[str] = field(default_factory=set)
    """Lanes that are not asked until they are let in again."""
    dropped: dict[str, int] = field(default_factory=dict)
    """By lane: how many of the oldest turns it is sent no more, because they don't fit into its window."""
    branches: list[list[Turn]] = field(default_factory=list)
    """What the conversation was before it was carried on from an earlier turn; the newest last."""
    live: list[LiveRun] = field(default_factory=list)
    conversation: str = field(default_factory=new_run_id)
    """What the history calls it."""
    catalog: Catalog | None = None
    """What can be asked; None until it is read."""
    budget: Budget | None = None
    blind: Blind = field(default_factory=Blind)
    _settled_usd: float = 0.0
    """Of runs that are over."""

    @property
    def turn(self) -> Turn | None:
        return self.turns[-1] if self.turns else None

    @property
    def system(self) -> str | None:
        return self.profile.system

    @system.setter
    def system(self, text: str | None) -> None:
        self.profile = self.profile.laid_under({"system": text})

    def profile_of(self, name: str) -> Profile:
        """How a lane is asked."""
        return self.profile.laid_under(self.overrides.get(name, {}))

    def parameters(self, name: str, profile: Profile | None) -> None:
        """This lane's own profile; None lets it go with all lanes again."""
        own = profile.differing_fields(self.profile) if profile is not None else {}
        self.overrides.pop(name, None)
        if own:
            self.overrides[name] = own

    @property
    def busy(self) -> bool:
        return bool(self.live)

    @property
    def shown_turns(self) -> list[Turn]:
        """Earlier answers would tell who is who while names are hidden."""
        return self.turns[-1:] if self.blind.hidden else self.turns

    @property
    def asked(self) -> list[str]:
        """The lanes that are not muted."""
        return [name for name in self.lanes if name not in self.muted]

    def ask(self, prompt: str, draft: str = "", names: Iterable[str] | None = None) -> LiveRun:
        """Begins a turn with every lane that is not muted, or with those named. Raises ProfileError."""
        turn = Turn(prompt, draft=draft)
        asked = self.asked if names is None else [*names]
        run = self._run(prompt, {name: self._messages(name, prompt, self.turns) for name in asked})
        self.turns.append(turn)
        turn.carry(run, asked)
        return run

    def ask_again(self, names: Iterable[str]) -> LiveRun | None:
        """Repeats the last prompt for these lanes; None when there is nothing to repeat."""
        turn = self.turn
        lanes = {name: self.lanes[name] for name in names if name in self.lanes}
        if turn is None or not lanes:
            return None
        before = self.turns[:-1]
        kept = turn.unanswered(lanes)
        run = self._run(
            turn.prompt,
            {
                name: (
                    *self._messages(name, turn.prompt, before),
                    *(kept[name].exchange if name in kept else ()),
                )
                for name in lanes
            },
        )
        earlier = {name: turn.said(name) for name in lanes}
        turn.carry(run, lanes)
        for name, said in earlier.items():
            part = turn.part(name)
            part.replaced = said or part.replaced
            if name in kept:
                part.exchange, part.called = kept[name].exchange, kept[name].called
        return run

    def go_on(self, name: str) -> LiveRun | None:
        """Carries on with a lane's last answer where it stopped; None when there is no text to go on from."""
        turn = self.turn
        said = turn.said(name) if turn is not None and name in self.lanes else None
        if turn is None or said is None:
            return None
        talk = (
            *self._messages(name, turn.prompt, self.turns[:-1]),
            *turn.part(name).exchange,
            Message("assistant", said.text, said.reasoning),
            Message("user", GO_ON),
        )
        run = self._run(turn.prompt, {name: talk})
        part = turn.part(name)
        part.heard, part.begun, part.run = None, said.text, run
        return run

    def answer_calls(self, name: str, results: Sequence[str]) -> LiveRun | None:
        """Gives a lane the results of its open calls, in their order; None when it has none."""
        turn = self.turn
        calls = turn.open_calls(name) if turn is not None and name in self.lanes else []
        if turn is None or not calls or (state := turn.lane(name)) is None:
            return None
        part = turn.part(name)
        exchange = (*part.exchange, *exchanged(state, results))
        called = (*part.called, state)
        talk = (*self._messages(name, turn.prompt, self.turns[:-1]), *exchange)
        asked = self.profile_of(name).laid_under({"tools": None})
        lane = asked.lane(name, self.lanes[name], talk, self.params)
        lane = replace(lane, tools=state.info.tools, builtin_tools=state.info.builtin_tools)
        run = self._begin(turn.prompt, lane)
        turn.carry(run, [name])
        part = turn.part(name)
        part.exchange, part.called = exchange, called
        return run

    def adopt(self, name: str) -> Said | None:
        """Every lane goes on with this lane's last answer; None when it has none."""
        turn = self.turn
        said = turn.said(name) if turn else None
        if turn is not None and said is not None:
            for other in self.lanes:
                if other != name:
                    part = turn.part(other)
                    part.heard, part.exchange = said, ()
        return said

    def fork_lane(self, name: str) -> str:
        """The name of a new lane that is asked as this one is, and has its conversation so far."""
        base, number = name.partition("#")[0], 2
        while (fork := f"{base}#{number}") in self.lanes:
            number += 1
        for turn in self.turns:
            if said := turn.said(name):
                part = turn.part(fork)
                part.heard, part.exchange = said, turn.part(name).exchange
        if own := self.overrides.get(name):
            self.overrides[fork] = {**own}
        if dropped := self.dropped.get(name):
            self.dropped[fork] = dropped
        return fork

    def go_back(self, position: int) -> None:
        """The conversation is the turns before this one again; what is left behind stays a branch."""
        if self.turns[position:]:
            self.branches.append([*self.turns])
        self.dropped.clear()
        del self.turns[position:]

    def take_branch(self, number: int) -> None:
        """Goes on with a branch in the place of what is there, which becomes one."""
        here, self.turns = self.turns, self.branches.pop(number)
        self.dropped.clear()
        if here != self.turns[: len(here)]:
            self.branches.append(here)

    def end(self, run: LiveRun) -> None:
        """The engine is through with a run."""
        if run in self.live:
            self.live.remove(run)
            self._settled_usd += _cost([run])

    def forget(self) -> None:
        """A fresh conversation: what was spent stays spent."""
        self.turns.clear()
        self.branches.clear()
        self.blind.forget()
        self.dropped.clear()
        self.conversation = new_run_id()

    def position_of(self, run: str) -> int | None:
        """The place in the conversation, from 0, of the turn that a run answers."""
        for position, turn in enumerate(self.turns):
            if any(live.job.run == run for live in turn.runs.values()):
                return position
        return None

    def retryable(self) -> list[str]:
        """Lanes whose last answer failed or was cut."""
        states = self.turn.states if self.turn else {}
        return [name for name, state in states.items() if state.status in ("failed", "cut")]

    def live_run(self, name: str) -> LiveRun | None:
        """The run in which this lane is still answering."""
        run = self.turn.part(name).run if self.turn else None
        state = run.lane(name) if run else None
        return run if run in self.live and (state is None or state.live) else None

    @property
    def spent_usd(self) -> float:
        """All that is known to have been spent, retries included."""
        return self._settled_usd + _cost(self.live)

    @property
    def left_usd(self) -> float | None:
        """US$ that the next prompt may cost; None without a budget."""
        return None if self.budget is None else self.budget.left(self.spent_usd)

    def spend(self, usd: float) -> None:
        """Counts what anything but a run has cost."""
        self._settled_usd += usd

    def lane_for(self, name: str, prompt: str, *, again: bool = False) -> Lane:
        """What would be sent to a lane; `again`: in the place of the last turn. Raises ProfileError."""
        talk = self._messages(name, prompt, self.turns[:-1] if again else self.turns)
        return self.profile_of(name).lane(name, self.lanes[name], talk, self.params)

    def _run(self, prompt: str, talks: dict[str, tuple[Message, ...]]) -> LiveRun:
        """Raises ProfileError for a lane whose parameters can't be sent."""
        return self._begin(
            prompt,
            *(
                self.profile_of(name).lane(name, self.lanes[name], talk, self.params)
                for name, talk in talks.items()
            ),
        )

    def _begin(self, prompt: str, *lanes: Lane) -> LiveRun:
        run = LiveRun(Job(new_run_id(), prompt, lanes))
        self.live.append(run)
        return run

    def _messages(self, name: str, prompt: str, before: Sequence[Turn]) -> tuple[Message, ...]:
        """A lane's own conversation: the turns that it answered and is still sent, then the prompt."""
        messages: list[Message] = []
        for turn in before[self.dropped.get(name, 0) :]:
            if said := turn.said(name):
                messages.append(Message("user", turn.prompt))
                messages.extend(turn.part(name).exchange)
                messages.append(Message("assistant", said.text, said.reasoning))
        return (*messages, Message("user", prompt))


def _cost(runs: Iterable[LiveRun]) -> float:
    return sum(
        cost_of(lane).usd or 0.0 for run in runs if run.player is None for lane in run.state.lanes.values()
    )
