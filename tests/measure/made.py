"""Small runs, written down as the events they are."""

from __future__ import annotations

from osstui.events import AnyEvent, Connected, Delta, Ended, LaneInfo, Sent, Started, Usage
from osstui.job import Params, Price
from osstui.measure.run import LaneState, RunState

MS = 1_000_000


def info(lane: str = "groq", **changes: object) -> LaneInfo:
    known: dict[str, object] = {
        "lane": lane,
        "provider": lane.split("#")[0],
        "provider_name": lane.title(),
        "model": "gpt-oss-120b",
        "model_id": "openai/gpt-oss-120b",
        "dialect": "openai-chat",
        "base_url": "https://example.test/v1",
        "params": Params(),
        "price": Price(0.15, 0.60),
        "context": 131072,
        "max_output": 65536,
        "input_tokens": 100,
        "exact_tokenizer": True,
        "simulated": False,
    }
    return LaneInfo(**(known | changes))  # type: ignore[arg-type]


def started(*lanes: LaneInfo) -> Started:
    return Started("r", 1, "0.1.0", "2026-11-21T03:00:00Z", "why?", lanes or (info(),))


def sent(lane: str = "groq", at: float = 10, attempt: int = 1) -> list[AnyEvent]:
    """Connected and sent at `at` ms."""
    return [
        Connected("r", lane, int(at * MS) - 1, attempt, 1 * MS, 2 * MS, 9 * MS, False),
        Sent("r", lane, int(at * MS), attempt),
    ]


def piece(at: float, n: int | None, text: str = "ab", kind: str = "text", lane: str = "groq") -> Delta:
    return Delta("r", lane, int(at * MS), kind, text, n)  # type: ignore[arg-type]


def usage(at: float, lane: str = "groq", **told: object) -> Usage:
    return Usage("r", lane, int(at * MS), **told)  # type: ignore[arg-type]


def ended(at: float, reason: str = "stop", lane: str = "groq") -> Ended:
    word = reason if reason not in ("truncated", "cancelled") else None
    return Ended("r", lane, int(at * MS), reason, word)  # type: ignore[arg-type]


def fold(events: list[AnyEvent], *lanes: LaneInfo) -> RunState:
    run = RunState()
    for event in [started(*lanes), *events]:
        run.apply(event)
    return run


def lane_of(events: list[AnyEvent], **changes: object) -> LaneState:
    return fold(events, info(**changes)).lanes["groq"]


def answer(**told: object) -> list[AnyEvent]:
    """Sent at 10 ms; reasoning at 210, 260 ms, answer at 310, 360, 460 ms, three tokens each; then usage."""
    return [
        *sent(),
        piece(210, 3, "hm ", "reasoning"),
        piece(260, 3, "so ", "reasoning"),
        piece(310, 3, "Yes"),
        piece(360, 3, ", y"),
        piece(460, 3, "es."),
        usage(470, **(told or {"input": 100, "output": 25, "reasoning": 6})),
        ended(480),
    ]
