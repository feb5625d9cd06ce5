from __future__ import annotations

import pytest

from osstui.engine.address import AddressError, base_url, encode_get, encode_request, fill
from osstui.engine.dialects.base import Request
from osstui.engine.http1 import split_url
from osstui.job import Quirks
from tests.engine.asking import KEY, target

REQUEST = Request("/chat/completions", {"model": "x"})


def sent(
    url: str, key: str | None = KEY, request: Request = REQUEST, **fields: object
) -> tuple[str, dict[str, str], bytes]:
    """Request line, headers and body."""
    head, _, body = encode_request(target(url, **fields), request, key).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://api.groq.com/openai/v1", "/openai/v1/chat/completions"),
        ("https://api.example.com/v1/", "/v1/chat/completions"),
        ("https://api.example.com", "/chat/completions"),
        ("https://api.example.com/v2/ext/openai/v1", "/v2/ext/openai/v1/chat/completions"),
    ],
)
def test_the_path_is_joined_to_the_base_not_resolved_against_it(url: str, path: str) -> None:
    first, _, body = sent(url)
    assert first == f"POST {path} HTTP/1.1"
    assert body == b'{"model":"x"}'


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://bücher.example/v1", "xn--bcher-kva.example"),
        ("https://api.example.com/v1", "api.example.com"),
        ("https://api.example.com:443/v1", "api.example.com"),
        ("https://api.example.com:8443/v1", "api.example.com:8443"),
        ("http://127.0.0.1:80/v1", "127.0.0.1"),
        ("http://[::1]:8080/v1", "[::1]:8080"),
    ],
)
def test_the_host_header_names_a_port_that_is_not_the_default(url: str, host: str) -> None:
    assert sent(url)[1]["host"] == host


def test_placeholders_are_filled_from_the_catalog_then_the_environment() -> None:
    here = target("https://{region}.example.com/{project}/v1", variables={"region": "eu"})
    assert fill(here.base_url, here, {"region": "us", "project": "p1"}) == "https://eu.example.com/p1/v1"


def test_a_missing_placeholder_names_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("project", raising=False)
    there = target("https://example.com/{project}/v1", variables_env={"project": ("A_PROJECT", "B_PROJECT")})
    with pytest.raises(AddressError, match="here needs its project: set A_PROJECT or B_PROJECT"):
        base_url(there)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com", "example.com/v1", "https://", "", "https://example.com:port/", "https://[::1/"],
)
def test_what_is_no_address_is_refused_as_the_base_url(url: str) -> None:
    with pytest.raises(AddressError, match="base_url of here"):
        base_url(target(url))


@pytest.mark.parametrize("path", ["/v1 HTTP/1.1", "/v\x7f1", "/v1\x00", "/v1/\u2028x"])
def test_an_address_with_blanks_or_controls_is_refused(path: str) -> None:
    with pytest.raises(AddressError):
        encode_request(target("https://example.com{path}", variables={"path": path}), REQUEST, KEY)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nx-evil: 1", "a\rb", "a\x00b"])
def test_a_header_can_not_smuggle_another(value: str) -> None:
    for headers in ({"x-team": value}, {value: "x"}):
        with pytest.raises(AddressError):
            encode_request(target("https://example.com/v1", headers=headers), REQUEST, KEY)
        with pytest.raises(AddressError):
            encode_get(
                target("https://example.com/v1", headers=headers), "https://example.com/v1/models", KEY
            )


def test_the_catalog_s_headers_go_along_and_may_hold_placeholders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM", "blue")
    monkeypatch.delenv("NOBODY", raising=False)
    _, headers, _ = sent("https://example.com/v1", headers={"X-Team": "{TEAM}", "X-None": "{NOBODY}"})
    assert headers["x-team"] == "blue"
    assert "x-none" not in headers


@pytest.mark.parametrize(
    ("quirks", "header", "value"),
    [
        (Quirks(), "authorization", f"Bearer {KEY}"),
        (Quirks(key_style="x-api-key"), "x-api-key", KEY),
    ],
)
def test_the_key_travels_in_the_host_s_header(quirks: Quirks, header: str, value: str) -> None:
    _, headers, body = sent("https://example.com/v1", quirks=quirks)
    assert headers[header] == value
    assert len({"authorization", "x-api-key"} & set(headers)) == 1
    assert KEY.encode() not in body


def test_the_key_may_travel_in_the_body() -> None:
    request = Request("/x", {"model": "x"})
    quirks = Quirks(key_style="none", key_body_field="key")
    _, headers, body = sent("https://example.com/v1", request=request, quirks=quirks)
    assert body == b'{"model":"x","key":"%b"}' % KEY.encode()
    assert KEY not in str(headers)
    assert "key" not in request.body, "a retry builds on the request without the key"


@pytest.mark.parametrize(
    "url", ["http://api.example.com/v1", "http://192.168.1.7/v1", "http://127.0.0.1.example.com/v1"]
)
@pytest.mark.parametrize("quirks", [Quirks(), Quirks(key_style="none", key_body_field="key")])
def test_a_key_never_crosses_a_network_in_the_clear(url: str, quirks: Quirks) -> None:
    with pytest.raises(AddressError, match="over plain http; use https") as error:
        sent(url, quirks=quirks)
    assert KEY not in str(error.value)
    assert sent(url, key=None, quirks=quirks)[0].startswith("POST ")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "model.localhost"])
def test_a_key_may_go_to_this_machine(host: str) -> None:
    assert sent(f"http://{host}:1234/v1")[1]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "\x00", ""])
def test_what_can_not_be_a_key_is_refused_unquoted(key: str) -> None:
    with pytest.raises(AddressError, match="check the variable") as error:
        sent("https://example.com/v1", key=key)
    assert not key or key not in str(error.value)


def test_an_address_is_split_into_origin_and_target() -> None:
    origin, path = split_url("https://Example.com/a?b=c#d")
    assert (tuple(origin), path) == (("https", "example.com", 443), "/a?b=c")
