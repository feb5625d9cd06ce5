"""Published figures beside measured ones."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.catalog import Catalog
from osstui.catalog.models import Offer, Published
from osstui.catalog.presets import Own
from osstui.catalog.published import beside, comparison, speeds

TODAY = date(2026, 11, 21)
OLD = Published(source="a.example", as_of=date(2026, 1, 1), output_tps=100.0, ttft_s=0.5)
NEW = Published(source="b.example", as_of=date(2026, 11, 1), output_tps=200.0)
UNDATED = Published(source="c.example", output_tps=900.0, ttft_s=0.1)
OFFER = Offer(id="m", published=(UNDATED, NEW, OLD))


def test_the_newest_page_that_has_the_figure_counts_and_is_named() -> None:
    speed, ttft = beside(OFFER, "output_tps", 150.0), beside(OFFER, "ttft_s", 1.0)
    assert speed is not None
    assert ttft is not None
    assert (speed.published, speed.source, speed.ratio) == (200.0, "b.example", 0.75)
    assert (ttft.published, ttft.source, ttft.ratio) == (0.5, "a.example", 2.0)
    assert speed.told(TODAY) == "measured is 0.75 × this · b.example, 2026-11-01, 20 days old"
    assert ttft.told(TODAY) == "measured is 2.00 × this · a.example, 2026-01-01, 324 days old, stale"


def test_what_was_not_measured_has_no_ratio_and_what_was_not_published_is_not_told() -> None:
    found = beside(Offer(id="m", published=(UNDATED,)), "ttft_s", None)
    assert found is not None
    assert found.ratio is None
    assert found.told(TODAY) == "nothing measured yet · c.example, date unknown"
    assert beside(Offer(id="m"), "ttft_s", 1.0) is None
    assert beside(Offer(id="m", published=(NEW,)), "ttft_s", 1.0) is None


@given(measured=st.floats(0, 1e6), published=st.floats(1e-3, 1e6))
def test_ratio_times_published_is_measured(measured: float, published: float) -> None:
    offer = Offer(id="m", published=(Published(source="s", ttft_s=published),))
    found = beside(offer, "ttft_s", measured)
    assert found is not None
    assert found.ratio is not None
    assert found.ratio * found.published == pytest.approx(measured)


def test_a_lanes_offer_is_found_by_its_target(shipped: Catalog) -> None:
    assert shipped.offer_of(shipped.target("groq")) is shipped.providers["groq"].models["gpt-oss-120b"]
    assert shipped.offer_of(shipped.target("groq:some/raw")) is None


def test_what_is_published_stands_on_one_line_with_source_age_and_ratio() -> None:
    assert comparison(OFFER, 1.0, 150.0, TODAY) == (
        "TTFT 0.50 s (×2.00) · a.example, 2026-01-01, 324 days old, stale; "
        "200 tok/s (×0.75) · b.example, 2026-11-01, 20 days old"
    )
    assert comparison(Offer(id="m", published=(UNDATED,)), None, 450.0, TODAY) == (
        "TTFT 0.10 s, 900 tok/s (×0.50) · c.example, date unknown"
    )
    assert comparison(Offer(id="m"), 1.0, 150.0, TODAY) == ""


def test_the_users_own_figures_follow_the_published_ones() -> None:
    own = Own(ttft_s=0.2, output_tps=450.0, runs=3)
    page = Offer(id="m", published=(UNDATED,))
    assert speeds(page, own, TODAY) == (
        "published TTFT 0.10 s (×2.00), 900 tok/s (×0.50) · c.example, date unknown"
        " · yours TTFT 0.20 s, 450 tok/s in 3 answers"
    )
    assert speeds(None, Own(ttft_s=0.2, runs=1), TODAY) == "yours TTFT 0.20 s in 1 answer"
    assert speeds(None, None, TODAY) == ""
