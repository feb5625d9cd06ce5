"""How panes share the screen, how numbers keep their place, and the screens as text."""

from __future__ import annotations

from datetime import date
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from osstui.events import Failed
from osstui.job import Target
from osstui.measure.run import RunState
from osstui.tui.numbers import clock, sparkline
from osstui.tui.screens.details import DetailsScreen
from osstui.tui.widgets.grid import MIN_HEIGHT, MIN_WIDTH, shape
from osstui.tui.wording import failure_line
from tests.tui.looks import inside, looks_as_it_did
from tests.tui.scripted import ScriptedEngine, Terminal, catalog, opened, terminal, whole


@given(count=st.integers(1, 32), width=st.integers(MIN_WIDTH, 400), height=st.integers(5, 120))
def test_columns_stay_readable_and_no_row_is_empty(count: int, width: int, height: int) -> None:
    columns, row_height = shape(count, Size(width, height))
    assert 1 <= columns <= count
    assert width // columns >= MIN_WIDTH
    rows = ceil(count / columns)
    assert (rows - 1) * columns < count
    assert (row_height or height // rows) >= min(MIN_HEIGHT, height)


@pytest.mark.parametrize(
    ("count", "size", "columns", "scrolls"),
    [
        (1, (60, 13), 1, False),
        (6, (60, 13), 1, True),
        (2, (120, 33), 2, False),
        (6, (160, 38), 3, False),
        (6, (300, 93), 3, False),
        (8, (300, 93), 4, False),
        (32, (120, 33), 3, True),
        (32, (300, 93), 4, False),
    ],
)
def test_shapes_that_people_meet(count: int, size: tuple[int, int], columns: int, scrolls: bool) -> None:
    assert shape(count, Size(*size)).columns == columns
    assert bool(shape(count, Size(*size)).height) is scrolls


def test_clocks_and_sparklines() -> None:
    assert [clock(ns * 10**9) for ns in (-1, 0, 59, 60, 3_725)] == [
        "0.0 s",
        "0.0 s",
        "59.0 s",
        "1:00",
        "1:02:05",
    ]
    assert sparkline([0, 1, 2, 4], 6) == "  ▁▃▅█"
    assert sparkline([1, 2, 3], 2) == "▆█"
    assert sparkline([], 3) == "   "
    assert sparkline([0, 0], 2) == "▁▁"


@given(values=st.lists(st.floats(0, 1e9), max_size=60), width=st.integers(0, 40))
def test_a_sparkline_is_as_wide_as_it_is_told(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) == width


def groq() -> Target:
    return catalog().target("groq")


@pytest.mark.parametrize(
    ("failed", "line"),
    [
        (
            Failed("r", "l", 0, "auth", 401, "Invalid API Key"),
            "auth 401: Invalid API Key – check GROQ_API_KEY",
        ),
        (
            Failed("r", "l", 0, "auth", 402, "No credit"),
            "auth 402: No credit – add credit at the host, or choose other lanes with Ctrl+L",
        ),
        (Failed("r", "l", 0, "no_key", None, "no key: set GROQ_API_KEY"), "no key: no key: set GROQ_API_KEY"),
        (
            Failed("r", "l", 0, "rate_limit", 429, "slow\ndown", 2.0),
            "rate limit 429: slow down – wait 2 s, then press r in the pane",
        ),
        (
            Failed("r", "l", 0, "not_found", 404, "no model"),
            "not found 404: no model – choose another model with Ctrl+L",
        ),
        (
            Failed("r", "l", 0, "connect", None, "refused"),
            "connect: refused – check that https://api.groq.com/openai/v1 can be reached, "
            "then press r in the pane",
        ),
    ],
)
def test_a_failure_names_kind_status_message_and_way_out(failed: Failed, line: str) -> None:
    assert failure_line(failed, groq()) == line


async def story(t: Terminal) -> None:
    """Four lanes, four endings: done, failed, cut and cancelled; every clock stands at what events say."""
    t.engine.answer = opened
    await t.ask("Why is the sky blue?")
    t.engine.delta("cerebras", "Light scatters.", 105, "reasoning")
    t.engine.delta("cerebras", "Short waves **scatter** more:\n\n- blue\n- violet\n", 205, n=40)
    t.engine.usage("cerebras", 205, 60)
    t.engine.end("cerebras", 205)
    t.engine.fail("groq", 305, "Invalid API Key [x]")
    t.engine.end("together", 905, "cancelled")
    t.engine.delta("deepinfra", "Because", 405)
    t.engine.end("deepinfra", 405, "truncated")
    await t.until_quiet()


@pytest.mark.parametrize("size", [(60, 20), (120, 40), (300, 100)])
async def test_the_screen_looks_as_it_did(size: tuple[int, int]) -> None:
    async with terminal(size=size, demo=True, lanes=["cerebras", "groq", "deepinfra", "together"]) as t:
        await story(t)
        await looks_as_it_did(t, f"compare-{size[0]}x{size[1]}", lambda: t.screen)


@pytest.mark.parametrize("size", [(60, 20), (120, 50), (200, 60)])
async def test_the_details_look_as_they_did(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    class Then(date):
        @classmethod
        def today(cls) -> date:
            return date(2026, 11, 21)

    monkeypatch.setattr("osstui.tui.screens.details.date", Then)
    async with terminal(ScriptedEngine(whole()), size=size) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+2", "i")
        await t.until_shown("TTFT  ")
        page = t.app.screen
        assert isinstance(page, DetailsScreen)
        await looks_as_it_did(t, f"details-{size[0]}x{size[1]}", lambda: inside(t, page.box.region))


async def test_numbers_do_not_move_while_their_digits_change() -> None:
    async with terminal(ScriptedEngine(opened), size=(160, 40), lanes=["groq"]) as t:
        await t.ask()
        t.engine.delta("groq", "a", 105)
        await t.until_shown("100 ms")
        before = meter_row(t).index("TTFT"), meter_row(t).index(" tok ")
        for at in range(1, 40):
            t.engine.delta("groq", "b", 105 + at * 50, n=90)
        await t.until_shown("≈3,520 tok")
        assert (meter_row(t).index("TTFT"), meter_row(t).index(" tok ")) == before


def meter_row(t: Terminal) -> str:
    return next(line for line in t.screen.splitlines() if "TTFT" in line)


def test_an_empty_run_has_nothing_to_draw() -> None:
    assert RunState().done is False


async def test_the_narrowest_pane_has_room_for_ttft_speed_and_cost() -> None:
    lanes = [f"groq:gpt-oss-{size}b" for size in (120, 20) for _ in range(6)]
    async with terminal(ScriptedEngine(whole()), (3 * MIN_WIDTH + 1, 36), lanes=lanes) as t:
        await t.ask()
        await t.until_quiet()
        numbers = [row for row in t.screen.splitlines() if "✓ TTFT" in row]
        assert numbers
        assert all(row.count("t/s") == row.count("$") == 3 for row in numbers), numbers


@pytest.mark.parametrize("width", [60, 80, 200])
async def test_the_line_of_keys_always_ends_with_the_ways_to_help_and_out(width: int) -> None:
    async with terminal(size=(width, 24)) as t:
        keys = t.screen.splitlines()[-1]
        assert {"Help", "Quit", "Send"} <= {*keys.split()}
        assert ("Commands" in keys) == (width > 60)
        await t.press("alt+1")
        await t.until_shown("Zoom")
        keys = t.screen.splitlines()[-1]
        assert {"Help", "Quit"} <= {*keys.split()}
        assert len(keys) <= width
        await t.pilot.resize_terminal(200, 24)
        await t.until_shown("Details")
        assert "Commands" in t.screen.splitlines()[-1]
