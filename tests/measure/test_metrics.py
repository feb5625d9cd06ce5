"""Every formula against numbers worked out by hand (see `made.answer` for the stream)."""

import pytest
from made import MS, answer, ended, lane_of, piece, sent, usage

from osstui.events import Connected, Ended, Failed, Sent, ServerTimings
from osstui.measure.metrics import BY_KEY, METRICS
from osstui.measure.speed import answer_basis, live_speed, output_basis, reasoning_basis


def value(key: str, lane) -> float | None:
    return BY_KEY[key].value(lane)


def test_times_count_from_the_last_byte_of_the_request() -> None:
    lane = lane_of(answer())
    assert value("ttft", lane) == 200
    assert value("ttfa", lane) == 300
    assert value("e2e", lane) == 450


def test_connection_is_the_sum_of_its_parts_and_not_in_ttft() -> None:
    assert value("connection", lane_of(answer())) == 12


def test_a_reused_connection_has_no_time_but_a_reason() -> None:
    lane = lane_of([Connected("r", "groq", 1, 1, None, None, None, True)])
    assert value("connection", lane) is None
    assert BY_KEY["connection"].why_missing(lane) == "the connection was already open"


def test_output_speed_leaves_the_first_chunk_out() -> None:
    assert value("speed", lane_of(answer())) == pytest.approx((15 - 3) / 0.250)


def test_reasoning_and_answer_have_speeds_of_their_own() -> None:
    lane = lane_of(answer())
    assert value("reasoning_speed", lane) == pytest.approx(3 / 0.050)
    assert value("answer_speed", lane) == pytest.approx(6 / 0.150)


def test_all_pieces_of_the_first_stamp_are_the_first_chunk() -> None:
    events = [*sent(), piece(100, 5), piece(100, 3), piece(200, 10), ended(201)]
    lane = lane_of(events)
    assert value("speed", lane) == pytest.approx(10 / 0.1)
    assert value("chunks", lane) == 2
    assert value("per_chunk", lane) == 9


def test_everything_in_one_chunk_has_no_speed_only_an_end_to_end_rate() -> None:
    lane = lane_of([*sent(), piece(110, 50), usage(111, output=60), ended(112)])
    assert value("speed", lane) is None
    assert BY_KEY["speed"].why_missing(lane) == "everything came in one chunk"
    assert value("e2e_speed", lane) == pytest.approx(60 / 0.1)


@pytest.mark.parametrize(("last", "known"), [(119.9, False), (120, True)])
def test_under_20_ms_there_is_no_speed(last: float, known: bool) -> None:
    lane = lane_of([*sent(), piece(100, 5), piece(last, 5), ended(130)])
    assert (value("speed", lane) is not None) is known
    if not known:
        assert BY_KEY["speed"].why_missing(lane) == "everything came in under 20 ms"


def test_harmony_markers_in_the_report_do_not_raise_the_speed() -> None:
    """200 visible tokens, one every 10 ms; the report says 210."""
    stream = [piece(100 + 10 * i, 1) for i in range(200)]
    lane = lane_of([*sent(), *stream, usage(2200, output=210), ended(2200)])
    assert value("speed", lane) == pytest.approx(100)
    assert value("tokens", lane) == 210


def test_with_a_foreign_tokenizer_the_report_is_spread_over_the_chunks() -> None:
    events = [*sent(), piece(100, 10), piece(200, 10), piece(300, 20), usage(301, output=60), ended(302)]
    lane = lane_of(events, exact_tokenizer=False)
    assert value("speed", lane) == pytest.approx(60 * (1 - 10 / 40) / 0.2)
    assert output_basis(lane).source == "reported"


def test_hidden_reasoning_leaves_the_speed_of_the_answer() -> None:
    """1,000 hidden tokens in 2 s, then 200 answer tokens at 500 tokens/s."""
    stream = [piece(2010 + 2 * i, 1) for i in range(200)]
    lane = lane_of([*sent(), *stream, usage(2500, output=1210, reasoning=1000), ended(2500)])
    assert value("speed", lane) == pytest.approx(500)
    assert reasoning_basis(lane).speed is None


def test_summarised_reasoning_leaves_the_speed_of_the_answer() -> None:
    summary = [piece(500, 20, "so", "reasoning")]
    stream = [piece(2010 + 2 * i, 1) for i in range(200)]
    lane = lane_of([*sent(), *summary, *stream, usage(2500, output=1210, reasoning=1000), ended(2500)])
    assert value("speed", lane) == pytest.approx(500)


def test_with_a_foreign_tokenizer_reasoning_and_answer_take_their_own_share_of_the_report() -> None:
    lane = lane_of(answer(input=1, output=30, reasoning=12), exact_tokenizer=False)
    assert reasoning_basis(lane).speed == pytest.approx(2 * 3 / 0.050)
    assert answer_basis(lane).speed == pytest.approx(2 * 6 / 0.150)


