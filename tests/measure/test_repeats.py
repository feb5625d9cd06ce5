"""Many runs folded: medians of what ended well, everything else counted, and no difference that isn't one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osstui.cli.repeat_table import table
from osstui.measure.repeats import COMPARED, FIGURES, Comparison, Repeats, compare, document
from osstui.measure.run import RunState
from tests.measure.made import ended, fold, info, piece, sent, usage

ENDINGS = {"ok": "stop", "cut": "truncated", "cancelled": "cancelled"}


def run_of(**lanes: tuple[float, str]) -> RunState:
    """Each lane's TTFT in ms and its status; "live" has no ending. Tokens come 50 ms apart."""
    events = []
    for name, (ttft, status) in lanes.items():
        events += sent(name)
        events += [piece(10 + ttft + 50 * at, 3, lane=name) for at in range(4)]
        events.append(usage(10 + ttft + 160, name, input=100, output=12, reasoning=0))
        if status in ENDINGS:
            events.append(ended(10 + ttft + 170, ENDINGS[status], name))
    return fold(events, *(info(name) for name in lanes))


def folded(**lanes: list[float]) -> Repeats:
    """Runs that all ended well, of these TTFTs; a lane with fewer of them fails in the last ones."""
    repeats = Repeats()
    for at in range(max(map(len, lanes.values()))):
        repeats.add(
            run_of(**{name: (ts[at], "ok") if at < len(ts) else (1, "cut") for name, ts in lanes.items()})
        )
    return repeats


def of(metric: str, repeats: Repeats) -> Comparison:
    return next(each for each in compare(repeats) if each.metric == metric)


def test_what_did_not_end_well_is_counted_and_changes_no_number() -> None:
    repeats = Repeats()
    for ttft, status in [(200, "ok"), (1, "cut"), (300, "ok"), (2, "cancelled"), (3, "live")]:
        repeats.add(run_of(groq=(ttft, status)))
    (lane,) = document(repeats, 9, [])["summary"]
    assert (lane["runs"], lane["ok"], lane["failed"], lane["cut"], lane["cancelled"]) == (5, 2, 0, 1, 2)
    assert lane["metrics"]["ttft_ms"] == {
        "median": pytest.approx(250), "p5": pytest.approx(205), "p95": pytest.approx(295),
        "interval": None, "n": 2,
    }  # fmt: skip
    assert set(lane["metrics"]) == {*FIGURES.values()}
    assert not repeats.all_ok


def test_runs_that_a_cache_helped_are_counted_and_told() -> None:
    repeats = Repeats()
    for cached in (None, 0, 64, 96):
        events = [*sent(), piece(20, 3), usage(30, input=100, output=3, cached=cached), ended(40)]
        repeats.add(fold(events))
    (lane,) = document(repeats, 4, [])["summary"]
    assert (lane["ok"], lane["cached"]) == (4, 2)
    assert "host's cache, which shortens TTFT: groq in 2 of 4." in table(repeats)


def test_what_failed_lanes_cost_is_spent_all_the_same() -> None:
    repeats = Repeats()
    for status in ("ok", "cut"):
        repeats.add(run_of(groq=(200, status)))
    assert repeats.spent_usd == pytest.approx(2 * (100 * 0.15 + 12 * 0.60) / 1e6)


def test_a_clear_lead_is_one_and_equal_costs_are_none() -> None:
    repeats = folded(slow=[300, 305, 295, 302, 298, 301], fast=[200, 199, 203, 198, 201, 200])
    ttft = of("ttft", repeats)
    assert (ttft.best, ttft.leads, ttft.level) == ("fast", True, ())
    assert ttft.differences[0].value == pytest.approx(-100.5)
    assert ttft.differences[0].interval.high < -90
    assert of("cost", repeats).level == ("fast",)
    assert not of("cost", repeats).leads


def test_a_lane_leads_only_when_it_is_better_than_every_other_that_was_compared() -> None:
    """The second median is near but steady, the third far but scattered."""
    steady, near, wide = [200.0] * 6, [210.0] * 6, [100.0, 900, 150, 800, 160, 850]
    ttft = of("ttft", folded(a=steady, b=near, c=wide))
    assert (ttft.best, [each.other for each in ttft.differences]) == ("a", ["b", "c"])
    assert (ttft.level, ttft.leads) == (("c",), False)


def test_a_lane_with_few_values_is_named_and_not_compared() -> None:
    repeats = folded(a=[200.0] * 6, b=[300.0] * 6, c=[10.0] * 4)
    ttft = of("ttft", repeats)
    assert (ttft.best, ttft.leads, ttft.uncompared) == ("a", True, {"c": 4})


def test_few_runs_tell_nothing_apart() -> None:
    repeats = folded(a=[200.0] * 4, b=[900.0] * 4)
    assert all(each.best is None and not each.leads for each in compare(repeats))
    assert document(repeats, 4, [])["differences"] == []


def test_one_lane_has_nothing_to_be_compared_with() -> None:
    assert compare(folded(a=[200.0] * 6)) == ()


def test_the_faster_stream_leads_in_speed() -> None:
    repeats = Repeats()
    for _ in range(6):
        events = []
        for name, apart in (("slow", 50), ("fast", 20)):
            events += [*sent(name), *(piece(200 + apart * at, 3, lane=name) for at in range(4))]
            events.append(ended(900, lane=name))
        repeats.add(fold(events, info("slow"), info("fast")))
    speed = of("speed", repeats)
    assert (speed.best, speed.leads) == ("fast", True)
    assert speed.differences[0].value == pytest.approx(3 / 0.020 - 3 / 0.050)


RUNS = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "c"]),
        st.tuples(st.integers(1, 500), st.sampled_from(["ok", "cut", "cancelled", "live"])),
        min_size=1,
    ),
    min_size=1,
    max_size=8,
)


@given(RUNS)
def test_every_run_of_every_lane_is_counted_once(runs: list[dict[str, tuple[float, str]]]) -> None:
    repeats = Repeats()
    for lanes in runs:
        repeats.add(run_of(**lanes))
    told = document(repeats, len(runs), runs)
    assert json.loads(json.dumps(told, allow_nan=False))["repeats"] == len(runs)
    for lane in told["summary"]:
        mine = [run[lane["lane"]][1] for run in runs if lane["lane"] in run]
        assert lane["runs"] == len(mine) == sum(lane[key] for key in ("ok", "failed", "cut", "cancelled"))
        assert lane["metrics"]["ttft_ms"]["n"] == lane["ok"] == mine.count("ok")


@settings(max_examples=10)
@given(st.lists(st.integers(1, 500), min_size=5, max_size=8))
def test_a_lane_is_never_better_than_its_double(ttfts: list[float]) -> None:
    repeats = folded(a=ttfts, b=[*ttfts])
    assert [of(metric, repeats).leads for metric in COMPARED] == [False] * len(COMPARED)
