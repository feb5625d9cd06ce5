"""What each wire format makes of the same wishes, and what it says of those that it can't carry."""

from __future__ import annotations

import pytest

from osstui.engine.dialects import DIALECTS
from osstui.engine.dialects.base import Call, Request
from osstui.engine.sse import ServerSentEvent
from osstui.job import Effort, Lane, Message, Params, Quirks
from tests.engine.asking import target

MESSAGES = (
    Message("system", "Be brief."),
    Message("user", "Hi"),
    Message("assistant", "Hello", reasoning="Greet."),
    Message("system", "Be kind."),
    Message("user", "Again"),
)
SPOKEN = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
    {"role": "user", "content": "Again"},
]
WISHES = Params(effort="medium", temperature=0.5, top_p=0.9, max_tokens=20_000, seed=3, stop=("END", "."))


def build(dialect: str, params: Params = WISHES, quirks: Quirks | None = None, **fields: object) -> Request:
    lane_fields = {name: fields.pop(name) for name in ("stream", "extra_body") if name in fields}
    here = target("http://localhost/v1", dialect=dialect, quirks=quirks or Quirks(), **fields)
    return DIALECTS[dialect].build(Lane("a", here, MESSAGES, params, **lane_fields))  # type: ignore[arg-type]


def notes(request: Request) -> list[tuple[str, str]]:
    """Code and first word of each note; the word is the name of the wish."""
    return [(note.code, note.message.split()[0]) for note in request.notes]


def test_messages_takes_the_system_text_apart_and_a_budget_for_the_effort() -> None:
    request = build("anthropic-messages")
    assert request.path == "/messages"
    assert request.headers == {"anthropic-version": "2023-06-01"}
    assert request.body == {
        "model": "openai/gpt-oss-120b",
        "messages": SPOKEN,
        "system": "Be brief.\n\nBe kind.",
        "stream": True,
        "max_tokens": 20_000,
        "temperature": 0.5,
        "top_p": 0.9,
        "stop_sequences": ("END", "."),
        "thinking": {"type": "enabled", "budget_tokens": 4096},
    }
    assert notes(request) == [("unsent_parameter", "seed")]


def test_responses_takes_instructions_and_keeps_nothing_at_the_host() -> None:
    request = build("openai-responses")
    assert request.path == "/responses"
    assert request.body == {
        "model": "openai/gpt-oss-120b",
        "input": [{"type": "message", **turn} for turn in SPOKEN],
        "instructions": "Be brief.\n\nBe kind.",
        "stream": True,
        "store": False,
        "max_output_tokens": 20_000,
        "reasoning": {"effort": "medium"},
        "temperature": 0.5,
        "top_p": 0.9,
    }
    assert notes(request) == [("unsent_parameter", "seed"), ("unsent_parameter", "stop")]


def test_ollama_takes_what_samples_as_options() -> None:
    request = build("ollama-chat")
    assert request.path == "/chat"
    assert request.body == {
        "model": "openai/gpt-oss-120b",
        "messages": [{"role": message.role, "content": message.content} for message in MESSAGES],
        "stream": True,
        "think": "medium",
        "options": {
            "num_predict": 20_000, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ("END", "."),
        },
    }  # fmt: skip
    assert request.notes == ()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nobody_is_told_of_wishes_that_nobody_made(dialect: str) -> None:
    request = build(dialect, Params(), Quirks(effort_form="none"))
    assert request.notes == ()
    text = str(request.body)
    assert not any(name in text for name in ("temperature", "top_p", "seed", "stop", "effort", "think"))


LIMITS = {
    "openai-chat": "max_tokens",
    "anthropic-messages": "max_tokens",
    "openai-responses": "max_output_tokens",
    "ollama-chat": "num_predict",
}


