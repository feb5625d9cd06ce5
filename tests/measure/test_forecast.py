"""What a lane may cost at most, and which lanes a budget leaves out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from osstui.job import CallSent, Lane, Message, Price, Target, Tool
from osstui.measure.forecast import Budget, Forecast, forecast, refused, total

AMOUNTS = st.floats(0, 10)


def lane(price: Price | None, **more: object) -> Lane:
    target = Target("groq", "Groq", "https://x.example/v1", "openai-chat", "m", "m", price=price, **more)  # type: ignore[arg-type]
    return Lane("a", target, (Message("user", "why is the sky blue"),))


def test_the_largest_cost_is_the_prompt_and_the_whole_output_limit() -> None:
    each = forecast(lane(Price(0.15, 0.60)), 1000, 500)
    assert each.most_usd == pytest.approx(0.00045)
    assert (each.input_tokens, each.approximate) == (1000, False)


def test_an_estimate_is_reckoned_with_a_margin() -> None:
    counted = forecast(lane(Price(1, 0), exact_tokenizer=False), 1000, 0)
    assert counted.approximate
    assert counted.most_usd == pytest.approx(0.00125)
    assert forecast(lane(Price(1, 0)), None, 0).approximate


def test_a_local_server_is_free_and_a_host_without_a_price_cannot_be_sent() -> None:
    assert forecast(lane(None, key_required=False), 10, 10).most_usd == 0
    unknown = forecast(lane(None), 10, 10)
    assert refused([unknown], 1.0) == {"a": "not sent: no price is known, so no budget can be kept"}
    assert refused([unknown], None) == {}
    assert total([unknown]) is None


def test_the_smaller_of_two_budgets_holds_and_what_is_spent_is_gone() -> None:
    assert Budget().left(5) is None
    assert Budget(1.0).left(5) == 1.0
    assert Budget(1.0, 2.0).left(1.5) == 0.5
    assert Budget(None, 2.0).left(3) == 0.0


def test_windows_are_watched() -> None:
    assert forecast(lane(None, context=100), 100, 0).overflows
    assert not forecast(lane(None, context=100), 99, 0).overflows
    assert not forecast(lane(None), 10**9, 0).overflows


@given(st.lists(AMOUNTS, max_size=8), AMOUNTS)
def test_what_is_sent_never_passes_the_budget(costs: list[float], left: float) -> None:
    forecasts = [Forecast(str(at), 1, False, cost, None) for at, cost in enumerate(costs)]
    no = refused(forecasts, left)
    assert sum(each.most_usd or 0 for each in forecasts if each.lane not in no) <= left + 1e-9


def test_tools_are_read_too_and_what_a_host_runs_itself_has_no_bound() -> None:
    tool = Tool("get_weather", "Weather now", {"type": "object", "properties": {}})
    bare = lane(Price(1, 0), builtin_tools=("browser_search",))
    with_tools = replace(bare, tools=(tool,), builtin_tools=("other",))
    assert forecast(with_tools, 1000, 0).input_tokens > 1000
    assert forecast(with_tools, 1000, 0).approximate
    call = CallSent("c", "get_weather", "x" * 4000)
    called = replace(bare, messages=(*bare.messages, Message("assistant", "", calls=(call,))))
    assert forecast(called, None, 0).input_tokens > forecast(bare, None, 0).input_tokens + 500
    own = replace(bare, builtin_tools=("browser_search",))
    assert refused([forecast(own, 10, 10)], 1.0) == {
        "a": "not sent: nobody knows what the host's own tools will cost, so no budget can be kept"
    }
