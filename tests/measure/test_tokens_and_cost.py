"""Who is believed on tokens and money."""

import pytest
from made import MS, answer, ended, lane_of, piece, sent, usage

from osstui.events import AnyEvent, Failed
from osstui.job import Price
from osstui.measure.cost import cost_of, priced
from osstui.measure.run import LaneState
from osstui.measure.speed import output_basis
from osstui.measure.tokens import tokens_of


def reasoned(reasoning: int, text: int, told: dict, **changes: object) -> LaneState:
    """One stream: reasoning tokens then answer tokens, one every 10 ms, then usage."""
    stream = [piece(100 + 10 * i, 1, "r ", "reasoning") for i in range(reasoning)]
    stream += [piece(100 + 10 * (reasoning + i), 1, "t ") for i in range(text)]
    return lane_of([*sent(), *stream, usage(9000, **told), ended(9001)], **changes)


def test_the_worked_example_of_keeprouter() -> None:
    assert priced(Price(0.15, 0.60), 1000, 500) == pytest.approx(0.00045, abs=1e-12)


def test_cached_input_has_its_own_price() -> None:
    assert priced(Price(0.15, 0.60, 0.075), 1000, 0, 400) == pytest.approx((600 * 0.15 + 400 * 0.075) / 1e6)


def test_cached_input_without_a_price_costs_as_input() -> None:
    assert priced(Price(0.15, 0.60), 1000, 0, 400) == pytest.approx(0.00015)


def test_more_cached_than_input_never_makes_a_negative_price() -> None:
    assert priced(Price(0.15, 0.60, 0.0), 100, 0, 900) == 0


def test_the_hosts_own_figure_wins() -> None:
    cost = cost_of(lane_of(answer(input=1, output=25, cost_usd=0.5)))
    assert (cost.usd, cost.source, cost.approximate) == (0.5, "reported", False)


def test_reported_tokens_times_the_catalogs_price() -> None:
    cost = cost_of(lane_of(answer(input=1000, output=500, reasoning=6)))
    assert cost.usd == pytest.approx(0.00045)
    assert (cost.source, cost.approximate) == ("catalog", False)


def test_running_cost_is_counted_prompt_and_counted_output_and_marked() -> None:
    cost = cost_of(lane_of(answer()[:-2]))
    assert cost.usd == pytest.approx((100 * 0.15 + 15 * 0.60) / 1e6)
    assert cost.approximate


@pytest.mark.parametrize(
    ("events", "changes", "reason"),
    [
        (answer(), {"price": None}, "no price in the catalog"),
        ([], {}, "nothing was sent"),
        (
            [*sent(), Failed("r", "groq", 20 * MS, "auth", 401, "no")],
            {},
            "it ended before the first token, without usage",
        ),
        (
            [*sent(), piece(20, 1), ended(30)],
            {"input_tokens": None},
            "prompt tokens unknown: no usage sent, no tokenizer",
        ),
    ],
)
def test_an_unknown_cost_has_its_reason(events: list, changes: dict, reason: str) -> None:
    cost = cost_of(lane_of(events, **changes))
    assert (cost.usd, cost.source, cost.why_missing) == (None, None, reason)


def test_the_report_is_the_truth_at_the_end_and_the_count_until_then() -> None:
    assert (tokens_of(lane_of(answer())).output, tokens_of(lane_of(answer())).source) == (25, "reported")
    running = tokens_of(lane_of(answer()[:-1]))
    assert (running.output, running.source, running.input) == (15, "counted", 100)


def test_without_usage_the_count_stays_and_says_so() -> None:
    lane = lane_of([*answer()[:-2], ended(480)])
    tokens = tokens_of(lane)
    assert (tokens.input, tokens.output, tokens.reasoning, tokens.source) == (100, 15, 6, "counted")
    assert lane.warnings == ["the host sent no usage: output tokens are counted"]


def test_without_the_models_tokenizer_a_count_is_an_estimate() -> None:
    assert tokens_of(lane_of([*answer()[:-2], ended(480)], exact_tokenizer=False)).source == "estimated"


def test_without_any_tokenizer_characters_are_weighed() -> None:
    lane = lane_of([*sent(), piece(20, None, "the quick brown fox jumps over the lazy dog "), ended(30)])
    tokens = tokens_of(lane)
    assert tokens.source == "estimated"
    assert tokens.output == pytest.approx(9, abs=2)


def test_ten_harmony_markers_are_no_disagreement() -> None:
    assert reasoned(50, 100, {"input": 1, "output": 160, "reasoning": 53}).warnings == []


def test_more_reasoning_than_output_is_added() -> None:
    lane = reasoned(120, 50, {"input": 1, "output": 50, "reasoning": 120})
    assert tokens_of(lane).output == 170
    assert tokens_of(lane).billed_output == 170
    assert lane.warnings == ["usage tells 120 reasoning tokens but 50 output tokens: they were added to 170"]


def test_reasoning_that_only_the_total_holds_is_added_and_paid_for() -> None:
    lane = reasoned(60, 100, {"input": 10, "output": 102, "reasoning": 64, "total": 176})
    tokens = tokens_of(lane)
    assert (tokens.output, tokens.source, tokens.billed_output, tokens.reasoning) == (
        166,
        "reported",
        166,
        64,
    )
    assert cost_of(lane).usd == pytest.approx((10 * 0.15 + 166 * 0.60) / 1e6)
    assert lane.warnings == []


