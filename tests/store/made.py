"""Small runs for the store's tests: several lanes, odd characters, every kind of event."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from osstui.events import (
    AnyEvent,
    Connected,
    Delta,
    Ended,
    Failed,
    LaneInfo,
    Noted,
    Opened,
    Retried,
    Sent,
    ServerTimings,
    Started,
    Usage,
)
from osstui.job import Params, Price
from osstui.measure.run import RunState
from osstui.store.journal import read_events
from osstui.store.replay import recordings
from osstui.store.statements import Place
from osstui.store.writer import HistoryWriter

MS = 1_000_000
AT = "2026-11-21T03:00:00.123Z"
NASTY = "héllo 世界\x1b]0;t\x07 \x00\x85\u2028\u202e\r\n```\n<b>&amp;</b> [x](javascript:1) \U0001f600"


def lane(name: str, exact: bool = True) -> LaneInfo:
    return LaneInfo(
        lane=name,
        provider=name.split("#")[0],
        provider_name=name.title(),
        model="gpt-oss-120b",
        model_id="openai/gpt-oss-120b",
        dialect="openai-chat",
        base_url="https://example.test/v1",
        params=Params(effort="low"),
        price=Price(0.15, 0.6),
        context=131072,
        max_output=None,
        input_tokens=7,
        exact_tokenizer=exact,
        simulated=False,
    )


def started(
    run: str = "run1",
    prompt: str = "why?",
    lanes: Sequence[str] = ("groq",),
    at: str = AT,
) -> Started:
    return Started(run, 1, "0.1.0", at, prompt, tuple(map(lane, lanes)))


def whole_run(
    run: str = "run1",
    prompt: str = "why?",
    answer: str = NASTY,
    at: str = AT,
    lanes: Sequence[str] = ("groq", "together"),
) -> list[AnyEvent]:
    """The first lane answers `answer`; the others fail after a retry, with a piece of text."""
    first, *others = lanes
    events: list[AnyEvent] = [
        started(run, prompt, lanes, at),
        Connected(run, first, 3 * MS, 1, MS, 2 * MS, None, False),
        Sent(run, first, 10 * MS + 1, 1),
        Opened(run, first, 30 * MS, 200, "1.1", "req-1", {"limit": "9"}),
        Delta(run, first, 211_234_567, "reasoning", "hm, ", 2),
        *(Delta(run, first, (300 + 7 * n) * MS, "text", piece, 1) for n, piece in enumerate(answer)),
        Delta(run, first, 2_100_000_003, "tool", '{"a":', 3),
        Usage(run, first, 2_100_000_004, 7, len(answer) + 15, 2, 1, None, ServerTimings(queue_ms=4.9)),
        Noted(run, first, 2_100_000_004, "odd", "something odd"),
        Ended(run, first, 2_100_000_005, "stop", "stop", "gpt-oss"),
    ]
    for name in others:
        events += [
            Sent(run, name, 10 * MS, 1),
            Retried(run, name, 20 * MS, 2, 5 * MS, "rate_limit", 429, "slow down"),
            Sent(run, name, 30 * MS, 2),
            Delta(run, name, 50 * MS, "text", "partial", None),
            Failed(run, name, 60 * MS, "server", 500, "went away", 2.5),
        ]
    return events


def folded(events: Sequence[AnyEvent]) -> RunState:
    state = RunState()
    for event in events:
        state.apply(event)
    return state


def fail(message: str) -> None:
    raise AssertionError(message)


def write(path: Path, events: Sequence[AnyEvent], place: Place | None = None) -> None:
    """Through the writer, as the app does it."""
    with HistoryWriter(path, fail) as writer:
        if place is not None:
            writer.place(events[0].run, place)
        for event in events:
            writer.put(event)


def read_runs(
    lines: Iterable[bytes | str], on_problem: Callable[[str], None] | None = None
) -> list[RunState]:
    """The runs of a file of event lines, in the order they started, each folded as far as its lines go."""
    runs = []
    for events in recordings(read_events(lines, on_problem)):
        state = RunState()
        for event in events:
            state.apply(event)
        runs.append(state)
    return runs
