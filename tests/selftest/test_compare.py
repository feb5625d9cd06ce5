"""A measurement is held against a truth made by hand: what agrees, what is off, and by how much."""

from __future__ import annotations

import pytest

from osstui.measure.run import RunState
from osstui.selftest.compare import LaneError, Truth, Verdict, compare, summarize
from tests.measure.made import MS, answer, fold, info


def truth(**changes: object) -> Truth:
    """What a host knows that answered exactly as `made.answer` was measured, on a clock of its own."""
    known: Truth = {
        "t_received": 5_000 * MS,
        "t_first": 5_200 * MS,
        "writes": [at * MS for at in (5_200, 5_250, 5_300, 5_350, 5_450)],
        "tokens": [3, 3, 3, 3, 3],
        "total_tokens": 15,
        "text": "Yes, yes.",
        "reasoning": "hm so ",
        "usage": {"prompt_tokens": 100, "completion_tokens": 25},
    }
    return known | changes


def measured() -> RunState:
    return fold(answer())


def error(**changes: object) -> LaneError:
    (found,) = compare(measured(), {"run-groq": truth(**changes)}, "run")
    return found


def test_what_was_measured_right_has_no_error() -> None:
    found = error()
    assert found.ttft_ms == pytest.approx(0)
    assert found.speed_percent == pytest.approx(0)
    assert (found.text_same, found.tokens_same, found.cost_same) == (True, True, True)


@pytest.mark.parametrize(("first", "off"), [(5_197, 3.0), (5_204.5, 4.5)])
def test_the_error_of_the_ttft_is_absolute_and_in_ms(first: float, off: float) -> None:
    assert error(t_first=int(first * MS)).ttft_ms == pytest.approx(off)


def test_the_error_of_the_speed_is_a_share_of_the_true_speed() -> None:
    slower = [at * MS for at in (5_200, 5_250, 5_300, 5_350, 5_700)]
    assert error(writes=slower).speed_percent == pytest.approx(100)
    faster = [at * MS for at in (5_200, 5_210, 5_220, 5_240, 5_325)]
    assert error(writes=faster).speed_percent == pytest.approx(50)


def test_chunks_that_were_written_together_count_as_the_first() -> None:
    together = [at * MS for at in (5_200, 5_200, 5_300, 5_350, 5_450)]
    speed = 9 / 0.25
    assert error(writes=together).speed_percent == pytest.approx((48 / speed - 1) * 100)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"text": "Yes, yes"}, "text_same"),
        ({"reasoning": "hm so"}, "text_same"),
        ({"total_tokens": 16}, "tokens_same"),
        ({"usage": {"prompt_tokens": 101, "completion_tokens": 25}}, "cost_same"),
    ],
)
def test_what_is_not_exact_is_named(changes: dict[str, object], wrong: str) -> None:
    found = error(**changes)
    flags = {name: getattr(found, name) for name in ("text_same", "tokens_same", "cost_same")}
    assert flags == {name: name != wrong for name in flags}
    assert not summarize([found]).exact


def test_another_report_than_the_host_s_is_wrong_in_tokens_and_cost() -> None:
    found = error(usage={"prompt_tokens": 100, "completion_tokens": 24})
    assert (found.text_same, found.tokens_same, found.cost_same) == (True, False, False)


def test_a_lane_that_the_host_never_saw_is_wrong_in_all() -> None:
    (found,) = compare(measured(), {"another-groq": truth()}, "run")
    assert found == LaneError("groq", None, None, text_same=False, tokens_same=False, cost_same=False)


@pytest.mark.parametrize("writes", [[], [5_200 * MS], [5_200 * MS] * 2])
def test_an_answer_in_one_piece_has_no_speed_to_be_wrong(writes: list[int]) -> None:
    assert error(writes=writes, tokens=[3] * len(writes)).speed_percent is None


def test_a_host_that_said_nothing_has_no_ttft_to_be_wrong() -> None:
    assert error(t_first=None).ttft_ms is None


def test_each_lane_is_held_against_its_own_truth() -> None:
    state = fold([*answer(), *answer_of("b")], info(), info("b"))
    found = compare(state, {"run-groq": truth(), "run-b": truth(t_first=5_207 * MS)}, "run")
    assert [(each.lane, each.ttft_ms) for each in found] == [
        ("groq", pytest.approx(0)),
        ("b", pytest.approx(7)),
    ]


def answer_of(lane: str) -> list[object]:
    import msgspec

    return [msgspec.structs.replace(event, lane=lane) for event in answer()]


def lane_error(ttft: float | None, speed: float | None, *, same: bool = True) -> LaneError:
    return LaneError("a", ttft, speed, text_same=same, tokens_same=same, cost_same=same)


def test_many_errors_are_summed_up_without_those_that_are_not_known() -> None:
    errors = [lane_error(float(at), None if at == 5 else at / 10) for at in range(1, 6)]
    verdict = summarize([*errors, lane_error(None, None, same=False)])
    assert (verdict.lanes, verdict.text_exact, verdict.tokens_exact, verdict.cost_exact) == (6, 5, 5, 5)
    assert verdict.ttft_p50 == pytest.approx(3.0)
    assert verdict.ttft_p95 == pytest.approx(4.8)
    assert verdict.speed_p95 == pytest.approx(0.385)
    assert not verdict.exact
    assert summarize(errors).exact


def test_nothing_measured_has_no_numbers() -> None:
    assert summarize([]) == Verdict(0, None, None, None, 0, 0, 0)