def test_gaps_are_between_chunks() -> None:
    lane = lane_of(answer())
    assert list(lane.gaps) == [50 * MS, 50 * MS, 50 * MS, 100 * MS]
    assert value("gap_median", lane) == 50
    assert value("gap_longest", lane) == 100
    assert value("gap_p95", lane) == pytest.approx(92.5)


def test_network_and_queue_is_what_the_host_does_not_tell() -> None:
    lane = lane_of(answer(output=25, server=ServerTimings(ttft_ms=150, prompt_ms=99)))
    assert value("network", lane) == 50


def test_network_and_queue_falls_back_to_the_prompt_time() -> None:
    assert value("network", lane_of(answer(output=25, server=ServerTimings(prompt_ms=30)))) == 170


def test_a_host_that_tells_more_than_passed_is_not_believed() -> None:
    lane = lane_of(answer(output=25, server=ServerTimings(ttft_ms=900)))
    assert value("network", lane) is None
    assert BY_KEY["network"].why_missing(lane) == "the host tells more time than passed"


def steady(last_ms: int) -> list:
    return [*sent(), *(piece(at, 1) for at in range(100, last_ms + 1, 10))]


def test_live_speed_hides_the_first_ten_tokens() -> None:
    assert live_speed(lane_of(steady(180)), 180 * MS) is None
    assert live_speed(lane_of(steady(190)), 190 * MS) == pytest.approx(100)


def test_live_speed_follows_the_last_two_seconds() -> None:
    slow_then_fast = [*steady(3000), *(piece(3000 + at, 4) for at in range(10, 2501, 10))]
    assert live_speed(lane_of(slow_then_fast), 5500 * MS) == pytest.approx(400, rel=0.01)


def test_live_speed_of_a_stalled_stream_falls_to_nothing() -> None:
    lane = lane_of(steady(3000))
    assert live_speed(lane, 4000 * MS) == pytest.approx(50, rel=0.15)
    assert live_speed(lane, 9000 * MS) == 0


def test_an_ended_lane_has_no_live_speed() -> None:
    lane = lane_of([*steady(3000), ended(3001)])
    assert BY_KEY["live"].value(lane) is None
    assert BY_KEY["live"].why_missing(lane) == "the lane is over"


@pytest.mark.parametrize(
    ("key", "events", "reason"),
    [
        ("ttft", [*sent()], "nothing arrived yet"),
        ("ttft", [*sent(), Ended("r", "groq", 20 * MS, "stop")], "the answer was empty"),
        ("ttft", [*sent(), ended(20, "truncated")], "cut before the first token"),
        ("ttft", [Failed("r", "groq", 5, "no_key", None, "no key")], "failed before the first token"),
        ("ttfa", [*sent(), piece(20, 3, "hm", "reasoning"), ended(30, "length")], "no answer text"),
        ("connection", [], "not connected"),
        ("cached_tokens", answer(), "the host does not tell"),
        ("network", answer(), "the host tells no timings"),
        ("lost", answer(), "no retry"),
        ("gap_median", [*sent(), piece(20, 3), ended(30)], "everything came in one chunk"),
        ("reasoning_speed", [*sent(), piece(20, 3), ended(30)], "reasoning: none arrived"),
        ("speed", [*sent(), piece(20, 3), piece(60, 0, ""), ended(70)], "no tokens after the first chunk"),
    ],
)
def test_a_missing_number_has_its_reason(key: str, events: list, reason: str) -> None:
    lane = lane_of(events)
    assert BY_KEY[key].value(lane) is None
    assert BY_KEY[key].why_missing(lane) == reason
    assert BY_KEY[key].show(lane) == "–"


def test_every_metric_has_a_value_or_a_reason_whatever_the_lane() -> None:
    lanes = [lane_of(answer()[:stop]) for stop in range(len(answer()) + 1)]
    for metric in METRICS:
        for lane in lanes:
            assert (metric.value(lane) is None) == bool(metric.why_missing(lane))


def test_keys_are_unique_and_every_row_has_help() -> None:
    assert len(BY_KEY) == len(METRICS)
    assert all(metric.help.endswith(".") for metric in METRICS)


def test_a_count_is_marked_until_the_report_settles_it() -> None:
    assert BY_KEY["tokens"].show(lane_of(answer()[:-2])) == "≈15"
    assert BY_KEY["tokens"].show(lane_of(answer())) == "25"


def test_the_sent_of_a_later_attempt_is_what_counts() -> None:
    lane = lane_of([*sent(), Sent("r", "groq", 110 * MS, 2), piece(150, 1)])
    assert value("ttft", lane) == 40
