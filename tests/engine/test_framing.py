from __future__ import annotations

import gzip
import zlib

import pytest

from osstui.engine import framing, inflate
from osstui.engine.framing import Body, Document, frames_for
from osstui.engine.inflate import BodyError, inflater_for

STREAM = b"data: {}\n\n"
GZIPPED = {"content-encoding": "gzip"}
CASES = [
    ("text/event-stream", STREAM, True),
    ("text/event-stream; charset=utf-8", STREAM, True),
    ("", STREAM, True),
    ("application/json", STREAM, True),
    ("text/plain", b": comment\n\n", True),
    ("text/plain", b"e", True),
    ("text/html", STREAM, True),
    ("application/octet-stream", b"\xef\xbb\xbfdata: x", True),
    ("text/event-stream", b"anything", True),
    ("application/x-ndjson", b"{}\n", True),
    ("application/json", b'{"choices": []}', False),
    ("text/event-stream", b'{"error": 1}', False),
    ("text/event-stream", b"\r\n <html>", False),
    ("text/html", b"Sorry", False),
    ("text/plain", b"upstream is away", False),
    ("", b"[1]", False),
]


@pytest.mark.parametrize(("kind", "first", "streamed"), CASES)
def test_the_framing_follows_from_the_type_and_the_first_bytes(
    kind: str, first: bytes, streamed: bool
) -> None:
    assert frames_for(kind, first).streamed is streamed


@pytest.mark.parametrize("kind", ["", "text/plain", "application/json"])
def test_objects_from_a_host_that_sends_lines_are_lines_whatever_the_type(kind: str) -> None:
    frames = frames_for(kind, b'{"a":1}\n', lines=True)
    assert [event.data for event in frames.feed(b'{"a":1}\n{"b"')] == [b'{"a":1}']
    assert not frames_for(kind, b"<html>", lines=True).streamed


def test_json_lines_are_messages_wherever_they_are_split() -> None:
    body = b'{"a":1}\n\n{"b":"\xe4\xb8\x96"}\r\n{"c":3}'
    for at in range(len(body) + 1):
        frames = frames_for("application/x-ndjson", body)
        events = [*frames.feed(body[:at]), *frames.feed(body[at:]), *frames.end()]
        assert [event.data.strip() for event in events] == [b'{"a":1}', b'{"b":"\xe4\xb8\x96"}', b'{"c":3}']


def test_a_json_line_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_EVENT_BYTES", 1000)
    frames = frames_for("application/x-ndjson", b"{")
    with pytest.raises(BodyError, match="1000 bytes"):
        frames.feed(b"x" * 1001)


def test_a_document_is_one_message_without_its_mark() -> None:
    document = Document()
    assert document.feed(b"\xef\xbb\xbf{") == []
    assert document.feed(b"}") == []
    assert [event.data for event in document.end()] == [b"{}"]


def test_a_document_is_kept_up_to_its_limit() -> None:
    document = Document(limit=10)
    for _ in range(100):
        document.feed(b"12345")
    assert document.end()[0].data == b"1234512345"


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(b"Hello", mtime=0)),
        ("x-gzip", gzip.compress(b"Hello", mtime=0)),
        ("GZIP", gzip.compress(b"Hello", mtime=0)),
        ("deflate", zlib.compress(b"Hello")),
    ],
)
def test_a_compressed_body_is_unpacked_wherever_it_is_split(encoding: str, packed: bytes) -> None:
    for at in range(len(packed) + 1):
        inflater = inflater_for({"content-encoding": encoding})
        assert inflater is not None
        assert inflater.feed(packed[:at]) + inflater.feed(packed[at:]) == b"Hello"


def test_what_can_not_be_unpacked_is_said() -> None:
    with pytest.raises(BodyError, match="'br'"):
        inflater_for({"content-encoding": "br"})
    with pytest.raises(BodyError, match="broken"):
        Body(GZIPPED, lines=False).feed(b"not gzip at all")


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "MAX_INFLATED_BYTES", 1000)
    with pytest.raises(BodyError, match="unpacks to more than 1000"):
        Body(GZIPPED, lines=False).feed(gzip.compress(b"a" * 1001, mtime=0))
