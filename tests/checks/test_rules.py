"""The rules that are formulas: validation, intervals, trends; and checks judged by hand-made answers."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.canaries import CANARIES
from osstui.checks import knowledge, reach, thinking, tooling
from osstui.checks.exchange import Observation, probe
from osstui.checks.model import Host, Verdict, not_taken
from osstui.checks.table import BY_ID, CHECKS, UnknownCheckError, choose, estimated_tokens
from osstui.events import Delta, Failed, FailureKind, Usage
from osstui.job import Params
from osstui.measure.lane import LaneState
from osstui.measure.stats import wilson
from tests.checks.hosts import target
from tests.checks.made import answered, called, facts, judged, refused
from tests.measure.made import info


def test_the_score_interval_is_wilsons() -> None:
    low, high = wilson(8, 10)
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    assert wilson(20, 20)[1] == pytest.approx(1.0)
    assert wilson(0, 20)[0] == pytest.approx(0.0)


@given(st.integers(1, 30), st.data())
def test_an_interval_holds_its_share(asked: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, asked))
    low, high = wilson(right, asked)
    assert -1e-12 <= low - 1e-12 <= right / asked <= high + 1e-12 <= 1 + 1e-11


def test_the_exact_test_is_fishers() -> None:
    assert knowledge.fisher(1, 10, 11, 14) == pytest.approx(0.001379728, rel=1e-6)
    assert knowledge.fisher(20, 20, 60, 60) == 1.0


def test_the_trend_is_pages() -> None:
    assert thinking.page_trend([(1, 2, 3)] * 4) == pytest.approx(1 / 6**4)
    assert thinking.page_trend([(3, 2, 1)] * 4) == 1.0
    assert thinking.page_trend([(5, 5, 5)] * 4) == 1.0
    assert thinking.page_trend([(1, 2, 3), (1, 2, 3), (2, 1, 3), (1, 3, 2)]) < 0.05


def test_any_order_without_a_trend_is_taken_for_chance() -> None:
    assert all(thinking.page_trend([order]) >= 1 / 6 for order in permutations((1.0, 2.0, 3.0)))


@pytest.mark.parametrize(
    ("said", "answer", "right"),
    [
        ("17532", "17532", True),
        ("**17,532**", "17532", True),
        ("The answer is 17532.", "17532", True),
        ("175320", "17532", False),
        ("Dvorak", "Dvořák", True),
        ("ouagadougou.", "Ouagadougou", True),
        ("13, or perhaps 3? No: 7", "8", False),
        ("", "3", False),
    ],
)
def test_an_answer_is_right_whatever_stands_around_it(said: str, answer: str, right: bool) -> None:
    assert knowledge.is_right(said, answer) is right


def test_there_are_twenty_canaries_and_each_knows_its_own_answer() -> None:
    assert len(CANARIES) == 20
    assert len({canary.question for canary in CANARIES}) == 20
    assert all(knowledge.is_right(canary.answer, canary.answer) for canary in CANARIES)


def test_a_host_that_the_others_outdo_is_warned_of() -> None:
    verdicts = {name: Verdict("pass", "", {}, (), (20, 20)) for name in ("a", "b", "c")}
    verdicts["low"] = Verdict("pass", "", {}, (), (15, 20))
    changed = knowledge.compare_scores(verdicts)
    assert changed["low"].result == "warn"
    assert {changed[name].result for name in ("a", "b", "c")} == {"pass"}


def test_every_check_says_its_rule_and_where_it_comes_from() -> None:
    for row in CHECKS:
        assert "Passes when" in row.rule or row.id in ("usage", "same-text", "effort", "distribution"), row.id
        assert "Source:" in row.rule, row.id
        assert "- " not in row.rule, row.id
        assert row.title
    assert len(BY_ID) == len(CHECKS) >= 27


def test_levels_hold_what_is_below_them_and_names_may_be_groups() -> None:
    quick, full, deep = (set(choose(level)) for level in ("quick", "full", "deep"))
    assert quick < full < deep
    assert [row.id for row in choose("quick", only=["tools"])] == ["tools"]
    assert {row.group for row in choose("quick", only=["errors"])} == {"errors"}
    assert "effort" not in {row.id for row in choose("full", skip=["effort"])}
    with pytest.raises(UnknownCheckError, match="did you mean 'unicode'"):
        choose("full", only=["unicod"])


@pytest.mark.parametrize(
    ("kind", "status", "message", "unfit"),
    [
        ("bad_request", 400, "response_format is not supported", True),
        ("bad_request", 422, "body.tools: Extra inputs are not permitted", True),
        ("not_found", 404, "No endpoints found that support tool use", True),
        ("not_found", 404, "The model does not exist", False),
        ("auth", 401, "bad key", False),
        ("auth", 402, "no credit", False),
        ("rate_limit", 413, "too many tokens per minute", False),
        ("timeout", 408, "too slow", False),
        ("bad_request", 400, "Tool call validation failed: no such parameter", False),
        ("server", 500, "oops", False),
    ],
)
def test_a_feature_is_refused_only_where_the_refusal_is_about_it(
    kind: FailureKind, status: int, message: str, unfit: bool
) -> None:
    lane = LaneState(info(params=Params()))
    lane.apply(Failed("r", "here", 3, kind, status, message))
    seen = Observation(probe("?"), lane, {})
    assert seen.unfit == unfit
    assert (not_taken(seen, "it") is not None) == unfit


def test_an_answer_that_fails_on_its_way_was_no_refusal() -> None:
    lane = LaneState(info(params=Params()))
    lane.apply(Delta("r", "here", 4, "text", "So", 3))
    lane.apply(Failed("r", "here", 5, "bad_request", 400, "it broke"))
    assert not Observation(probe("?"), lane, {}).unfit


@pytest.mark.parametrize(
    ("total", "reasoning", "adds_up"),
    [(13, None, True), (None, None, True), (18, 5, True), (18, None, False), (5, 2, False)],
)
def test_usage_must_add_up_with_the_reasoning_inside_or_beside(
    total: int | None, reasoning: int | None, adds_up: bool
) -> None:
    seen = answered()
    seen.lane.apply(Usage("r", "here", 6, 10, 3, reasoning, total=total))
    verdict = judged("usage", facts(), seen, seen)
    assert ("does not add up" not in verdict.reason) is adds_up
    assert adds_up or verdict.result == "warn"


def test_a_certificate_that_ends_soon_is_told() -> None:
    soon = facts(tls_version="TLSv1.3", certificate_days=3.2, connect_ns=1000)
    assert judged("reach", soon).result == "warn"
    timed = facts(dns_ns=2_500_000_000, connect_ns=1_200_000, tls_version="TLSv1.3", certificate_days=80.0)
    good = judged("reach", timed)
    assert good.result == "pass"
    assert good.reason == "connected in 2501.2 ms (DNS 2500.0, TCP 1.2), TLSv1.3, certificate 80 days"
    assert judged("reach", facts(error_kind="tls", error="certificate has expired")).result == "fail"


@pytest.mark.parametrize(
    ("status", "result", "word"),
    [
        (401, "fail", "refused"),
        (402, "fail", "credit"),
        (429, "warn", "limit"),
        (500, "fail", "can't be told"),
    ],
)
def test_what_becomes_of_a_key_is_named_apart(status: int, result: str, word: str) -> None:
    verdict = judged("auth", facts(), refused(status))
    assert (verdict.result, word in verdict.reason) == (result, True)


@pytest.mark.parametrize(
    ("echoed", "result"),
    [
        ("gpt-oss-120b", "pass"),
        ("accounts/fireworks/models/gpt-oss-120b", "pass"),
        ("GPT-OSS-120B-250805", "pass"),
        ("openai/gpt-oss-20b", "fail"),
        ("meta-llama/llama-3.1-8b-instruct", "fail"),
    ],
)
def test_another_model_is_told_from_another_spelling(echoed: str, result: str) -> None:
    assert judged("identity", facts(), answered(model=echoed)).result == result


def test_limits_that_contradict_themselves_are_told() -> None:
    odd = {"x-ratelimit-limit-requests": "10", "x-ratelimit-remaining-requests": "20"}
    assert judged("limits", facts(), answered(**odd)).result == "warn"
    assert judged("limits", facts(), answered(**{"x-ratelimit-remaining": "0"})).result == "warn"
    assert judged("limits", facts(), answered(**{"x-ratelimit-reset": "1m2s"})).result == "pass"
    assert judged("limits", facts(), answered()).result == "n/a"


@pytest.mark.parametrize("marker", ["<|channel|>", "assistantfinal", "</think>", "<tool_call>"])
def test_a_marker_anywhere_in_an_answer_fails(marker: str) -> None:
    assert judged("markers", facts(), answered(f"Well {marker} then")).result == "fail"
    assert judged("markers", facts(), answered("Well then")).result == "pass"


@pytest.mark.parametrize(
    ("calls", "wrong"),
    [
        ([("get_weather", '{"city": "Zürich"}')], None),
        ([("get_wether", "{}")], "UnknownName"),
        ([("get_weather", '{"city": ')], "InvalidJson"),
        ([("get_weather", '{"town": "Zürich"}')], "SchemaMismatch"),
        ([("get_weather", '{"city": "Rome"}'), ("get_weather", '{"city": 7}')], "SchemaMismatch"),
        ([], "no tool"),
    ],
)
def test_a_bad_call_is_classed(calls: list[tuple[str, str]], wrong: str | None) -> None:
    found = tooling.fault(called(*calls), [tooling.WEATHER])
    assert found is None if wrong is None else (found or "").startswith(wrong)


def test_two_valid_calls_at_once_are_parallel() -> None:
    both = called(("get_weather", '{"city": "Zürich"}'), ("get_weather", '{"city": "Lisbon"}'))
    assert judged("parallel-tools", facts(), both).result == "pass"


def test_a_made_up_key_costs_nothing_where_none_is_needed() -> None:
    host = Host("here", target("http://127.0.0.1:1", api_key_env=()), facts())
    assert next(reach.wrong_key(host)) == []


def test_an_estimate_holds_what_the_checks_share_and_the_claimed_window() -> None:
    def tokens(*names: str, window: int | None = None) -> tuple[int, int]:
        return estimated_tokens([BY_ID[name] for name in names], window)

    alone, both = tokens("ending"), tokens("ending", "cost")
    assert alone == both > (0, 0)
    assert tokens("usage")[1] > alone[1]
    small, large = (tokens("needle", window=window)[0] for window in (8_000, 1_000_000))
    assert small < 30_000
    assert large > 1_500_000
    spent = {row.id for row in CHECKS if sum(tokens(row.id, window=8_000))}
    assert {row.id for row in CHECKS} - spent == {"reach", "listed", "bad-parameter", "no-such-model"}
