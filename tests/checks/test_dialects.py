"""What is asked in the words of each dialect, and how each refuses."""

from __future__ import annotations

import pytest

from osstui.engine.local import LocalEngine
from tests.checks.hosts import check, results, target

FORMS = ("json-object", "json-schema", "tool-choice", "parallel-tools")


@pytest.mark.parametrize(
    ("dialect", "without"),
    [
        ("openai-chat", set()),
        ("openai-responses", set()),
        ("anthropic-messages", {"json-object", "json-schema"}),
        ("ollama-chat", {"tool-choice"}),
    ],
)
async def test_forms_and_choices_are_asked_for_in_the_words_of_each_dialect(
    fleet: str, engine: LocalEngine, dialect: str, without: set[str]
) -> None:
    base = f"{fleet}/plain" + ("/api" if dialect == "ollama-chat" else "/v1")
    hosts = {
        "good": target(fleet, dialect=dialect, base_url=base),
        "bad": target(fleet, "ignore_schema;ignore_tool_choice;bad_tools", dialect=dialect, base_url=base),
    }
    found = results(await check(engine, hosts, FORMS))
    asked = set(FORMS) - without
    assert {name for name in FORMS if found["good"][name] == "pass"} >= asked - {"parallel-tools"}
    assert {name for name in FORMS if found["bad"][name] in ("warn", "fail")} == asked
    assert {found["good"][name] for name in without} <= {"n/a"}


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses", "anthropic-messages", "ollama-chat"])
async def test_every_dialect_is_asked_nonsense_and_its_refusals_are_read(
    fleet: str, engine: LocalEngine, dialect: str
) -> None:
    base = f"{fleet}/plain" + ("/api" if dialect == "ollama-chat" else "/v1")
    hosts = {
        name: target(fleet, wishes, dialect=dialect, base_url=base)
        for name, wishes in (("good", ""), ("lax", "any_parameter"), ("odd", "plain_errors"))
    }
    found = results(await check(engine, hosts, ["bad-parameter", "error-shape"]))
    assert found["good"] == {"bad-parameter": "pass", "error-shape": "pass"}
    assert found["lax"] == {"bad-parameter": "warn", "error-shape": "pass"}
    assert found["odd"] == {"bad-parameter": "pass", "error-shape": "fail"}
