from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.dialects.base import HostError
from osstui.engine.dialects.errors import MAX_MESSAGE, host_error

SHAPES: list[tuple[object, HostError]] = [
    (
        {"error": {"message": "No such model", "type": "invalid_request_error", "code": "model_not_found"}},
        HostError("No such model", None, "model_not_found"),
    ),
    ({"error": {"message": "Bad key", "type": "auth", "code": None}}, HostError("Bad key", None, "auth")),
    ({"error": {"code": 401, "message": "Invalid API Key"}}, HostError("Invalid API Key", 401, "401")),
    ({"error": {"code": "429", "message": "rpm"}}, HostError("rpm", 429, "429")),
    ({"error": {"code": 1234, "message": "odd"}}, HostError("odd", None, "1234")),
    ({"error": "Unauthorized"}, HostError("Unauthorized")),
    ({"error": "Slow down", "code": 429}, HostError("Slow down", 429, "429")),
    (
        {
            "error": {
                "code": 429,
                "message": "Provider returned error",
                "metadata": {"provider_name": "G", "raw": "limited upstream"},
            }
        },
        HostError("Provider returned error: limited upstream", 429, "429"),
    ),
    ({"detail": "Invalid API key"}, HostError("Invalid API key")),
    (
        {"detail": [{"loc": ["body", "messages", 0], "msg": "field required", "type": "value_error"}]},
        HostError("body.messages.0: field required"),
    ),
    ({"detail": {"message": "deep"}}, HostError("deep")),
    (
        {"status": "error", "message": {"model_id": ["The model_id field is required."], "key": "missing"}},
        HostError("model_id: The model_id field is required.; key: missing"),
    ),
    (
        {"code": 403, "reason": "NOT_ENOUGH_BALANCE", "message": "top up", "metadata": {}},
        HostError("top up", 403, "403"),
    ),
    ({"message": "Too many tokens"}, HostError("Too many tokens")),
    ({"status": "error", "message": "failed", "id": "x"}, HostError("failed")),
    ({"status": {"code": 21200, "description": "Model is deploying"}}, HostError("Model is deploying")),
    ([{"error": {"message": "in a list", "code": 400}}], HostError("in a list", 400, "400")),
    (
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        HostError("Overloaded", None, "overloaded_error"),
    ),
    ({"error": {"message": "m", "status_code": 400}}, HostError("m", 400, "")),
    ({"error": {}}, HostError("")),
    ({}, HostError("")),
    ([], HostError("")),
    (None, HostError("")),
    ("just text", HostError("just text")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "error"),
    SHAPES,
    ids=lambda value: json.dumps(value)[:60] if not isinstance(value, HostError) else "",
)
def test_the_message_is_found_in_every_shape_of_error(body: object, error: HostError) -> None:
    assert host_error(json.dumps(body).encode()) == error


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", ""),
        (b"  upstream\r\n  is away ", "upstream is away"),
        (b"<html><head><title> 502 Bad&nbsp;Gateway </title></head></html>", "502 Bad\xa0Gateway"),
        (b"<!DOCTYPE html><body><script>x=1</script><h1>Gone</h1></body>", "Gone"),
        (b"\xff\xfe not utf-8", "\ufffd\ufffd not utf-8"),
        (b'{"error": {"message": "cut o', '{"error": {"message": "cut o'),
        (b"1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_a_body_without_json_is_read_as_text(body: bytes, message: str) -> None:
    found = host_error(body).message.removeprefix("a web page instead of an answer: ")
    assert " ".join(found.split()) == " ".join(message.split())


def test_a_long_message_is_cut_with_an_ellipsis() -> None:
    message = host_error(json.dumps({"error": "x" * 5000}).encode()).message
    assert len(message) == MAX_MESSAGE
    assert message.endswith("x…")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 50_000, b"[" * 400 + b"]" * 400])
def test_a_deeply_nested_body_is_survived(body: bytes) -> None:
    assert len(host_error(body).message) <= MAX_MESSAGE


KEYS = st.sampled_from(
    ["error", "message", "detail", "code", "status", "metadata", "raw", "reason", "loc", "msg"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_no_json_makes_it_stumble(value: object) -> None:
    error = host_error(json.dumps(value).encode())
    assert "\n" not in error.message
    assert error.status is None or 400 <= error.status <= 599


@given(st.binary(max_size=100))
def test_no_bytes_make_it_stumble(body: bytes) -> None:
    assert isinstance(host_error(body), HostError)
