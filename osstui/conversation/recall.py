"""Past runs as a conversation that the panes can show and the user can carry on. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from osstui.catalog import CatalogError
from osstui.conversation.kept import read_talk
from osstui.conversation.live_run import LiveRun
from osstui.conversation.turn import Turn
from osstui.events import Ended
from osstui.job import Job, Target
from osstui.profile import Profile
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.events import LaneInfo
    from osstui.measure.run import RunState
    from osstui.store.rows import RunRow


class Recalled(NamedTuple):
    """Lanes of the past as they can be asked today."""

    lanes: dict[str, Target]
    specs: list[str]
    problems: list[str]
    """One line for each lane that can't be asked any more."""


class PastTalk(NamedTuple):
    """A conversation of the past, to be gone on with."""

    turns: list[Turn]
    lanes: list[LaneInfo]
    profile: Profile
    profiles: dict[str, Profile]
    """By lane."""
    muted: set[str]
    dropped: dict[str, int]
    problems: list[str]
    """One line for each thing that can't be asked as it was."""


def conversation_of(rows: Sequence[RunRow], states: Sequence[RunState], written: str | None) -> PastTalk:
    """The conversation as it stood with its last run; without what was written beside that, as far as the
    runs tell. `rows` and `states` are its runs, oldest first."""
    talk = read_talk(written)
    if talk is not None:
        runs = {state.run: _ended(state) for state in states}
        turns = talk.turns_with(runs)
        latest = {lane.info.lane: lane.info for turn in turns for lane in turn.states.values()}
        latest |= _forks(talk.lanes, latest)
        names = [name for name in talk.lanes if name in latest] or [*latest]
        with suppress(ValueError):
            profiles = {name: talk.profile_of(name) for name in names}
            lanes = [latest[name] for name in names]
            if lanes:
                muted = {*talk.muted}
                return PastTalk(turns, lanes, talk.profile_of(), profiles, muted, talk.dropped, [])
    turns = turns_of(zip((row.position for row in rows), states, strict=True))
    lanes = lanes_of(turns)
    problems: list[str] = []
    profiles = {lane.lane: _recorded_profile(lane, rows[-1].system, problems) for lane in lanes}
    if any(lane.tools for lane in lanes):
        problems.append("The tools of this conversation stood in a file: Ctrl+O offers them again")
    profile = next(iter(profiles.values()), Profile())
    return PastTalk(turns, lanes, profile, profiles, set(), {}, problems)


def _forks(names: Iterable[str], known: Mapping[str, LaneInfo]) -> dict[str, LaneInfo]:
    """Lanes that were forked and have not answered since: asked where the lane is whose name they bear."""
    bases = {name: known.get(name.partition("#")[0]) for name in names if name not in known}
    return {name: replace(base, lane=name) for name, base in bases.items() if base is not None}


def _recorded_profile(info: LaneInfo, system: str | None, problems: list[str]) -> Profile:
    """As far as it can be used; what can't is told in `problems`."""
    try:
        return profile_of(info, system)
    except ValueError as error:
        problems.append(f"{info.lane} is not asked with its recorded parameters any more: {error}")
        return Profile(system=system)


def _ended(state: RunState) -> LiveRun:
    _cut_what_is_open(state)
    return LiveRun(Job(state.run, state.prompt, ()), state)


def turns_of(runs: Iterable[tuple[int, RunState]]) -> list[Turn]:
    """The turns that some runs make, each with its position in the conversation; oldest first.

    A run at an earlier position repeats that turn for its lanes, or, with another prompt, takes the place of
    it and of all that followed.
    """
    turns: list[Turn] = []
    for position, state in runs:
        run = _ended(state)
        if position >= len(turns) or turns[position].prompt != state.prompt:
            turns[position:] = [Turn(state.prompt)]
            position = len(turns) - 1
        _carry(turns[position], run)
    return turns


def _carry(turn: Turn, run: LiveRun) -> None:
    """A run that goes on from tool calls has the answers that made them before it."""
    lanes = run.state.lanes
    before = {name: (*turn.part(name).called, state) for name, state in turn.states.items()}
    turn.carry(run, lanes)
    for name, lane in lanes.items():
        if lane.info.exchange:
            part = turn.part(name)
            part.exchange = lane.info.exchange
            part.called = tuple(state for state in before.get(name, ()) if state.calls)


def _cut_what_is_open(state: RunState) -> None:
    """Another program may still be writing this run: here it goes on no further."""
    for name, lane in state.lanes.items():
        if lane.live:
            stamps = (lane.t_connected, lane.t_sent, lane.t_open, lane.t_last)
            t = max(stamp for stamp in (0, *stamps) if stamp is not None)
            state.apply(Ended(state.run, name, t, "truncated"))


def lanes_of(turns: Sequence[Turn]) -> list[LaneInfo]:
    """Who answered last, in the order of their panes."""
    return [lane.info for lane in turns[-1].states.values()] if turns else []


def recalled(lanes: Iterable[LaneInfo], catalog: Catalog) -> Recalled:
    """Found by provider and model: where a lane leads is the catalog's word, never the recording's."""
    found = Recalled({}, [], [])
    for info in lanes:
        try:
            spec, target = _target(info, catalog)
        except CatalogError as error:
            found.problems.append(f"{info.lane} can't be asked any more: {visible_line(str(error), 120)}")
            continue
        found.lanes[info.lane] = target
        found.specs.append(spec)
    return found


def _target(info: LaneInfo, catalog: Catalog) -> tuple[str, Target]:
    """The lane's own name is the spec where that still means the same."""
    name = info.lane.partition("#")[0]
    try:
        target = catalog.target(name)
    except CatalogError:
        target = None
    if target is not None and (target.provider, target.model) == (info.provider, info.model):
        return name, target
    spec = f"{info.provider}:{info.model}"
    return spec, catalog.target(spec)


def profile_of(info: LaneInfo, system: str | None) -> Profile:
    """How the lane was asked, as far as the recording tells. Raises ValueError for values out of range."""
    params = info.params
    return Profile(
        system=system,
        effort=params.effort,
        temperature=params.temperature,
        top_p=params.top_p,
        max_tokens=params.max_tokens,
        seed=params.seed,
        stop=params.stop,
        builtin_tools=info.builtin_tools,
    )


def recorded_target(info: LaneInfo) -> Target:
    """What a pane shows of a lane that is only played back: nothing can be asked with it."""
    return Target(
        provider=info.provider,
        provider_name=info.provider_name,
        base_url=info.base_url,
        dialect=info.dialect,
        model=info.model,
        model_id=info.model_id,
        key_required=False,
        price=info.price,
        context=info.context,
        max_output=info.max_output,
        exact_tokenizer=info.exact_tokenizer,
        simulated=info.simulated,
    )