def test_a_report_without_the_reasoning_is_used_for_cost_and_the_count_for_speed() -> None:
    lane = reasoned(60, 100, {"input": 0, "output": 100})
    tokens = tokens_of(lane)
    assert (tokens.output, tokens.source, tokens.billed_output) == (160, "counted", 100)
    assert output_basis(lane).speed == pytest.approx(100)
    assert cost_of(lane).usd == pytest.approx(100 * 0.60 / 1e6)
    assert lane.warnings == [
        "usage tells 100 output tokens but 160 were counted, reasoning included: "
        "speed uses the count, cost the report"
    ]


@pytest.mark.parametrize("reason", ["cancelled", "truncated"])
def test_what_came_after_the_last_report_of_a_broken_answer_is_counted_and_costed(reason: str) -> None:
    begun = usage(20, input=80, output=1, reasoning=0, cached=30, cost_usd=1e-9)
    lane = lane_of(
        [*sent(), begun, piece(20, 1), *[piece(20 + n, 2) for n in range(1, 100)], ended(130, reason)]
    )
    tokens, cost = tokens_of(lane), cost_of(lane)
    assert (tokens.input, tokens.cached, tokens.output, tokens.source) == (80, 30, 199, "counted")
    assert cost.usd == pytest.approx((80 * 0.15 + 199 * 0.60) / 1e6)
    assert cost.approximate
    assert lane.warnings == []


def test_a_whole_answer_whose_last_report_was_its_first_is_counted_and_costed() -> None:
    begun = usage(20, input=80, output=1)
    lane = lane_of([*sent(), begun, piece(20, 1), *[piece(20 + n, 2) for n in range(1, 100)], ended(130)])
    assert (tokens_of(lane).output, tokens_of(lane).source) == (199, "counted")
    assert cost_of(lane).usd == pytest.approx((80 * 0.15 + 199 * 0.60) / 1e6)
    assert lane.warnings == ["the host sent no usage at the end: output tokens are counted"]


@pytest.mark.parametrize(("reported", "exact"), [(98, True), (70, False)])
def test_a_whole_answer_whose_report_lags_by_a_piece_is_reported(reported: int, exact: bool) -> None:
    pieces = [piece(20 + n, 2) for n in range(50)]
    events = [*sent(), *pieces[:-1], usage(68, input=80, output=reported), pieces[-1], ended(130)]
    lane = lane_of(events, exact_tokenizer=exact)
    assert (tokens_of(lane).output, tokens_of(lane).source) == (reported, "reported")


def test_the_report_that_came_with_the_last_piece_of_a_broken_answer_is_the_truth() -> None:
    lane = lane_of(
        [*sent(), piece(20, 5), piece(40, 5), usage(40, input=80, output=11), ended(50, "cancelled")]
    )
    tokens = tokens_of(lane)
    assert (tokens.output, tokens.source) == (11, "reported")


def test_ten_percent_below_the_count_is_no_disagreement() -> None:
    assert reasoned(0, 100, {"input": 1, "output": 90}).warnings == []
    assert len(reasoned(0, 100, {"input": 1, "output": 89}).warnings) == 1


def test_another_tokenizer_may_count_differently_without_a_warning() -> None:
    lane = reasoned(60, 100, {"input": 1, "output": 135}, exact_tokenizer=False)
    assert lane.warnings == []
    assert tokens_of(lane).source == "reported"


def test_hidden_reasoning_is_said() -> None:
    lane = reasoned(0, 100, {"input": 1, "output": 610, "reasoning": 500})
    assert lane.warnings == [
        "usage tells 500 reasoning tokens but the stream showed 0: reasoning is hidden, "
        "speed is that of the answer"
    ]
    assert tokens_of(lane).reasoning == 500


def test_text_that_was_lost_on_the_way_is_said_and_its_reasoning_is_not_guessed() -> None:
    lane = reasoned(0, 100, {"input": 1, "output": 200})
    assert "something was not shown" in lane.warnings[0]
    assert tokens_of(lane).reasoning is None


def test_a_lane_that_got_nowhere_has_no_tokens() -> None:
    tokens = tokens_of(lane_of([Failed("r", "groq", 5, "no_key", None, "no key")]))
    assert (tokens.input, tokens.output, tokens.reasoning, tokens.source) == (None, None, None, None)


def test_a_tool_call_has_markers_of_its_own() -> None:
    call = [piece(100 + 10 * i, 1, "{", "tool") for i in range(20)]
    told = usage(9000, input=1, output=40)
    assert lane_of([*sent(), *call, told, ended(9001, "tool_calls")]).warnings == []
    assert len(reasoned(0, 20, {"input": 1, "output": 40}).warnings) == 1


def test_a_cost_without_the_fees_of_the_host_s_own_tools_says_so() -> None:
    def told(*more: AnyEvent, **changes: object) -> list[str]:
        ran = [*sent(), piece(20, 5, "browser_search {}", "tool"), piece(30, 5), *more, ended(40)]
        return [line for line in lane_of(ran, **changes).warnings if "own tools" in line]

    own = {"builtin_tools": ("browser_search",)}
    assert told(**own) == [
        "the cost is that of the tokens: what the host charges for running its own tools is not in it"
    ]
    assert told() == []
    assert told(usage(35, input=1, output=2, cost_usd=0.005), **own) == []
