import json

import pytest
from made import MS, answer, ended, fold, info, piece, sent

from osstui.events import Ended, Failed, ServerTimings, ToolCall
from osstui.job import CallSent, Message, Tool
from osstui.measure.document import document

FIXED = [
    "lane", "provider", "model", "model_id", "status", "finish_reason", "text", "reasoning", "connect_ms",
    "connection_reused", "ttft_ms", "ttfa_ms", "output_tps", "e2e_ms", "tokens", "chunks", "cost_usd",
    "cost_source", "server", "attempts", "warnings", "error",
]  # fmt: skip


def lane_of(events: list, **changes: object) -> dict:
    return document(fold(events, info(**changes)))["lanes"][0]  # type: ignore[index]


def test_the_document_of_a_whole_answer() -> None:
    told = {"input": 100, "output": 25, "reasoning": 6, "cached": 0, "server": ServerTimings(queue_ms=4.9)}
    whole = document(fold(answer(**told)))
    assert list(whole) == ["v", "run_id", "started_at", "prompt", "osstui", "lanes"]
    assert [whole[key] for key in ("v", "run_id", "started_at", "prompt", "osstui")] == [
        1, "r", "2026-11-21T03:00:00Z", "why?", "0.1.0",
    ]  # fmt: skip
    lane = whole["lanes"][0]  # type: ignore[index]
    assert list(lane)[: len(FIXED)] == FIXED
    assert {key: lane[key] for key in FIXED} == {
        "lane": "groq",
        "provider": "groq",
        "model": "gpt-oss-120b",
        "model_id": "openai/gpt-oss-120b",
        "status": "ok",
        "finish_reason": "stop",
        "text": "Yes, yes.",
        "reasoning": "hm so ",
        "connect_ms": 12.0,
        "connection_reused": False,
        "ttft_ms": 200.0,
        "ttfa_ms": 300.0,
        "output_tps": pytest.approx(48.0),
        "e2e_ms": 450.0,
        "tokens": {"input": 100, "output": 25, "reasoning": 6, "cached": 0, "source": "reported"},
        "chunks": 5,
        "cost_usd": pytest.approx(0.00003),
        "cost_source": "catalog",
        "server": {"ttft_ms": None, "queue_ms": 4.9, "output_tps": None, "prompt_ms": None, "total_ms": None},
        "attempts": 1,
        "warnings": [],
        "error": None,
    }


def test_a_cost_that_no_report_has_settled_is_marked() -> None:
    told = ({"output": 25}, {"input": 100}, {"input": 100, "output": 25}, {"cost_usd": 0.5})
    assert [lane_of(answer(**usage))["cost_approximate"] for usage in told] == [True, True, False, False]


def test_it_is_plain_json() -> None:
    assert json.loads(json.dumps(document(fold(answer())), allow_nan=False))["v"] == 1


def test_a_failed_lane_keeps_its_text_and_names_its_error() -> None:
    lane = lane_of([*answer()[:6], Failed("r", "groq", 400 * MS, "rate_limit", 429, "slow down", 2.0)])
    assert (lane["status"], lane["finish_reason"], lane["text"]) == ("failed", None, "Yes, y")
    assert lane["error"] == {
        "kind": "rate_limit",
        "status": 429,
        "message": "slow down",
        "retry_after_s": 2.0,
    }


@pytest.mark.parametrize(("reason", "status"), [("truncated", "cut"), ("cancelled", "cancelled")])
def test_an_answer_without_a_proper_end_has_no_finish_reason(reason: str, status: str) -> None:
    lane = lane_of([*answer()[:6], ended(400, reason)])
    assert (lane["status"], lane["finish_reason"], lane["text"]) == (status, None, "Yes, y")


@pytest.mark.parametrize("reason", ["stop", "length", "tool_calls", "content_filter"])
def test_proper_endings_are_ok_and_say_which(reason: str) -> None:
    lane = lane_of([*answer()[:6], ended(400, reason)])
    assert (lane["status"], lane["finish_reason"]) == ("ok", reason)


def test_an_unfinished_lane_is_cancelled_with_what_had_arrived() -> None:
    lane = lane_of(answer()[:6])
    assert (lane["status"], lane["text"], lane["tokens"]["output"]) == ("cancelled", "Yes, y", 12)


def test_history_may_call_an_unfinished_lane_cut() -> None:
    assert document(fold(answer()[:6]), unfinished="cut")["lanes"][0]["status"] == "cut"  # type: ignore[index]


def test_unknown_numbers_are_null_and_say_why() -> None:
    lane = lane_of([Failed("r", "groq", 5, "no_key", None, "no key")])
    nulls = ("connect_ms", "ttft_ms", "ttfa_ms", "output_tps", "e2e_ms", "cost_usd", "cost_source")
    assert all(lane[key] is None for key in nulls)
    assert lane["missing"]["cost_usd"] == "nothing was sent"
    assert lane["missing"]["ttft_ms"] == "failed before the first token"
    assert lane["error"]["retry_after_s"] is None


def test_tool_calls_stay_in_the_document() -> None:
    assert lane_of([*sent(), piece(20, 2, 'f {"a":1}', "tool")])["tool_text"] == 'f {"a":1}'


def test_a_whole_call_says_whether_it_fits_where_tools_were_offered() -> None:
    call = ToolCall("r", "groq", 30, 0, "c1", "f", '{"a":1}')
    told = {"id": "c1", "name": "f", "arguments": '{"a":1}'}
    assert lane_of([*sent(), call])["tool_calls"] == [told | {"valid": None, "problem": None}]
    for form, problem in (("integer", None), ("string", "SchemaMismatch: $.a: 1 is not of type 'string'")):
        tool = Tool("f", "", {"type": "object", "properties": {"a": {"type": form}}})
        told |= {"valid": problem is None, "problem": problem}
        assert lane_of([*sent(), call], tools=(tool,))["tool_calls"] == [told]


def test_an_end_that_no_finish_reason_told_has_none() -> None:
    lane = lane_of([*answer()[:6], Ended("r", "groq", 400 * MS, "stop")])
    assert (lane["status"], lane["finish_reason"]) == ("ok", None)


def test_what_an_answer_goes_on_from_is_in_its_document() -> None:
    call = CallSent("c1", "f", "{}")
    exchange = (Message("assistant", "", calls=(call,)), Message("tool", "17", answers=call))
    told = lane_of(answer(), exchange=exchange)["tool_results"]
    assert told == [{"name": "f", "arguments": "{}", "result": "17"}]
