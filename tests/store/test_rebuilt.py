"""A run that is known by its document alone can be shown, and its numbers are the document's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from osstui.events import AnyEvent, Delta, Ended, Sent, Started, ToolCall, Usage
from osstui.job import CallSent, Message
from osstui.measure.document import document
from osstui.store.history import History
from osstui.store.importing import import_file
from osstui.store.rebuilt import rebuilt
from tests.store.made import MS, fail, folded, lane, started, whole_run

TOLD = (
    "lane", "provider", "model", "model_id", "status", "finish_reason", "text", "reasoning", "tool_text",
    "tool_calls", "tool_results", "ttft_ms", "ttfa_ms", "output_tps", "e2e_ms", "tokens", "cost_usd", "error",
    "warnings", "simulated",
)  # fmt: skip


def stream(*usage: Usage, pieces: int = 40, exact: bool = True, thinks: bool = True) -> list[AnyEvent]:
    begun = replace(started(), lanes=(lane("groq", exact),))
    kinds = ["reasoning" if thinks and at < pieces / 3 else "text" for at in range(pieces)]
    deltas = [
        Delta("run1", "groq", (200 + 7 * at) * MS + 13, kind, f"piece {at} ", 3 if exact else None)
        for at, kind in enumerate(kinds)
    ]
    return [
        begun,
        Sent("run1", "groq", 11 * MS, 1),
        *deltas,
        *usage,
        Ended("run1", "groq", 900 * MS, "stop", "stop"),
    ]


def called() -> list[AnyEvent]:
    """A lane that goes on from one tool call and makes another one."""
    call = CallSent("call_1", "weather", '{"a": 1}')
    exchange = (Message("assistant", "", calls=(call,)), Message("tool", "sunny", answers=call))
    first, *rest = whole_run()
    assert isinstance(first, Started)
    infos = tuple(replace(info, exchange=exchange) for info in first.lanes)
    return [
        replace(first, lanes=infos),
        *rest[:8],
        ToolCall("run1", "groq", 9, 0, "c2", "weather", "{}"),
        *rest[8:],
    ]


RUNS = {
    "whole, with one that failed": whole_run(),
    "cut": whole_run()[:-1],
    "of one piece": whole_run(answer="x"),
    "counted": stream(),
    "estimated": stream(exact=False),
    "reported": stream(Usage("run1", "groq", 899 * MS, 7, 131, 45)),
    "reported by one who counts otherwise": stream(Usage("run1", "groq", 899 * MS, 7, 300, 200)),
    "hidden reasoning": stream(Usage("run1", "groq", 899 * MS, 7, 400, 280), thinks=False),
    "empty": stream(pieces=0),
    "called": called(),
}


@pytest.mark.parametrize("events", RUNS.values(), ids=RUNS.keys())
def test_the_numbers_of_a_rebuilt_run_are_those_of_its_document(events: list[AnyEvent]) -> None:
    told = json.loads(json.dumps(document(folded(events), unfinished="cut")))
    state = rebuilt(told)
    again = document(state)
    assert {key: again[key] for key in told if key != "lanes"} == {
        key: told[key] for key in told if key != "lanes"
    }
    assert state.done
    for lane_again, lane_told in zip(again["lanes"], told["lanes"], strict=True):
        speeds = lane_again.pop("output_tps"), lane_told.pop("output_tps")
        close = 0.01 if lane_told["tokens"]["source"] == "estimated" else 1e-12
        assert speeds[0] == (speeds[1] and pytest.approx(speeds[1], rel=close))
        keys = [key for key in TOLD if key in lane_told]
        assert {key: lane_again[key] for key in keys} == {key: lane_told[key] for key in keys}


def test_a_speed_that_cannot_be_had_from_the_rest_is_unknown() -> None:
    told = document(folded(stream()))
    told["lanes"][0] |= {"output_tps": 5000.0, "e2e_ms": 189.0, "ttft_ms": 189.0}
    assert document(rebuilt(told))["lanes"][0]["output_tps"] is None


def test_the_least_that_a_document_may_hold_is_enough() -> None:
    names = {"lane": "a", "provider": "p", "model": "m", "model_id": "m", "text": "hello"}
    lanes = [names | {"lane": status, "status": status} for status in ("ok", "cut", "failed", "cancelled")]
    least = {"v": 1, "run_id": "r", "started_at": "", "prompt": "why", "osstui": "0", "lanes": lanes}
    state = rebuilt(least)
    assert {name: (lane.status, lane.text) for name, lane in state.lanes.items()} == {
        status: (status, "hello") for status in ("ok", "cut", "failed", "cancelled")
    }


def test_the_history_shows_an_imported_run_as_far_as_it_is_known(tmp_path: Path, history: History) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps(document(folded(whole_run()))))
    import_file(history, file, fail)
    assert history.state("last").lanes["groq"].text == folded(whole_run()).lanes["groq"].text
