"""How tools, calls and results are written, dialect by dialect, and a whole round against real servers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from osstui.engine.dialects import DIALECTS
from osstui.engine.dialects.base import Piece, Request
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.engine.sse import ServerSentEvent
from osstui.events import Ended, Started, ToolCall, Usage
from osstui.job import CallSent, Job, Lane, Message, Params, Quirks, Tool, new_run_id
from osstui.simulator.process import SimulatorProcess
from osstui.tools import call_problem
from tests.conftest import LlamaServer
from tests.engine.asking import ask, target

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOLS = (
    Tool("get_weather", "Weather now", CITY),
    Tool("now", parameters={"type": "object", "properties": {}}),
)
FIRST = CallSent("call_1", "get_weather", '{"city":"Zürich"}')
SECOND = CallSent("call_2", "now", "")
TALK = (
    Message("system", "Be brief."),
    Message("user", "What is the weather?"),
    Message("assistant", "I'll look.", "Tools help.", calls=(FIRST, SECOND)),
    Message("tool", "17.3", answers=FIRST),
    Message("tool", "noon", answers=SECOND),
)


def build(dialect: str, talk: tuple[Message, ...] = TALK, **fields: object) -> Request:
    here = target("http://localhost/v1", dialect=dialect, **fields)
    lane = Lane("a", here, talk, tools=TOOLS, builtin_tools=("browser_search",))
    return DIALECTS[dialect].build(lane)


CHAT_TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_weather", "description": "Weather now", "parameters": CITY},
    },
    {"type": "function", "function": {"name": "now", "parameters": TOOLS[1].parameters}},
]


def test_chat_completions() -> None:
    body = build("openai-chat").body
    assert body["tools"] == CHAT_TOOLS
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is the weather?"},
        {
            "role": "assistant",
            "content": "I'll look.",
            "tool_calls": [
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "get_weather", "arguments": '{"city":"Zürich"}'},
                },
                {"id": "call_2", "type": "function", "function": {"name": "now", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "17.3"},
        {"role": "tool", "tool_call_id": "call_2", "content": "noon"},
    ]


@pytest.mark.parametrize("field", ["reasoning", "reasoning_content"])
def test_chat_completions_says_null_for_no_words_and_reasoning_where_the_host_wants_it(field: str) -> None:
    talk = (Message("user", "?"), Message("assistant", "", "Tools help.", calls=(FIRST,)))
    messages = build("openai-chat", talk, quirks=Quirks(reasoning_in_history=field)).body["messages"]
    assert messages[1]["content"] is None  # type: ignore[index]
    assert messages[1][field] == "Tools help."  # type: ignore[index]


def test_responses() -> None:
    body = build("openai-responses").body
    assert body["tools"] == [
        {
            "type": "function",
            "name": "get_weather",
            "description": "Weather now",
            "parameters": CITY,
            "strict": False,
        },
        {"type": "function", "name": "now", "parameters": TOOLS[1].parameters, "strict": False},
    ]
    assert body["input"] == [
        {"type": "message", "role": "user", "content": "What is the weather?"},
        {"type": "message", "role": "assistant", "content": "I'll look."},
        {
            "type": "function_call",
            "call_id": "call_1",
            "name": "get_weather",
            "arguments": '{"city":"Zürich"}',
        },
        {"type": "function_call", "call_id": "call_2", "name": "now", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "call_1", "output": "17.3"},
        {"type": "function_call_output", "call_id": "call_2", "output": "noon"},
    ]


def test_messages() -> None:
    body = build("anthropic-messages").body
    assert body["tools"] == [
        {"name": "get_weather", "description": "Weather now", "input_schema": CITY},
        {"name": "now", "input_schema": TOOLS[1].parameters},
    ]
    assert body["messages"] == [
        {"role": "user", "content": "What is the weather?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I'll look."},
                {"type": "tool_use", "id": "call_1", "name": "get_weather", "input": {"city": "Zürich"}},
                {"type": "tool_use", "id": "call_2", "name": "now", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "17.3"},
                {"type": "tool_result", "tool_use_id": "call_2", "content": "noon"},
            ],
        },
    ]


def test_ollama() -> None:
    body = build("ollama-chat").body
    assert body["tools"] == CHAT_TOOLS
    assert body["messages"][2:] == [  # type: ignore[index]
        {
            "role": "assistant",
            "content": "I'll look.",
            "tool_calls": [
                {"function": {"name": "get_weather", "arguments": {"city": "Zürich"}}},
                {"function": {"name": "now", "arguments": {}}},
            ],
        },
        {"role": "tool", "tool_name": "get_weather", "content": "17.3"},
        {"role": "tool", "tool_name": "now", "content": "noon"},
    ]


@pytest.mark.parametrize("dialect", ["anthropic-messages", "ollama-chat"])
def test_broken_arguments_go_back_as_they_are_where_an_object_is_wanted(dialect: str) -> None:
    broken = CallSent("c", "now", '{"city": ')
    message = build(dialect, (Message("user", "?"), Message("assistant", "", calls=(broken,)))).body[
        "messages"
    ]
    assert "{'arguments': '{\"city\": '}" in str(message)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_hosts_own_tools_are_sent_where_it_has_them_and_told_where_not(dialect: str) -> None:
    has = build(dialect, builtin_tools=("browser_search", "code_interpreter"))
    sent = {"type": "browser_search"} in has.body["tools"]  # type: ignore[operator]
    assert sent is (dialect in ("openai-chat", "openai-responses"))
    assert {"type": "code_interpreter"} not in has.body["tools"], "nobody asked for it"  # type: ignore[operator]
    why = "browser_search is not sent: this wire format has no field for it"
    assert [note.message for note in has.notes] == ([] if sent else [why])
    without = build(dialect)
    assert {"type": "browser_search"} not in without.body["tools"]  # type: ignore[operator]
    assert [(note.code, note.message) for note in without.notes] == [
        ("unsent_parameter", "browser_search is not sent: this host has no such tool for this model")
    ]


def test_a_host_that_refuses_tools_is_not_sent_any_and_says_so() -> None:
    request = build("openai-chat", quirks=Quirks(rejected=("tools",)), builtin_tools=("browser_search",))
    assert "tools" not in request.body
    assert [note.message for note in request.notes] == ["tools is not sent: the host refuses it"]


HOSTS = {"groq/openai/v1": "openai-chat", "llamacpp/v1": "openai-chat", "together/v1": "openai-chat",
         "openrouter/api/v1": "openai-responses", "keeprouter/anthropic/v1": "anthropic-messages",
         "ollama/api": "ollama-chat"}  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> object:
    with SimulatorProcess(speed=20) as simulator:
        yield simulator.url


@pytest.mark.parametrize("host", HOSTS)
async def test_a_call_its_result_and_the_answer_that_uses_it(
    engine: LocalEngine, fleet: str, host: str
) -> None:
    here = target(f"{fleet}/{host}", dialect=HOSTS[host], api_key_env=())
    lane = Lane("a", here, (Message("user", "What is the weather in Oslo?"),), tools=TOOLS[:1])
    called = await ask(engine, Job(new_run_id(), "?", (lane,)))
    (call,) = called.of(ToolCall)
    assert call_problem(call.name, call.arguments, TOOLS) is None
    assert called.ended().reason == "tool_calls"
    sent = CallSent(call.id or "call_1", call.name, call.arguments)
    talk = (*lane.messages, Message("assistant", "", calls=(sent,)), Message("tool", "17.3 °C", answers=sent))
    second = Lane("a", here, talk, tools=TOOLS[:1])
    told = await ask(engine, Job(new_run_id(), "?", (second,)))
    assert told.ended().reason == "stop"
    assert "17.3 °C" in told.text()
    started = told.events[0]
    assert isinstance(started, Started)
    assert started.lanes[0].tools == TOOLS[:1]
    assert started.lanes[0].exchange == talk[1:]


@pytest.fixture
async def llama_engine(llama: LlamaServer) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(Keyring({"LLAMA_KEY": llama.key}))
    yield engine
    await engine.close()


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses", "anthropic-messages"])
async def test_a_real_server_reads_tools_calls_and_results(
    llama_engine: LocalEngine, llama: LlamaServer, dialect: str
) -> None:
    here = target(llama.base_url, api_key_env=("LLAMA_KEY",), model_id="gptoss-micro", dialect=dialect)
    read = []
    for tools, talk in (((), TALK[:2]), (TOOLS, TALK[:2]), (TOOLS, TALK)):
        lane = Lane("a", here, talk, Params(max_tokens=8, temperature=0.0), tools=tools)
        told = await ask(llama_engine, Job(new_run_id(), "?", (lane,)))
        assert isinstance(told.ending(), Ended)
        assert told.notes() == []
        read.append(told.of(Usage)[-1].input or 0)
    assert read[0] + 40 < read[1] < read[2] - 20, "the server's template has put them all into the prompt"


@pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
async def test_what_a_host_ran_itself_is_shown_and_waits_for_no_answer(
    engine: LocalEngine, fleet: str, stream: bool
) -> None:
    own = ("browser_search", "code_interpreter")
    here = target(f"{fleet}/groq/openai/v1", api_key_env=(), builtin_tools=own)
    talk = (Message("user", "Who won? [[sim: text=France]]"),)
    told = await ask(
        engine, Job(new_run_id(), "?", (Lane("a", here, talk, stream=stream, builtin_tools=own),))
    )
    assert told.text("tool") == 'browser_search {"query":"Who won?"}\ncode_interpreter {"query":"Who won?"}'
    assert told.text() == "France"
    assert told.of(ToolCall) == []
    assert told.ended().reason == "stop"


def test_a_tool_that_a_host_ran_is_told_once_although_its_output_comes_later() -> None:
    parser = DIALECTS["openai-chat"].parser()
    growing = [{"index": 0, "type": "browser.search", "arguments": ""},
               {"index": 0, "type": "browser.search", "arguments": "{}"},
               {"index": 0, "type": "browser.search", "arguments": "{}", "output": "found"},
               {"index": None, "type": 7, "arguments": []}, "odd"]  # fmt: skip
    items = [
        item
        for tool in growing
        for item in parser.event(
            ServerSentEvent("", json.dumps({"choices": [{"delta": {"executed_tools": [tool]}}]}).encode())
        )
    ]
    assert [item.text for item in items if isinstance(item, Piece)] == ["browser.search {}"]
