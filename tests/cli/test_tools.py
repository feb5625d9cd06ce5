"""Tools on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osstui.events import ToolCall, decode

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.fixture
def tools(tmp_path: Path) -> str:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{"name": "get_weather", "description": "Weather now", "parameters": CITY}]))
    return str(path)


QUESTION = "What is the weather in Oslo? [[sim: reasoning=5]]"


def test_a_call_is_in_the_document_with_its_verdict(ask, tools: str) -> None:
    outcome = ask(QUESTION, "-p", "groq", "--tools", tools, "--json")
    assert outcome.code == 0
    lane = outcome.lanes["groq"]
    assert (lane["status"], lane["finish_reason"], lane["text"]) == ("ok", "tool_calls", "")
    (call,) = lane["tool_calls"]
    assert call.pop("id").startswith("call_")
    assert call == {"name": "get_weather", "arguments": '{"city":"Oslo"}', "valid": True, "problem": None}


def test_broken_arguments_are_told_in_the_document_and_to_people(ask, tools: str) -> None:
    broken = f"{QUESTION[:-2]};bad_tools]]"
    (call,) = ask(broken, "-p", "groq", "--tools", tools, "--json").lanes["groq"]["tool_calls"]
    assert call["valid"] is False
    assert call["problem"].startswith("InvalidJson")
    out = ask(broken, "-p", "groq", "--tools", tools).out
    assert f"(tool call) get_weather {call['arguments']}\n✗ InvalidJson: " in out


def test_people_read_the_call_and_that_it_fits(ask, tools: str) -> None:
    out = ask(QUESTION, "-p", "groq,together", "--tools", tools).out
    assert out.count('(tool call) get_weather {"city":"Oslo"}\n✓ fits its schema\n') == 2


def test_a_recorded_call_is_the_same_when_it_is_played_again(ask, cli, tools: str, tmp_path: Path) -> None:
    record = tmp_path / "run.jsonl"
    outcome = ask(QUESTION, "-p", "groq", "--tools", tools, "--json", "--record", str(record))
    assert any(isinstance(decode(line), ToolCall) for line in record.read_text().splitlines())
    assert cli("replay", str(record), "--json").document == outcome.document


def test_a_host_s_own_tool_that_this_one_has_not_is_told(ask) -> None:
    outcome = ask("hi [[sim: tokens=9]]", "-p", "groq", "--builtin-tool", "browser_search")
    assert outcome.code == 0
    assert "groq: browser_search is not sent: this host has no such tool for this model" in outcome.err


def test_the_shipped_catalog_knows_the_tools_of_groq(cli) -> None:
    outcome = cli("ask", "--demo", "-p", "groq", "--builtin-tool", "browser_search", "hi [[sim: tokens=9]]")
    assert outcome.code == 0
    assert "is not sent" not in outcome.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--tools", "nowhere.json"], "the tools file nowhere.json can't be read: No such file"),
        (["--builtin-tool", "web search"], "builtin_tools must be names such as browser_search"),
    ],
)
def test_what_can_t_be_offered_is_wrong_usage(ask, arguments: list[str], told: str) -> None:
    outcome = ask("hi", "-p", "groq", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert told in outcome.err
