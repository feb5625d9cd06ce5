"""What must hold for every stream, however it was cut into events."""

from hypothesis import given, settings
from hypothesis import strategies as st
from made import MS, ended, fold, piece, sent, usage

from osstui.events import AnyEvent, Delta, decode, encode
from osstui.measure.document import document
from osstui.measure.metrics import METRICS
from osstui.measure.run import RunState
from osstui.measure.window import MOST_BUCKETS, Buckets

kinds = st.sampled_from(["reasoning", "text", "tool"])
steps = st.tuples(st.integers(0, 40 * MS), kinds, st.integers(1, 8), st.text(min_size=2, max_size=6))
streams = st.lists(steps, min_size=1, max_size=25)


def deltas(stream: list) -> list[Delta]:
    made, t = [], 20 * MS
    for wait, kind, n, text in stream:
        t += wait
        made.append(Delta("r", "groq", t, kind, text, n))
    return made


def whole(pieces: list[Delta]) -> list[AnyEvent]:
    return [*sent(), *pieces, usage(5000, input=7, output=sum(p.n or 0 for p in pieces) + 10), ended(5001)]


def numbers(run: RunState) -> dict:
    return {metric.key: metric.value(run.lanes["groq"]) for metric in METRICS}


def split(delta: Delta) -> list[Delta]:
    half, n = len(delta.text) // 2, delta.n or 0
    return [
        Delta("r", "groq", delta.t, delta.kind, delta.text[:half], n // 2),
        Delta("r", "groq", delta.t, delta.kind, delta.text[half:], n - n // 2),
    ]


@settings(max_examples=60)
@given(streams)
def test_splitting_pieces_of_one_stamp_changes_no_number(stream: list) -> None:
    pieces = deltas(stream)
    finer = [part for delta in pieces for part in split(delta)]
    one, other = fold(whole(pieces)), fold(whole(finer))
    assert numbers(one) == numbers(other)
    assert document(one) == document(other)


@settings(max_examples=60)
@given(streams)
def test_replaying_the_written_lines_gives_the_same_numbers_to_the_last_digit(stream: list) -> None:
    events = whole(deltas(stream))
    lines = [encode(event) for event in events]
    live, replayed = fold(events), fold([decode(line) for line in lines])
    assert numbers(live) == numbers(replayed)
    assert document(live) == document(replayed)


@settings(max_examples=60)
@given(streams, st.integers(0, 30))
def test_wherever_a_stream_stops_nothing_that_arrived_is_lost(stream: list, stop: int) -> None:
    pieces = deltas(stream)[:stop]
    lane = fold([*sent(), *pieces, ended(5001, "truncated")]).lanes["groq"]
    for kind, text in (("text", lane.text), ("reasoning", lane.reasoning), ("tool", lane.tool)):
        assert text == "".join(p.text for p in pieces if p.kind == kind)


@given(st.lists(st.tuples(st.integers(0, 2**62), st.integers(0, 9)), min_size=1, max_size=20))
def test_buckets_stay_bounded_and_lose_no_token_whatever_the_stamps(adds: list[tuple[int, int]]) -> None:
    buckets = Buckets()
    for t, n in adds:
        buckets.add(t, n)
    assert len(buckets.tokens) <= MOST_BUCKETS
    assert sum(buckets.tokens) == sum(n for _, n in adds)


def test_the_course_of_speed_adds_up_to_the_tokens() -> None:
    lane = fold([*sent(), *(piece(100 + 10 * i, 1) for i in range(1000))]).lanes["groq"]
    course = lane.buckets.speeds(12)
    assert len(course) <= 12
    assert all(abs(speed - 100) < 8 for speed in course[:-1])
