from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.dialects.base import HostError
from osstui.engine.failure import (
    Failure,
    from_answer,
    implied_status,
    reset_seconds,
    retry_after_seconds,
    unsupported_parameters,
)
from osstui.engine.keys import redact, redact_output

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2", 2.0),
        ("0", 0.0),
        ("1.5", 1.5),
        (" 7 ", 7.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("1m2.5s", 62.5),
        ("120ms", 0.12),
        ("2h45m", 9900.0),
        ("1h0m1s", 3601.0),
        ("30µs", 30e-6),
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        ("-3", None),
        ("²", None),
        ("5 s", None),
        ("Sat, 21 Nov 2026 12:00:30", None),
        ("Sat, 99 Foo 2026 12:00:30 GMT", None),
    ],
)
def test_a_retry_after_is_seconds_a_date_or_a_duration(value: str | None, seconds: float | None) -> None:
    found = retry_after_seconds(value, NOON)
    assert found == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "7.66s"}, 7.66),
        ({"x-ratelimit-remaining-requests-day": "0", "x-ratelimit-reset-requests-day": "33011.38"}, 33011.38),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOON.timestamp() + 30)}, 30.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOON.timestamp() * 1000 + 500:.0f}"}, 0.5),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(NOON.timestamp() - 30)}, 0.0),
        ({"x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "7.66s"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"}, None),
        ({"x-ratelimit-remaining": "0"}, None),
        (
            {
                "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s",
                "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "2m",
            },
            120.0,
        ),
        ({}, None),
    ],
)  # fmt: skip
def test_without_a_retry_after_the_limit_that_is_used_up_tells_the_wait(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert reset_seconds(headers, NOON) == (None if seconds is None else pytest.approx(seconds))


@given(st.text() | st.from_regex(r"[0-9.hms]{1,20}"))
def test_no_retry_after_makes_it_stumble(value: str) -> None:
    found = retry_after_seconds(value, NOON)
    assert found is None or 0 <= found < 1e15


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (301, "protocol", False),
        (400, "bad_request", False),
        (401, "auth", False),
        (402, "auth", False),
        (403, "auth", False),
        (404, "not_found", False),
        (408, "timeout", True),
        (409, "server", True),
        (410, "not_found", False),
        (413, "bad_request", False),
        (422, "bad_request", False),
        (424, "server", False),
        (429, "rate_limit", True),
        (498, "rate_limit", False),
        (499, "server", False),
        (500, "server", True),
        (502, "server", True),
        (503, "server", True),
        (504, "server", True),
        (529, "server", True),
    ],
)
def test_each_status_has_its_kind(status: int, kind: str, transient: bool) -> None:
    failure = from_answer(status, HostError("why"), None)
    assert (failure.kind, failure.transient, failure.status) == (kind, transient, status)


def test_a_status_without_a_message_is_put_into_words() -> None:
    assert from_answer(401, HostError(""), None).message == "the key was refused"
    assert from_answer(507, HostError(""), None).message == "error"


def test_a_refused_content_is_told_from_a_bad_request() -> None:
    assert from_answer(400, HostError("no", code="content_filter"), None).kind == "content"
    assert from_answer(413, HostError("TPM", code="rate_limit_exceeded"), None).kind == "rate_limit"


BODY = ("model", "messages", "stream", "stream_options", "seed", "top_p", "reasoning_effort", "stop")


@pytest.mark.parametrize(
    ("status", "message", "dropped"),
    [
        (400, "Unsupported parameter: 'seed' is not supported with this model.", ["seed"]),
        (422, "body.reasoning_effort: Extra inputs are not permitted", ["reasoning_effort"]),
        (400, "Unrecognized request arguments supplied: seed, top_p", ["seed", "top_p"]),
        (400, "unknown field stream_options", ["stream_options"]),
        (400, "property 'stop' is unsupported", ["stop"]),
        (400, "Unrecognized request argument supplied: seed. Known are: model, stop, top_p", ["seed"]),
        (400, "Unsupported parameter. (param: seed)", ["seed"]),
        (
            422,
            "body.seed: Extra inputs are not permitted; body.stop: Extra inputs are not permitted",
            ["seed", "stop"],
        ),
        (400, "model is not supported", []),
        (400, "seed must be an integer", []),
        (400, "unsupported seeds", []),
        (401, "Unsupported parameter: seed", []),
        (None, "Unsupported parameter: seed", []),
    ],
)
def test_a_parameter_that_is_refused_by_name_is_found(
    status: int | None, message: str, dropped: list[str]
) -> None:
    found = unsupported_parameters(Failure("bad_request", message, status), BODY)
    assert found == dict.fromkeys(dropped)


KEY = "sk-0123456789"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"bad key {KEY}.", "bad key [key]."),
        (f"{KEY}{KEY}", "[key][key]"),
        (f"cut {KEY[:9]}…", "cut [key]…"),
        ("cut sk…", "cut sk…"),
        ("nothing here…", "nothing here…"),
    ],
)
def test_a_key_is_taken_out_of_a_text_whole_or_cut(text: str, clean: str) -> None:
    assert redact(text, KEY) == clean


def test_a_key_is_found_as_urls_pages_and_json_write_it() -> None:
    key = 'sk/a+b="c"&d'
    for written in (quote(key), quote(key, safe=""), html.escape(key), json.dumps(key)[1:-1]):
        assert redact(f"to {written}.", key) == "to [key]."


def test_a_key_that_is_a_word_stays_in_an_answer() -> None:
    assert redact_output("ollama runs", "ollama") == "ollama runs"
    assert redact_output("sk-0123456789abcdef!", "sk-0123456789abcdef") == "[key]!"


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 60))
def test_of_a_key_in_a_shortened_text_at_most_three_characters_are_left(a: str, b: str, limit: int) -> None:
    text = a + KEY + b
    shown = redact(text if len(text) <= limit else text[:limit] + "…", KEY)
    assert KEY[:4] not in shown.replace(a, "").replace(b, "") or KEY[:4] in a + b


def test_a_word_that_is_no_key_is_left_alone() -> None:
    assert redact("abc abc", "abc") == redact("abc abc", None) == "abc abc"


@pytest.mark.parametrize(
    ("error", "kind", "transient"),
    [
        (HostError("x", None, "rate_limit_error"), "rate_limit", True),
        (HostError("x", None, "overloaded_error"), "server", True),
        (HostError("x", None, "authentication_error"), "auth", False),
        (HostError("x", None, "invalid_request_error"), "bad_request", False),
        (HostError("x", None, "never heard of"), "server", True),
        (HostError("x", 404, "rate_limit_error"), "not_found", False),
    ],
)
def test_an_error_without_a_status_is_what_its_type_says(
    error: HostError, kind: str, transient: bool
) -> None:
    failure = from_answer(implied_status(error), error, None)
    assert (failure.kind, failure.transient) == (kind, transient)
