import pytest

from osstui.measure.format import show


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "–"),
        (float("inf"), "tok/s", "–"),
        (4.24, "ms", "4.2 ms"),
        (204.1, "ms", "204 ms"),
        (999.6, "ms", "1.00 s"),
        (75_200, "ms", "75.20 s"),
        (48.61, "tok/s", "48.6 tok/s"),
        (486.2, "tok/s", "486 tok/s"),
        (3185, "tok/s", "3,185 tok/s"),
        (1500, "count", "1,500"),
        (3.96, "tok/chunk", "4.0"),
        (0.00045, "$", "$0.00045"),
        (0.000302, "$", "$0.000302"),
        (0.1, "$", "$0.10"),
        (0.0, "$", "$0.00"),
        (0.9999, "$", "$1.00"),
        (1234.5, "$", "$1,234.50"),
        (-0.02, "$", "-$0.02"),
        (1.5e-9, "$", "$0.0000000015"),
    ],
)
def test_numbers_read_like_this(value: float | None, unit, text: str) -> None:
    assert show(value, unit) == text


def test_an_unsettled_number_says_about() -> None:
    assert show(0.00045, "$", approximate=True) == "≈$0.00045"


def test_an_unknown_number_is_not_about_anything() -> None:
    assert show(None, "$", approximate=True) == "–"
