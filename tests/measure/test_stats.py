import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.measure.stats import difference_interval, median, median_interval, percentile, summarize


def test_the_median_of_an_even_number_is_between_the_middle_two() -> None:
    assert median([4, 1, 3, 2]) == 2.5


def test_percentiles_lie_between_the_nearest_ranks() -> None:
    assert percentile([10, 20, 30, 40, 50], 95) == pytest.approx(48)
    assert percentile([10, 20, 30, 40, 50], 5) == pytest.approx(12)


def test_nothing_has_no_median() -> None:
    assert median([]) is None


def test_failed_repeats_are_counted_and_never_change_the_numbers() -> None:
    summary = summarize([1.0, None, 3.0, None])
    assert (summary.count, summary.failed, summary.median) == (2, 2, 2.0)


def test_few_values_get_no_interval() -> None:
    assert median_interval([1, 2, 3, 4]) is None
    assert difference_interval([1, 2, 3, 4, 5], [1]) is None


def test_the_interval_is_the_same_every_time() -> None:
    values = [3.0, 1, 4, 1, 5, 9, 2, 6]
    assert median_interval(values) == median_interval(values)


def test_a_clear_difference_excludes_zero_and_a_doubtful_one_does_not() -> None:
    slow, fast = [100.0, 101, 99, 102, 98, 100], [200.0, 199, 203, 198, 201, 200]
    clear = difference_interval(slow, fast)
    assert clear is not None
    assert clear.excludes_zero
    assert clear.low < -100 < clear.high
    doubtful = difference_interval(slow, [99.0, 103, 98, 101, 97, 104])
    assert doubtful is not None
    assert not doubtful.excludes_zero


@given(st.lists(st.floats(-1e9, 1e9), min_size=1), st.floats(0, 100))
def test_a_percentile_lies_within_the_values(values: list[float], percent: float) -> None:
    found = percentile(values, percent)
    assert found is not None
    slack = 1e-6 * (1 + max(map(abs, values)))
    assert min(values) - slack <= found <= max(values) + slack


@given(st.lists(st.integers(0, 1000), min_size=5, max_size=12))
def test_the_interval_of_a_median_holds_the_median(values: list[int]) -> None:
    interval, middle = median_interval(values), median(values)
    assert interval is not None
    assert middle is not None
    assert interval.low <= middle <= interval.high
