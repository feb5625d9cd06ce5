"""A sitting at the app: who is asked, what was asked, how each run stands. The one truth of the screens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from osstui import __version__
from osstui.events import FORMAT, AnyEvent, Ended, Failed, FailureKind, LaneEvent, LaneInfo, Started
from osstui.job import Job, Message, Params, Target, new_run_id
from osstui.measure.cost import cost_of
from osstui.measure.run import LaneState, RunState
from osstui.profile import Profile


@dataclass(slots=True, eq=False)
class LiveRun:
    """A job that was handed to the engine, and its fold."""

    job: Job
    state: RunState = field(default_factory=RunState)
    _origin: int = field(default_factory=time.monotonic_ns)

    def apply(self, event: AnyEvent) -> None:
        self.state.apply(event)
        if isinstance(event, LaneEvent):
            self._origin = min(self._origin, time.monotonic_ns() - event.t)

    @property
    def now(self) -> int:
        """ns since the job started, as near as the screen can tell: for running clocks only."""
        return time.monotonic_ns() - self._origin

    @property
    def done(self) -> bool:
        return self.state.done

    def lane(self, name: str) -> LaneState | None:
        """None until the run has started."""
        return self.state.lanes.get(name)

    def fail_rest(self, kind: FailureKind, message: str) -> list[AnyEvent]:
        """Every lane without an ending gets this one: for an engine that went away, or never began.

        Returns the events that it took for that.
        """
        return self._end_rest(lambda name: Failed(self.job.run, name, self.now, kind, None, message))

    def cancel_rest(self) -> list[AnyEvent]:
        """Every lane without an ending is cancelled: for an app that closes. Returns the events, too."""
        return self._end_rest(lambda name: Ended(self.job.run, name, self.now, "cancelled"))

    def _end_rest(self, ending: Callable[[str], Ended | Failed]) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        if not self.state.run:
            events.append(self._started())
            self.state.apply(events[0])
        events += [ending(name) for name, lane in self.state.lanes.items() if lane.live]
        for event in events:
            if not isinstance(event, Started):
                self.state.apply(event)
        return events

    def _started(self) -> Started:
        infos = tuple(LaneInfo.of(lane) for lane in self.job.lanes)
        began = datetime.now(UTC).isoformat(timespec="seconds")
        return Started(self.job.run, FORMAT, __version__, began, self.job.prompt, infos)


@dataclass(slots=True, eq=False)
class Turn:
    """One prompt and, for each lane, the run that answers it: a retry takes the place of what it retries."""

    prompt: str
    runs: dict[str, LiveRun] = field(default_factory=dict)

    def lane(self, name: str) -> LaneState | None:
        run = self.runs.get(name)
        return run.lane(name) if run else None

    @property
    def states(self) -> dict[str, LaneState]:
        return {name: state for name, run in self.runs.items() if (state := run.lane(name)) is not None}


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
    live: list[LiveRun] = field(default_factory=list)
    conversation: str = field(default_factory=new_run_id)
    """What the history calls it."""
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

    def ask(self, prompt: str) -> LiveRun:
        """Begins a turn with every lane."""
        turn = Turn(prompt)
        run = self._run(prompt, self.lanes, self.turns)
        self.turns.append(turn)
        turn.runs = dict.fromkeys(self.lanes, run)
        return run

    def ask_again(self, names: Iterable[str]) -> LiveRun | None:
        """Repeats the last prompt for these lanes; None when there is nothing to repeat."""
        turn = self.turn
        lanes = {name: self.lanes[name] for name in names if name in self.lanes}
        if turn is None or not lanes:
            return None
        run = self._run(turn.prompt, lanes, self.turns[:-1])
        turn.runs.update(dict.fromkeys(lanes, run))
        return run

    def end(self, run: LiveRun) -> None:
        """The engine is through with a run."""
        if run in self.live:
            self.live.remove(run)
            self._settled_usd += _cost([run])

    def forget(self) -> None:
        """A fresh conversation: what was spent stays spent."""
        self.turns.clear()
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
        run = self.turn.runs.get(name) if self.turn else None
        state = run.lane(name) if run else None
        return run if run in self.live and (state is None or state.live) else None

    @property
    def spent_usd(self) -> float:
        """All that is known to have been spent, retries included."""
        return self._settled_usd + _cost(self.live)

    def _run(self, prompt: str, lanes: dict[str, Target], before: Sequence[Turn]) -> LiveRun:
        job = Job(
            new_run_id(),
            prompt,
            tuple(
                self.profile_of(name).lane(name, target, self._messages(name, prompt, before), self.params)
                for name, target in lanes.items()
            ),
        )
        run = LiveRun(job)
        self.live.append(run)
        return run

    def _messages(self, name: str, prompt: str, before: Sequence[Turn]) -> tuple[Message, ...]:
        """A lane's own conversation: the turns that it answered, then the prompt."""
        messages: list[Message] = []
        for turn in before:
            state = turn.lane(name)
            if state is not None and (answer := state.text):
                messages.append(Message("user", turn.prompt))
                messages.append(Message("assistant", answer, state.reasoning or None))
        return (*messages, Message("user", prompt))


def _cost(runs: Iterable[LiveRun]) -> float:
    return sum(cost_of(lane).usd or 0.0 for run in runs for lane in run.state.lanes.values())
