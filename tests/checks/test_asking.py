"""What the engine does for checks: bodies laid over, whole tool calls, errors as sent, a look at a host."""

from __future__ import annotations

import pytest

from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host
from osstui.checks.observe import lane_of, request_of
from osstui.engine.api import HostFacts
from osstui.engine.client import EngineProcess
from osstui.engine.dialects.tool_text import ToolText
from osstui.engine.local import LocalEngine
from osstui.events import Ended, Failed, decode
from tests.checks.hosts import KEY, check, target


def host(**fields: object) -> Host:
    return Host("here", target("http://127.0.0.1:9", **fields), HostFacts(provider="here"))


async def asked(engine: LocalEngine, fleet: str, sim: str, row: str) -> list[Observation]:
    battery = await check(engine, {"a": target(fleet, sim)}, [row])
    seen = battery.reports["a"].host
    assert seen is not None
    return seen.seen


def test_fields_laid_over_a_body_win_and_null_takes_one_away() -> None:
    lane = lane_of(host(), probe("hi", body={"temperature": -1.0, "max_tokens": None}, temperature=0.5))
    body = request_of(lane)
    assert body["temperature"] == -1.0
    assert "max_tokens" not in body


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses", "anthropic-messages", "ollama-chat"])
def test_a_probe_without_streaming_says_so_in_every_dialect(dialect: str) -> None:
    body = request_of(lane_of(host(dialect=dialect), probe("hi", stream=False)))
    assert body["stream"] is False
    assert "stream_options" not in body


def test_a_model_that_knows_no_effort_is_not_sent_one() -> None:
    other = host(model="llama-3.3-70b", exact_tokenizer=False)
    assert "reasoning_effort" not in request_of(lane_of(other, probe("hi")))
    assert request_of(lane_of(host(), probe("hi")))["reasoning_effort"] == "low"


def test_pieces_of_two_calls_that_come_in_turns_are_put_together() -> None:
    tools = ToolText()
    told = [
        *tools.call("first", '{"a"', index=0, id="c0"),
        *tools.call("second", '{"b"', index=1, id="c1"),
        *tools.call(None, ": 1}", index=0),
        *tools.call(None, ": 2}", index=1),
    ]
    calls = [(call.index, call.id, call.name, call.arguments) for call in tools.finished()]
    assert calls == [(0, "c0", "first", '{"a": 1}'), (1, "c1", "second", '{"b": 2}')]
    assert tools.finished() == []
    assert "".join(piece.text for piece in told).startswith('first {"a"\nsecond ')


def test_a_piece_that_belongs_to_no_call_is_shown_and_kept_nowhere() -> None:
    tools = ToolText()
    assert [piece.text for piece in tools.call(None, "{}")] == ["{}"]
    assert tools.finished() == []


@pytest.mark.parametrize("form", ["tools_whole", "tools_pieces"])
async def test_a_tool_call_is_told_whole_whatever_it_came_in(
    engine: LocalEngine, fleet: str, form: str
) -> None:
    (seen,) = await asked(engine, fleet, form, "parallel-tools")
    (call,) = seen.calls
    assert (call.name, call.arguments) == ("get_weather", seen.lane.tool.removeprefix("get_weather "))
    assert call.id is not None


async def test_an_error_is_kept_as_it_came_and_a_wrong_key_is_nobodys(
    engine: LocalEngine, fleet: str
) -> None:
    (seen,) = await asked(engine, fleet, "", "wrong-key")
    assert seen.lane.error is not None
    assert seen.lane.error.status == 401
    assert '"message":"Invalid API Key"' in (seen.lane.error.body or "")
    assert KEY not in str(seen.lane.error)


async def test_the_end_tells_what_the_answers_form_showed(engine: LocalEngine, fleet: str) -> None:
    (marked,) = await asked(engine, fleet, "", "ending")
    (bare,) = await asked(engine, fleet, "no_done", "ending")
    tagged, _ = await asked(engine, fleet, "think_tags", "reasoning")
    assert marked.lane.ended is not None
    assert bare.lane.ended is not None
    assert tagged.lane.ended is not None
    assert marked.lane.ended.traits == {"end_marker": "yes"}
    assert bare.lane.ended.traits == {"end_marker": "no"}
    assert tagged.lane.ended.traits["reasoning"] == "tags"


def test_lines_of_an_earlier_version_still_decode() -> None:
    ended = decode('{"event":"ended","run":"r","lane":"a","t":1,"reason":"stop"}')
    failed = decode('{"event":"failed","run":"r","lane":"a","t":1,"kind":"auth","status":401,"message":"no"}')
    assert isinstance(ended, Ended)
    assert ended.traits == {}
    assert isinstance(failed, Failed)
    assert failed.body is None


async def test_a_host_is_looked_at_in_process_and_behind_the_pipe(
    engine: LocalEngine, fleet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHECKED_KEY", KEY)
    behind = EngineProcess()
    try:
        here, there = await engine.inspect(target(fleet)), await behind.inspect(target(fleet))
    finally:
        await behind.close()
    for facts in (here, there):
        assert (facts.address, facts.models_status, facts.tls_version) == ("127.0.0.1", 200, None)
        assert "openai/gpt-oss-120b" in facts.models
        assert facts.connect_ns
    nobody = await engine.inspect(target("http://127.0.0.1:9"))
    assert (nobody.error_kind, nobody.models_status) == ("connect", None)
