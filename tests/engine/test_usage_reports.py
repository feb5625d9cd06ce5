from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.engine.dialects.base import Report
from osstui.engine.dialects.usage import header_timings, report, server_timings
from osstui.events import ServerTimings


def read(usage: object, last: Report | None = None) -> Report | None:
    return report(usage, None, last or Report())


CASES: list[tuple[dict[str, object], Report]] = [
    ({"prompt_tokens": 7, "completion_tokens": 9, "total_tokens": 16}, Report(input=7, output=9, total=16)),
    ({"input_tokens": 7, "output_tokens": 9}, Report(input=7, output=9)),
    (
        {
            "prompt_tokens": 7,
            "completion_tokens": 9,
            "completion_tokens_details": {"reasoning_tokens": 4, "accepted_prediction_tokens": 0},
            "prompt_tokens_details": {"cached_tokens": 2},
        },
        Report(input=7, output=9, reasoning=4, cached=2),
    ),
    (
        {
            "prompt_tokens": 7,
            "completion_tokens": 9,
            "completion_tokens_details": None,
            "prompt_tokens_details": None,
        },
        Report(input=7, output=9),
    ),
    ({"completion_tokens": 9, "reasoning_tokens": 4}, Report(output=9, reasoning=4)),
    (
        {
            "completion_tokens": 9,
            "completion_tokens_details": {"reasoning_tokens": 0},
            "prompt_tokens_details": {"cached_tokens": 0},
        },
        Report(output=9, reasoning=0, cached=0),
    ),
    (
        {"completion_tokens": 10, "completion_tokens_details": {"reasoning_tokens": 11}},
        Report(output=10, reasoning=11),
    ),
    ({"prompt_tokens": 7, "prompt_cache_hit_tokens": 4}, Report(input=7, cached=4)),
    (
        {"prompt_tokens": 7, "prompt_cache_hit_tokens": 4, "prompt_tokens_details": {"cached_tokens": 5}},
        Report(input=7, cached=5),
    ),
    ({"completion_tokens": 10, "cost": 0.00012}, Report(output=10, cost_usd=0.00012)),
    ({"completion_tokens": 10, "estimated_cost": 0.5}, Report(output=10, cost_usd=0.5)),
    (
        {"cost": 0.5, "cost_details": {"upstream_inference_cost": 9.5}, "is_byok": True},
        Report(cost_usd=10.0),
    ),
    ({"cost": 0.5, "cost_details": {"upstream_inference_cost": 0.5}, "is_byok": False}, Report(cost_usd=0.5)),
    ({"cost": 0.5, "cost_details": {"upstream_inference_cost": None}, "is_byok": True}, Report(cost_usd=0.5)),
    ({"completion_tokens": 10, "cost": 0}, Report(output=10, cost_usd=0.0)),
    ({"completion_tokens": "10", "prompt_tokens": 7.0}, Report(input=7, output=10)),
    ({"completion_tokens": -1, "prompt_tokens": True}, Report()),
    ({"completion_tokens": "nan", "prompt_tokens": "inf", "cost": "-5"}, Report()),
    ({"completion_tokens": 10**400, "prompt_tokens": 10**13}, Report()),
    ({"completion_tokens": {}, "prompt_tokens": []}, Report()),
]


@pytest.mark.parametrize(("usage", "expected"), CASES, ids=lambda value: str(value)[:60])
def test_usage_is_read_and_what_is_not_told_stays_unknown(usage: dict[str, object], expected: Report) -> None:
    assert read(usage) == expected


@pytest.mark.parametrize("nothing", [None, {}, [], "text", 7])
def test_no_usage_changes_nothing(nothing: object) -> None:
    assert read(nothing, Report(input=3, output=4)) is None


def test_a_later_report_replaces_the_earlier_one_whole() -> None:
    assert read({"completion_tokens": 9}, Report(input=3, output=4, cached=1)) == Report(output=9)


def test_a_cost_told_before_stays_while_the_tokens_are_the_same() -> None:
    told = Report(input=3, output=9, cost_usd=0.5)
    assert read({"prompt_tokens": 3, "completion_tokens": 9}, told) == told
    assert read({"prompt_tokens": 3, "completion_tokens": 10}, told) == Report(input=3, output=10)
    assert read({"prompt_tokens": 3, "completion_tokens": 9, "cost": 0}, told) == Report(
        input=3, output=9, cost_usd=0.0
    )


def timings(
    usage: object = None, time_info: object = None, llama: object = None, fireworks: object = None
) -> ServerTimings | None:
    return server_timings(usage, time_info=time_info, timings=llama, perf_metrics=fireworks)


def test_groq_times_its_usage_in_seconds() -> None:
    usage = {
        "queue_time": 0.005,
        "prompt_time": 0.0146,
        "completion_time": 0.1,
        "total_time": 0.1146,
        "completion_tokens": 49,
    }
    assert timings(usage) == ServerTimings(
        queue_ms=pytest.approx(5),
        prompt_ms=pytest.approx(14.6),
        output_tps=pytest.approx(490),
        total_ms=pytest.approx(114.6),
    )


def test_cerebras_times_apart_from_usage() -> None:
    info = {
        "queue_time": 0.008,
        "prompt_time": 0.002,
        "completion_time": 0.02,
        "total_time": 0.03,
        "created": 1,
    }
    assert timings({"completion_tokens": 40}, info) == ServerTimings(
        queue_ms=pytest.approx(8),
        prompt_ms=pytest.approx(2),
        output_tps=pytest.approx(2000),
        total_ms=pytest.approx(30),
    )


def test_sambanova_gives_a_ttft_and_rates() -> None:
    usage = {
        "time_to_first_token": 0.09,
        "total_latency": 0.168,
        "completion_tokens_per_sec": 244.0,
        "completion_tokens_after_first_per_sec": 522.9,
    }
    assert timings(usage) == ServerTimings(
        ttft_ms=pytest.approx(90), output_tps=522.9, total_ms=pytest.approx(168)
    )


def test_llama_cpp_times_in_milliseconds() -> None:
    told = {"prompt_ms": 9.0, "predicted_ms": 484.0, "predicted_per_second": 117.8}
    assert timings(llama=told) == ServerTimings(prompt_ms=9.0, output_tps=117.8, total_ms=493.0)


def test_fireworks_times_in_metrics_with_dashes() -> None:
    told = {"fireworks-server-time-to-first-token": 0.25, "fireworks-server-processing-time": "1.5"}
    assert timings(fireworks=told) == ServerTimings(ttft_ms=250.0, total_ms=1500.0)


def test_fireworks_times_a_whole_answer_in_its_headers() -> None:
    headers = {"content-type": "x", "fireworks-server-time-to-first-token": "0.25", "fireworks-sampling": "1"}
    assert header_timings(headers) == ServerTimings(ttft_ms=250.0)
    assert header_timings({"content-type": "x"}) is None


def test_a_rate_over_no_time_is_unknown() -> None:
    told = timings({"completion_time": 0, "completion_tokens": 5})
    assert told is not None
    assert told.output_tps is None
    assert timings({"completion_tokens": 5}) is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
NAMES = [
    "prompt_tokens",
    "completion_tokens",
    "completion_tokens_details",
    "cost",
    "completion_time",
    "time_to_first_token",
    "prompt_ms",
]


@given(st.dictionaries(st.sampled_from(NAMES), JSON))
def test_no_report_makes_it_stumble(fields: dict[str, object]) -> None:
    found = read(fields)
    for value in (found.input, found.output) if found else ():
        assert value is None or value >= 0
    timings(fields, fields, fields, fields)
