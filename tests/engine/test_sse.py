from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.sse import MAX_EVENT_BYTES, Decoder, EventTooLongError, ServerSentEvent


def decode(*parts: bytes) -> list[tuple[str, bytes]]:
    decoder = Decoder()
    events = [event for part in parts for event in decoder.feed(part)]
    return [tuple(event) for event in (*events, *decoder.end())]  # type: ignore[misc]


STREAMS = {
    "plain": (b"data: a\n\ndata: b\n\n", [("", b"a"), ("", b"b")]),
    "crlf": (b"data: a\r\n\r\ndata: b\r\n\r\n", [("", b"a"), ("", b"b")]),
    "cr": (b"data: a\r\rdata: b\r\r", [("", b"a"), ("", b"b")]),
    "all three": (b"data: a\r\n\ndata: b\r\r\ndata: c\n\r\n", [("", b"a"), ("", b"b"), ("", b"c")]),
    "no space": (b"data:a\n\n", [("", b"a")]),
    "two spaces": (b"data:  a\n\n", [("", b" a")]),
    "two lines": (b"data: a\ndata: b\n\n", [("", b"a\nb")]),
    "no last blank line": (b"data: a\n\ndata: b\n", [("", b"a"), ("", b"b")]),
    "no last line end": (b"data: a\n\ndata: b", [("", b"a"), ("", b"b")]),
    "a mark first": (b"\xef\xbb\xbfdata: a\n\n", [("", b"a")]),
    "a mark later": (b"data: a\n\n\xef\xbb\xbfdata: b\n\n", [("", b"a")]),
    "comments": (b": hi\n\ndata: a\n:\n: x\ndata: b\n\n", [("", b"a\nb")]),
    "other fields": (b"id: 1\nretry: 5\nfoo: bar\ndata: a\n\n", [("", b"a")]),
    "names": (
        b"event: error\ndata: a\n\ndata: b\n\nevent: x\n\ndata: c\n\n",
        [("error", b"a"), ("", b"b"), ("", b"c")],
    ),
    "a name taken back": (b"event: x\nevent\ndata: a\n\n", [("", b"a")]),
    "empty data": (b"data\n\ndata:\n\n", [("", b""), ("", b"")]),
    "odd separators in the data": (
        "data: a\u2028b\u0085c\x0bd\x0ce\n\n".encode(),
        [("", "a\u2028b\u0085c\x0bd\x0ce".encode())],
    ),
    "wide characters": ("data: 世界 👩‍👧\n\n".encode(), [("", "世界 👩‍👧".encode())]),
    "a field that only begins like one": (b"database: x\nevents: y\ndata: a\n\n", [("", b"a")]),
    "nothing": (b"", []),
    "blank lines": (b"\n\r\n\r\n\n", []),
}


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_is_cut_into_its_events_wherever_it_is_split(name: str) -> None:
    stream, events = STREAMS[name]
    for at in range(len(stream) + 1):
        assert decode(stream[:at], stream[at:]) == events, at
        assert decode(stream[:at], b"", stream[at:]) == events, at
    assert decode(*(bytes([byte]) for byte in stream)) == events


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\ufeff"), max_size=20)


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS)), st.data())
def test_what_was_written_is_read_whatever_the_line_ends_and_splits(
    written: list[tuple[str, str, str]], draw: st.DataObject
) -> None:
    stream = b""
    for name, comment, text in written:
        for line in (f"event:{name and ' ' + name}", f":{comment}", f"data: {text}", ""):
            # An LF right after a CR would not be another line's end.
            ends = [b"\r", b"\r\n"] if stream.endswith(b"\r") and not line else [b"\n", b"\r", b"\r\n"]
            stream += line.encode() + draw.draw(st.sampled_from(ends))
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    parts = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decode(*parts) == decode(stream)
    assert decode(stream) == [(name, text.encode()) for name, _, text in written]


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_any_bytes_give_the_same_events_however_they_are_split(stream: bytes, cuts: list[int]) -> None:
    ends = sorted(min(cut, len(stream)) for cut in cuts)
    parts = [stream[a:b] for a, b in zip([0, *ends], [*ends, len(stream)], strict=True)]
    assert decode(*parts) == decode(stream)


@given(st.lists(st.sampled_from([b"data", b":", b" ", b"a", b"\r", b"\n", b"event", b"\xef\xbb\xbf"])))
def test_field_like_bytes_give_the_same_events_one_by_one(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    assert decode(*(bytes([byte]) for byte in stream)) == decode(stream)


@pytest.mark.parametrize("line", [b"x" * 70_000, b"data: " + b"x" * 70_000 + b"\n", b"data:\n" * 20_000])
def test_an_event_that_never_ends_is_given_up(line: bytes) -> None:
    decoder = Decoder()

    def feed() -> None:
        for _ in range(MAX_EVENT_BYTES // len(line) * 2):
            decoder.feed(line)

    with pytest.raises(EventTooLongError, match="more than"):
        feed()


def test_many_long_events_are_no_long_event() -> None:
    decoder = Decoder()
    event = b"data: " + b"x" * (MAX_EVENT_BYTES // 3) + b"\n\n"
    for _ in range(5):
        assert decoder.feed(event) == [ServerSentEvent("", event[6:-2])]
