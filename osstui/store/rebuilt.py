"""A run out of its document alone: as far as that tells, it can be shown and gone on with.

What a document says of the stream are sums and four moments, so of the events only these come back: the
request, the first and the last piece of reasoning and of answer, the usage, the end. A number that does not
follow from them as the document has it is left unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from osstui.events import (
    AnyEvent,
    Delta,
    DeltaKind,
    Ended,
    Failed,
    LaneInfo,
    Sent,
    Started,
    ToolCall,
    Usage,
)
from osstui.job import CallSent, Message, Params
from osstui.measure.run import RunState
from osstui.measure.speed import output_basis

Document = Mapping[str, Any]
_CLOSE = 0.01
"""How far a speed may be from the document's: an estimated one rests on fractions of tokens."""


def rebuilt(document: Document) -> RunState:
    """The fold of what the document tells."""
    run, lanes = document["run_id"], document["lanes"]
    state = RunState()
    infos = tuple(map(_info, lanes))
    state.apply(Started(run, 1, document["osstui"], document["started_at"], document["prompt"], infos))
    for lane in lanes:
        for event in _best(state.run, lane, state.lanes[lane["lane"]].info):
            state.apply(event)
        state.lanes[lane["lane"]].warnings[:] = lane.get("warnings") or []
    return state


def _info(lane: Document) -> LaneInfo:
    results = lane.get("tool_results") or ()
    return LaneInfo(
        lane=lane["lane"],
        provider=lane["provider"],
        provider_name=lane["provider"],
        model=lane["model"],
        model_id=lane["model_id"],
        dialect="",
        base_url="",
        params=Params(),
        price=None,
        context=None,
        max_output=None,
        input_tokens=(lane.get("tokens") or {}).get("input"),
        exact_tokenizer=(lane.get("tokens") or {}).get("source") != "estimated",
        simulated=bool(lane.get("simulated")),
        exchange=tuple(_exchange(results)),
    )


def _exchange(results: Any) -> Iterator[Message]:
    calls = [CallSent(f"call_{at}", given["name"], given["arguments"]) for at, given in enumerate(results, 1)]
    if calls:
        yield Message("assistant", "", calls=tuple(calls))
    for call, given in zip(calls, results, strict=True):
        yield Message("tool", given["result"], answers=call)


def _best(run: str, lane: Document, info: LaneInfo) -> list[AnyEvent]:
    """With the speed of the document if its pieces can be given so many tokens, else with none."""
    told = lane.get("output_tps")
    for wanted, reasoning in ((told, True), (told, False), (None, True)):
        events = [*_events(run, lane, wanted, with_reasoning=reasoning)]
        state = RunState()
        state.apply(Started(run, 1, "", "", "", (info,)))
        for event in events:
            state.apply(event)
        speed = output_basis(state.lanes[info.lane]).speed
        if speed == told or (speed and told and abs(speed / told - 1) < _CLOSE):
            break
    return events


def _events(run: str, lane: Document, speed: float | None, *, with_reasoning: bool) -> Iterator[AnyEvent]:
    name, tokens = lane["lane"], lane.get("tokens") or {}
    first, last = _ns(lane.get("ttft_ms")), _ns(lane.get("e2e_ms"))
    pieces = [*_pieces(lane, first or 0, last if last is not None else first or 0)]
    if first is not None or (tokens.get("input") is not None and not pieces):
        yield Sent(run, name, 0, lane.get("attempts") or 1)
    counts = _counts(pieces, tokens, speed)
    for (kind, text, t), count in zip(pieces, counts, strict=True):
        yield Delta(run, name, t, kind, text, count)
    end = pieces[-1][2] if pieces else last or 0
    for index, call in enumerate(lane.get("tool_calls") or ()):
        yield ToolCall(run, name, end, index, call.get("id"), call["name"], call["arguments"])
    reported = tokens.get("source") == "reported"
    if reported or lane.get("cost_usd") is not None:
        yield Usage(
            run, name, end, tokens.get("input"),
            tokens.get("output") if reported else None,
            tokens.get("reasoning") if reported and with_reasoning else None,
            tokens.get("cached"), lane.get("cost_usd"),
        )  # fmt: skip
    yield _ending(run, lane, end)


def _pieces(lane: Document, first: int, last: int) -> Iterator[tuple[DeltaKind, str, int]]:
    """The beginning of each text when it came, the rest when the next one began, or at the end."""
    answer = _ns(lane.get("ttfa_ms"))
    answer = first if answer is None else answer
    texts: list[tuple[DeltaKind, str, int]] = [
        ("reasoning", lane.get("reasoning") or "", first),
        ("text", lane.get("text") or "", answer),
        ("tool", lane.get("tool_text") or "", last),
    ]
    there = [(kind, text, min(t, last)) for kind, text, t in texts if text]
    for (kind, text, t), (_, _, end) in pairwise([*there, ("text", "", last)]):
        yield kind, text[:1], t
        if text[1:]:
            yield kind, text[1:], end


def _counts(pieces: list[tuple[DeltaKind, str, int]], tokens: Document, speed: float | None) -> list[int]:
    """Tokens of each piece: of the first so many that the others make the speed. None are left without a
    count: an estimate of the text would stand for what the document says."""
    if not pieces:
        return []
    total = tokens.get("output") or 0
    after = 0 if speed is None else round(speed * (pieces[-1][2] - pieces[0][2]) / 1e9)
    counts = [0] * len(pieces)
    counts[0] = max(0, total - after)
    thought = [at for at, (kind, _, _) in enumerate(pieces) if kind == "reasoning"][-1:]
    rest = max(total, after) - counts[0]
    reasoned = min(rest, max(0, (tokens.get("reasoning") or 0) - counts[0])) if thought else 0
    for at in thought:
        counts[at] += reasoned
    counts[-1] += rest - reasoned
    return counts


def _ending(run: str, lane: Document, end: int) -> AnyEvent:
    name, error = lane["lane"], lane.get("error")
    if lane["status"] == "failed" and error is not None:
        return Failed(
            run, name, end, error.get("kind") or "server", error.get("status"), error.get("message") or "",
            error.get("retry_after_s"),
        )  # fmt: skip
    if lane["status"] == "ok":
        reason = lane.get("finish_reason")
        return Ended(run, name, end, reason or "stop", reason)
    if lane["status"] == "failed":
        return Failed(run, name, end, "server", None, "it failed; the document does not say why")
    return Ended(run, name, end, "cancelled" if lane["status"] == "cancelled" else "truncated")


def _ns(ms: float | None) -> int | None:
    return None if ms is None else round(ms * 1e6)
