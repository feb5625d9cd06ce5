"""Old prices are marked wherever a price stands."""

from datetime import date

import pytest

from osstui.job import Price
from osstui.measure.metrics import BY_KEY
from osstui.tui.screens.details import DetailsScreen
from osstui.tui.wording import price_age
from tests.tui.scripted import ScriptedEngine, terminal, whole

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("as_of", "told"),
    [
        (date(2026, 11, 1), ""),
        (date(2026, 8, 23), ""),
        (date(2026, 8, 22), "! price 91 days old"),
        (None, "? price without a date"),
    ],
)
def test_a_price_tells_its_age_once_it_may_no_longer_hold(as_of: date | None, told: str) -> None:
    assert price_age(Price(1, 2, as_of=as_of), TODAY) == told


async def test_the_panes_price_line_and_the_details_mark_an_old_price() -> None:
    async with terminal(lanes=["modelslab", "compactifai"], size=(160, 40)) as t:
        await t.until_shown("$0.039 in · $0.19 out per 1M tokens · ! price ")
        await t.until_shown("? price without a date")
        await t.press("alt+1")
        await t.until(lambda: t.compare.grid.focused)
        await t.press("i")
        await t.until_shown("days old), stale")


async def test_a_lane_that_the_catalog_does_not_list_has_no_published_figures() -> None:
    async with terminal(lanes=["groq:some/raw-model"], size=(120, 60)) as t:
        await t.press("alt+1")
        await t.until(lambda: t.compare.grid.focused)
        await t.press("i")
        await t.until_shown("Nothing was asked yet")
        await t.until_shown("not known")


async def test_the_details_are_whole_though_numbers_come_before_they_are_laid_out() -> None:
    async with terminal(lanes=["modelslab"], size=(160, 40)) as t:
        details = DetailsScreen(t.compare.grid.panes[0], None)
        opening = t.app.push_screen(details)
        details.refresh_numbers()
        await opening
        await t.until_shown("days old), stale")


async def test_the_foot_of_a_pane_sets_what_is_published_beside_what_was_measured() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq", "groq:some/raw-model"], size=(200, 40)) as t:
        listed, raw = t.compare.grid.panes
        await t.until_shown("published TTFT 0.22 s, 486 tok/s · artificialanalysis.ai, date unknown")
        await t.ask()
        await t.until_quiet()
        assert listed.state is not None
        ttft = BY_KEY["ttft"].value(listed.state)
        assert ttft is not None
        await t.until_shown(f"published TTFT 0.22 s (×{ttft / 220:.2f})")
        assert "published" not in str(raw.border_subtitle)
        await t.pilot.resize_terminal(90, 40)
        await t.until_shown(f"published 0.22 s ×{ttft / 220:.2f}")
        await t.press("alt+1", "b")
        await t.until(lambda: listed.hidden)
        assert "published" not in str(listed.border_subtitle)
