"""The `--json` document of a run: the same for `ask`, exports and history."""

from __future__ import annotations

from typing import Literal

from osstui.events import ToolCall
from osstui.measure import metrics
from osstui.measure.cost import cost_of
from osstui.measure.lane import LaneState
from osstui.measure.run import RunState
from osstui.measure.speed import answer_basis, end_to_end_speed, output_basis, reasoning_basis
from osstui.measure.tokens import tokens_of

VERSION = 1

_EXPLAINED = {
    "connect_ms": "connection",
    "ttft_ms": "ttft",
    "ttfa_ms": "ttfa",
    "output_tps": "speed",
    "e2e_ms": "e2e",
    "cost_usd": "cost",
}


def document(run: RunState, *, unfinished: Literal["cancelled", "cut"] = "cancelled") -> dict[str, object]:
    """The run as plain data, ready for JSON: times in ms, speeds in tokens/s, money in US$, unknown is None.

    A lane that has no ending yet gets the status `unfinished` and keeps all that had arrived.
    """
    return {
        "v": VERSION,
        "run_id": run.run,
        "started_at": run.started_at,
        "prompt": run.prompt,
        "osstui": run.osstui,
        "lanes": [_lane(lane, unfinished) for lane in run.lanes.values()],
    }


def _lane(lane: LaneState, unfinished: str) -> dict[str, object]:
    info, cost = lane.info, cost_of(lane)
    return {
        "lane": info.lane,
        "provider": info.provider,
        "model": info.model,
        "model_id": info.model_id,
        "status": unfinished if lane.live else lane.status,
        "finish_reason": _finish_reason(lane),
        "text": lane.text,
        "reasoning": lane.reasoning,
        "connect_ms": metrics.connection(lane),
        "connection_reused": lane.connected.reused if lane.connected else None,
        "ttft_ms": metrics.ttft(lane),
        "ttfa_ms": metrics.ttfa(lane),
        "output_tps": output_basis(lane).speed,
        "e2e_ms": metrics.end_to_end(lane),
        "tokens": _tokens(lane),
        "chunks": lane.seen.chunks,
        "cost_usd": cost.usd,
        "cost_source": cost.source,
        "server": _server(lane),
        "attempts": lane.attempts,
        "warnings": list(lane.warnings),
        "error": _error(lane),
    } | _details(lane)


def _details(lane: LaneState) -> dict[str, object]:
    """What stands beside the fixed keys."""
    return {
        "cost_approximate": cost_of(lane).approximate,
        "tool_calls": [_call(lane, call) for call in lane.calls],
        "tool_text": lane.tool or None,
        "tool_results": [
            {"name": call.name, "arguments": call.arguments, "result": message.content}
            for message in lane.info.exchange
            if (call := message.answers) is not None
        ],
        "reasoning_tps": reasoning_basis(lane).speed,
        "answer_tps": answer_basis(lane).speed,
        "e2e_tps": end_to_end_speed(lane),
        "lost_ms": lane.lost_ns / 1e6,
        "gaps_ms": {name: metrics.gap(lane, percent) for name, percent in _GAPS},
        "http_status": lane.opened.status if lane.opened else None,
        "request_id": lane.opened.request_id if lane.opened else None,
        "model_echoed": lane.ended.model if lane.ended else None,
        "simulated": lane.info.simulated,
        "missing": _missing(lane),
    }


def _call(lane: LaneState, call: ToolCall) -> dict[str, object]:
    """`arguments` as the model wrote them; `valid` is null where no tool of the user's was offered."""
    from osstui.tools import call_problem

    problem = call_problem(call.name, call.arguments, lane.info.tools) if lane.info.tools else None
    valid = problem is None if lane.info.tools else None
    return {
        "id": call.id, "name": call.name, "arguments": call.arguments, "valid": valid, "problem": problem,
    }  # fmt: skip


_GAPS = (("median", 50), ("p95", 95), ("longest", 100))


def _finish_reason(lane: LaneState) -> str | None:
    """The proper endings; a lane that was cut, failed or cancelled has none, nor has one that ended with the
    stream's end marker alone."""
    ended = lane.ended
    return ended.reason if ended is not None and lane.status == "ok" and ended.finish_reason else None


def _tokens(lane: LaneState) -> dict[str, object]:
    tokens = tokens_of(lane)
    return {
        "input": tokens.input,
        "output": tokens.output,
        "reasoning": tokens.reasoning,
        "cached": tokens.cached,
        "source": tokens.source,
    }


def _server(lane: LaneState) -> dict[str, float | None]:
    told = lane.usage.server if lane.usage else None
    names = ("ttft_ms", "queue_ms", "output_tps", "prompt_ms", "total_ms")
    return {name: getattr(told, name, None) for name in names}


def _error(lane: LaneState) -> dict[str, object] | None:
    error = lane.error
    if error is None:
        return None
    return {
        "kind": error.kind,
        "status": error.status,
        "message": error.message,
        "retry_after_s": error.retry_after,
    }


def _missing(lane: LaneState) -> dict[str, str]:
    """Why a number is null, by its key."""
    reasons = {key: metrics.BY_KEY[name].why_missing(lane) for key, name in _EXPLAINED.items()}
    return {key: reason for key, reason in reasons.items() if reason is not None}