def limit_of(dialect: str, request: Request) -> object:
    options = request.body.get("options")
    return (options if isinstance(options, dict) else request.body)[LIMITS[dialect]]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("effort", "wanted", "most", "sent"),
    [
        (None, None, None, 16384),
        ("high", None, None, 32_768),
        ("high", 100, None, 100),
        (None, None, 4096, 4096),
        ("high", None, 16_384, 16_384),
    ],
)
def test_a_limit_is_always_sent_and_never_beyond_the_host_s(
    dialect: str, effort: Effort | None, wanted: int | None, most: int | None, sent: int
) -> None:
    request = build(dialect, Params(effort=effort, max_tokens=wanted), max_output=most)
    assert limit_of(dialect, request) == sent
    assert "lowered_parameter" not in [note.code for note in request.notes]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_wish_beyond_what_the_host_takes_is_lowered_and_said(dialect: str) -> None:
    params = Params(max_tokens=100_000, temperature=1.8)
    request = build(dialect, params, Quirks(max_temperature=1.0), max_output=65_536)
    assert limit_of(dialect, request) == 65_536
    assert [(note.code, note.message) for note in request.notes] == [
        ("lowered_parameter", "max_tokens 100,000 is sent as 65,536: the host takes no more"),
        ("lowered_parameter", "temperature 1.8 is sent as 1.0: the host takes no more"),
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_effort_that_the_host_takes_in_no_form_is_not_sent_and_said(dialect: str) -> None:
    request = build(dialect, Params(effort="low"), Quirks(effort_form="none"))
    assert not {"reasoning_effort", "reasoning", "think", "thinking"} & request.body.keys()
    assert notes(request) == [("unsent_parameter", "effort")]


FORMS = {
    "reasoning_effort": {"reasoning_effort": "low"},
    "reasoning.effort": {"reasoning": {"effort": "low"}},
    "chat_template_kwargs": {"chat_template_kwargs": {"reasoning_effort": "low"}},
    "thinking_budget": {"thinking_budget": 1024},
}


@pytest.mark.parametrize("form", FORMS)
def test_chat_sends_the_effort_in_the_host_s_own_form(form: str) -> None:
    request = build("openai-chat", Params(effort="low"), Quirks(effort_form=form))  # type: ignore[arg-type]
    assert FORMS[form].items() <= request.body.items()
    assert request.notes == ()


@pytest.mark.parametrize(
    ("effort", "limit", "budget"),
    [
        ("low", 2048, 1024),
        ("medium", 2048, 1024),
        ("medium", 9000, 4096),
        ("high", 9000, 4500),
        ("high", None, 16_384),
        ("low", 2047, None),
    ],
)
def test_thinking_gets_half_of_the_limit_at_most_and_none_below_1024_tokens(
    effort: Effort, limit: int | None, budget: int | None
) -> None:
    request = build("anthropic-messages", Params(effort=effort, max_tokens=limit))
    if budget is not None:
        assert request.body["thinking"] == {"type": "enabled", "budget_tokens": budget}
        assert request.notes == ()
    else:
        assert "thinking" not in request.body
        assert request.notes[0].message == (
            "effort is not sent: 1,024 tokens of thinking need a limit of 2,048, not 2,047"
        )


NAMES = {"openai-chat": "top_p", "anthropic-messages": "stop_sequences", "openai-responses": "reasoning"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_the_host_refuses_is_left_out_and_what_it_ignores_is_sent_with_a_note(dialect: str) -> None:
    refused = NAMES.get(dialect, "seed")
    quirks = Quirks(rejected=(refused, "logprobs"), ignored=("temperature", "n"))
    request = build(dialect, WISHES, quirks)
    options = request.body.get("options")
    sent = options if isinstance(options, dict) else request.body
    assert refused not in sent
    assert sent["temperature"] == 0.5
    about = [note for note in notes(request) if note[0] != "unsent_parameter"]
    assert about == [("dropped_parameter", refused), ("ignored_parameter", "temperature")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_laid_over_a_body_wins_and_null_takes_a_field_away(dialect: str) -> None:
    extra = {"service_tier": "flex", "temperature": 2, "top_p": None, "messages": None}
    request = build(dialect, Params(), Quirks(extra_body={"tier": 1}), extra_body=extra, stream=False)
    assert request.body["service_tier"] == "flex"
    assert request.body["temperature"] == 2
    assert request.body["tier"] == 1
    assert request.body["stream"] is False
    assert not {"top_p", "messages"} & request.body.keys()


@pytest.mark.parametrize(
    ("dialect", "events"),
    [
        (
            "anthropic-messages",
            (
                '{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"x","name":"a"}}',
                '{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"y","name":"b"}}',
                '{"type":"content_block_delta","index":1,"delta":{"partial_json":"[1"}}',
                '{"type":"content_block_delta","index":0,"delta":{"partial_json":"{}"}}',
                '{"type":"content_block_delta","index":1,"delta":{"partial_json":"]"}}',
                '{"type":"message_delta","delta":{"stop_reason":"tool_use"}}',
            ),
        ),
        (
            "openai-responses",
            (
                '{"type":"response.output_item.added","output_index":0,'
                '"item":{"type":"function_call","call_id":"x","name":"a"}}',
                '{"type":"response.output_item.added","output_index":1,'
                '"item":{"type":"function_call","call_id":"y","name":"b"}}',
                '{"type":"response.function_call_arguments.delta","output_index":1,"delta":"[1"}',
                '{"type":"response.function_call_arguments.delta","output_index":0,"delta":"{}"}',
                '{"type":"response.function_call_arguments.delta","output_index":1,"delta":"]"}',
                '{"type":"response.completed","response":{"status":"completed"}}',
            ),
        ),
    ],
    ids=["anthropic-messages", "openai-responses"],
)
def test_tool_calls_in_turns_come_together_by_their_index(dialect: str, events: tuple[str, ...]) -> None:
    parser = DIALECTS[dialect].parser()
    items = [item for event in events for item in parser.event(ServerSentEvent("", event.encode()))]
    calls = [item for item in items if isinstance(item, Call)]
    assert calls == [Call(0, "x", "a", "{}"), Call(1, "y", "b", "[1]")]
