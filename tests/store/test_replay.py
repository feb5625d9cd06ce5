"""A replay is the same run: same events, same numbers, its own pace or another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from statistics import median

import pytest

from osstui.engine.api import Engine
from osstui.events import AnyEvent, Delta, Ended
from osstui.measure.document import document
from osstui.store.replay import AT_ONCE, ReplayEngine, recordings
from tests.store.made import MS, folded, started, whole_run


async def played(engine: ReplayEngine) -> list[AnyEvent]:
    return [event async for event in engine.run()]


async def test_at_once_every_event_comes_as_it_was() -> None:
    assert await played(ReplayEngine(whole_run(), AT_ONCE)) == whole_run()


async def test_the_numbers_do_not_depend_on_the_speed() -> None:
    events = whole_run()
    fast = folded(await played(ReplayEngine(events, 50)))
    assert document(fast) == document(folded(events))


async def test_events_come_when_their_stamps_say() -> None:
    """Never before; and soon after, in one of several tries, since the machine may be busy."""
    pieces = [Delta("run1", "groq", at * 40 * MS, "text", "x", 1) for at in range(1, 6)]
    events = [started(), *pieces, Ended("run1", "groq", 200 * MS, "stop")]

    async def lateness() -> float:
        begun = time.monotonic()
        late = [
            time.monotonic() - begun - event.t / 2e9
            async for event in ReplayEngine(events, speed=2).run()
            if isinstance(event, Delta)
        ]
        assert min(late) >= -0.003
        return median(late)

    for _ in range(20):
        if (late := await lateness()) < 0.02:
            break
    assert late < 0.02


async def test_lanes_can_be_cancelled_one_by_one() -> None:
    events = [
        started(lanes=["a", "b"]),
        Delta("run1", "a", MS, "text", "one", 1),
        Delta("run1", "b", MS, "text", "two", 1),
        Delta("run1", "b", 20 * MS, "text", "three", 1),
        Delta("run1", "a", 3600_000 * MS, "text", "never", 1),
        Ended("run1", "b", 3600_030 * MS, "stop"),
    ]
    engine = ReplayEngine(events)
    heard = []

    async def listen() -> None:
        async for event in engine.run():
            heard.append(event)
            if isinstance(event, Delta) and event.text == "three":
                engine.cancel("run1", "a")
            if isinstance(event, Ended):
                engine.cancel("run1", "b")

    await asyncio.wait_for(listen(), 10)
    state = folded(heard)
    assert {name: (lane.status, lane.text) for name, lane in state.lanes.items()} == {
        "a": ("cancelled", "one"),
        "b": ("cancelled", "twothree"),
    }


async def test_cancelling_everything_ends_the_wait() -> None:
    engine = ReplayEngine([started(), Delta("run1", "groq", 3600_000 * MS, "text", "never", 1)])
    waiting = asyncio.create_task(played(engine))
    await asyncio.sleep(0)
    engine.cancel("run1")
    heard = await asyncio.wait_for(waiting, 10)
    assert heard[1:] == [Ended("run1", "groq", 0, "cancelled")]


async def test_lanes_without_an_ending_are_cut() -> None:
    heard = await played(ReplayEngine(whole_run()[:-1], AT_ONCE))
    assert heard[-1] == Ended("run1", "together", 50 * MS, "truncated")


def test_a_file_of_several_runs_falls_apart_into_them() -> None:
    one, two = whole_run("one"), whole_run("two")
    assert [*recordings([two[3], one[0], two[0], *one[1:], *two[1:]])] == [one, two]
    assert [*recordings([one[0], *two, *one[1:], *two])] == [one, two]
    assert [*recordings([*one[:-1], *two])] == [one[:-1], two]


def test_a_file_is_read_no_further_than_the_run_that_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def file() -> Iterator[AnyEvent]:
        for run in map(str, range(100)):
            read.append(run)
            yield from whole_run(run)[: -1 if run == "3" else None]

    runs = recordings(file())
    assert [next(runs)[0].run for _ in range(3)] == ["0", "1", "2"]
    assert read == ["0", "1", "2"]
    monkeypatch.setattr("osstui.store.replay.MOST_HELD", 5 * len(whole_run()))
    assert next(runs)[0].run == "4"
    assert read[-1] == "9", "no longer waiting for one that never ends"
    assert [run[0].run for run in runs][-1] == "3"


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_must_be_above_nothing(speed: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        ReplayEngine(whole_run(), speed)


def test_a_recording_begins_with_a_start() -> None:
    with pytest.raises(ValueError, match="does not begin"):
        ReplayEngine(whole_run()[1:])


def test_a_replay_is_an_engine() -> None:
    engine: Engine = ReplayEngine(whole_run())
    assert engine
