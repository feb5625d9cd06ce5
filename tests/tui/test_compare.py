"""Every interaction of the compare screen, with an engine that replays what each test needs."""

from __future__ import annotations

import asyncio

from osstui.job import Message
from osstui.profile import Profile
from osstui.tui.widgets.transcript import Transcript
from tests.tui.scripted import ScriptedEngine, control_characters, opened, terminal, whole


async def test_a_prompt_goes_to_every_lane_and_the_answers_stand_side_by_side() -> None:
    async with terminal(ScriptedEngine(whole("Hello **world**"))) as t:
        await t.ask("Why?")
        await t.until_quiet()
        assert [lane.lane for lane in t.engine.job.lanes] == ["cerebras", "groq", "deepinfra"]
        assert t.screen.count("Hello world") == 3
        assert t.screen.count("✓ done") == 3
        assert t.compare.prompt.text == ""


async def test_numbers_and_leaders_are_those_of_the_events() -> None:
    async with terminal(ScriptedEngine(whole()), size=(160, 40)) as t:
        await t.ask()
        await t.until_quiet()
        for number in ("100 ms", "200 ms", "300 ms", "400 tok/s"):
            assert number in t.screen
        assert "3/3 done" in t.screen
        assert "first cerebras 100 ms" in t.screen
        assert "cheapest deepinfra" in t.screen


async def test_a_narrow_screen_names_the_leaders_without_their_figures() -> None:
    async with terminal(ScriptedEngine(whole()), size=(72, 24)) as t:
        await t.ask()
        await t.until_shown("3/3 done · ")
        assert "first, fastest cerebras · cheapest deepinfra" in t.screen
        assert "this prompt" not in t.screen


async def test_the_draft_stays_until_the_lanes_are_free() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask("first")
        await t.press(*"more", "enter")
        assert t.compare.prompt.text == "more"
        assert "your prompt is kept" in t.notices
        assert len(t.engine.jobs) == 1


async def test_a_prompt_that_could_not_be_sent_comes_back_into_the_box() -> None:
    engine = ScriptedEngine()
    engine.explode = RuntimeError("no [engine] \x1b]0;x\x07")
    async with terminal(engine) as t:
        t.compare.prompt.text = "precious"
        await t.press("enter")
        await t.until(lambda: not t.compare.session.busy)
        await t.until(lambda: t.compare.prompt.text == "precious")
        await t.until_shown("✗ failed")
        assert "the engine failed: no [engine] ␛]0;x␇" in t.notices
        engine.explode = None
        engine.answer = whole()
        await t.press("enter")
        await t.until_quiet()
        assert t.screen.count("Hello world") == 3


async def test_what_is_typed_before_the_lanes_are_there_is_sent_when_they_are() -> None:
    engine = ScriptedEngine(whole())
    engine.ready.clear()
    async with terminal(engine) as t:
        await t.press(*"early", "enter")
        assert t.compare.prompt.text == "early"
        assert not engine.jobs
        engine.ready.set()
        await t.until(lambda: engine.jobs)
        assert engine.job.prompt == "early"


async def test_a_prompt_from_the_command_line_is_sent_at_once() -> None:
    async with terminal(ScriptedEngine(whole()), prompt="from outside") as t:
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "from outside"


async def test_each_lane_is_sent_its_own_answers_as_history() -> None:
    async with terminal(ScriptedEngine(whole()), profile=Profile(seed=7, system="Be brief")) as t:
        t.engine.answer = lambda engine, job: [  # type: ignore[assignment, return-value, func-returns-value]
            (engine.open(lane.lane), engine.delta(lane.lane, f"I am {lane.lane}", 100), engine.end(lane.lane))
            for lane in job.lanes
        ]
        await t.ask("one")
        await t.until_quiet()
        await t.ask("two")
        groq = t.engine.job.lanes[1]
        assert groq.messages == (
            Message("system", "Be brief"),
            Message("user", "one"),
            Message("assistant", "I am groq"),
            Message("user", "two"),
        )
        assert groq.params.seed == 7


async def test_a_new_conversation_sends_no_history_and_clears_the_panes() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask("one")
        await t.until_quiet()
        await t.press("ctrl+n")
        assert "Hello world" not in t.screen
        await t.ask("two")
        assert t.engine.job.lanes[0].messages == (Message("user", "two"),)
        await t.until_quiet()
        assert t.compare.session.spent_usd > 0


async def test_x_cancels_the_lane_in_focus_alone() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("alt+2", "x")
        assert t.engine.cancelled == [(t.engine.job.run, "groq")]
        await t.until_shown("■ cancelled")
        assert t.compare.session.busy


async def test_escape_twice_cancels_every_lane_and_once_does_not() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("escape")
        assert t.engine.cancelled == []
        assert "Press Esc again" in t.notices
        await t.press("escape")
        assert t.engine.cancelled == [(t.engine.job.run, None)]
        await t.until_quiet()
        assert t.screen.count("■ cancelled") == 3


async def test_ctrl_c_cancels_while_streaming_and_never_quits() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        await t.press("ctrl+c")
        await t.until_quiet()
        assert t.engine.cancelled == [(t.engine.job.run, None)]
        await t.press("ctrl+c")
        assert "Ctrl+Q quits" in t.notices
        assert t.app.is_running


async def test_a_failed_lane_keeps_its_text_and_names_the_way_out() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        t.engine.delta("groq", "half an ans", 100)
        t.engine.fail("groq", 200, "Invalid API Key")
        await t.until_shown("auth 401: Invalid API Key")
        assert "half an ans" in t.screen
        assert "check GROQ_API_KEY" in " ".join(t.screen.split())


async def test_r_asks_one_lane_again_with_the_same_prompt() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask("again?")
        await t.until_quiet()
        await t.press("alt+3", "r")
        await t.until(lambda: len(t.engine.jobs) == 2)
        assert [lane.lane for lane in t.engine.job.lanes] == ["deepinfra"]
        assert t.engine.job.lanes[0].messages == (Message("user", "again?"),)
        await t.until_quiet()
        assert "3/3 done" in t.screen


async def test_retrying_what_failed_leaves_the_good_answers_alone() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        t.engine.fail("cerebras", 100, "overloaded", "server", 503)
        t.engine.delta("groq", "fine", 100)
        t.engine.end("groq", 200)
        t.engine.end("deepinfra", 200, "truncated")
        await t.until_quiet()
        assert "1/3 done" in t.screen
        assert "1 failed" in t.screen
        assert "1 cut" in t.screen
        t.engine.answer = whole("better")
        await t.press("ctrl+r")
        await t.until(lambda: len(t.engine.jobs) == 2)
        assert [lane.lane for lane in t.engine.job.lanes] == ["cerebras", "deepinfra"]
        await t.until_quiet()
        assert "fine" in t.screen
        assert t.screen.count("better") == 2


async def test_a_lane_that_is_retried_counts_down_and_says_why() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        t.engine.retry("groq", 100, 30_000, "slow down")
        await t.until_shown("↻ try 2 in")
        await t.until_shown("try 1 failed: slow down")


async def test_states_are_told_in_words() -> None:
    async with terminal(ScriptedEngine()) as t:
        await t.ask()
        await t.until_shown("◌ connecting")
        opened(t.engine, t.engine.job)
        await t.until_shown("◌ waiting")
        t.engine.delta("groq", "Let me see", 100, "reasoning")
        await t.until_shown("◐ thinking")
        t.engine.delta("groq", "Yes", 200)
        await t.until_shown("● streaming")
        t.engine.end("groq", 300, "length")
        await t.until_shown("✓ token limit")
        t.engine.end("cerebras", 300, "truncated")
        await t.until_shown("! cut after")


async def test_copying_shows_control_characters_instead_of_sending_them_to_the_clipboard() -> None:
    async with terminal(ScriptedEngine(whole("a\x1b[31mb\u202ec\n**d**"))) as t:
        await t.ask()
        await t.until_quiet()
        await t.press("alt+1", "c")
        assert t.app.clipboard == "a␛[31mb‹U+202E›c\n**d**"


async def test_zoom_gives_one_pane_the_grid_and_back() -> None:
    async with terminal(ScriptedEngine(whole())) as t:

        async def shown(*lanes: str) -> None:
            await t.until(lambda: [pane.lane for pane in t.compare.grid.on_screen] == [*lanes])

        await t.ask()
        await t.until_quiet()
        await t.press("alt+2", "z")
        await shown("groq")
        await t.until_shown("one of 3 panes: z shows all")
        await t.until(lambda: t.compare.grid.panes[1].size.width > 110)
        await t.press("3")
        await shown("deepinfra")
        await t.press("escape")
        await shown("cerebras", "groq", "deepinfra")
        await t.until(lambda: "z shows all" not in t.screen)


async def test_leaving_the_zoom_leaves_the_pane_in_view() -> None:
    async with terminal(ScriptedEngine(whole()), size=(60, 20), lanes=["groq"] * 6) as t:
        await t.press("shift+tab", "z")
        await t.until(lambda: [pane.lane for pane in t.compare.grid.on_screen] == ["groq#6"])
        await t.press("z")
        await t.until(lambda: t.compare.grid.panes[5] in t.compare.grid.on_screen)
        await t.press("1")
        await t.until(lambda: t.compare.grid.panes[0] in t.compare.grid.on_screen)
        await t.until(lambda: t.compare.grid.panes[0].region.y == t.compare.grid.region.y)


async def test_a_double_click_on_the_numbers_zooms() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        meter = t.compare.grid.panes[1].meter
        await t.pilot.click(meter, times=2)
        await t.until(lambda: t.compare.grid.zoomed is t.compare.grid.panes[1])


async def test_focus_moves_between_panes_by_key_and_mouse() -> None:
    async with terminal(ScriptedEngine(whole()), size=(120, 50), lanes=["groq"] * 4) as t:

        def lane() -> str | None:
            pane = t.compare.grid.focused
            return pane.lane if pane else None

        await t.press("shift+tab")
        assert lane() == "groq#4"
        await t.press("ctrl+up")
        assert lane() == "groq#2"
        await t.press("ctrl+left")
        assert lane() == "groq"
        await t.press("ctrl+right", "ctrl+down", "ctrl+down")
        assert t.compare.focused is t.compare.prompt
        await t.pilot.click(t.compare.grid.panes[2].query_one(Transcript))
        await t.pilot.pause()
        assert lane() == "groq#3"
        assert "┏" in t.screen
        await t.press("p")
        assert t.compare.focused is t.compare.prompt


async def test_reasoning_folds_in_one_pane() -> None:
    async with terminal(ScriptedEngine(whole(reasoning="secret thoughts"))) as t:
        await t.ask()
        await t.until_quiet()
        assert t.screen.count("secret thoughts") == 3
        await t.press("alt+1", "f")
        await t.until(lambda: t.screen.count("secret thoughts") == 2)


async def test_details_explain_every_number_and_the_error_in_full() -> None:
    async with terminal(ScriptedEngine(opened), size=(120, 60)) as t:
        await t.ask()
        t.engine.note("groq", 90, "usage is odd [red]")
        t.engine.fail("groq", 100, "line one\nline two \x1b[2J [b]x[/b]", "server", 500)
        await t.until_shown("✗ failed")
        await t.press("alt+2", "i")
        for text in (
            "TTFT",
            "failed before the first token",
            "line two ␛[2J [b]x[/b]",
            "usage is odd [red]",
            "req-1",
        ):
            await t.until_shown(text)
        await t.press("escape")
        assert t.app.screen is t.compare


async def test_details_follow_a_lane_that_streams() -> None:
    async with terminal(ScriptedEngine(opened), size=(120, 60)) as t:
        await t.ask()
        await t.press("alt+2", "i")
        t.engine.delta("groq", "first", 105)
        await t.until_shown("100 ms")


async def test_thirty_two_lanes_scroll_and_only_what_is_seen_is_drawn() -> None:
    async with terminal(ScriptedEngine(whole()), size=(120, 40), lanes=["groq"] * 32) as t:
        await t.ask()
        await t.until_quiet()
        panes = t.compare.grid.panes
        assert len(panes) == 32
        assert all(pane.size.width >= 36 for pane in panes)
        assert panes[31] not in t.compare.grid.on_screen
        assert panes[31].behind
        t.compare.grid.scroll_end(animate=False)
        await t.until(lambda: panes[31] in t.compare.grid.on_screen and not panes[31].behind)
        assert "32/32 done" in t.screen


async def test_resizing_keeps_the_panes_readable() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"] * 5) as t:
        await t.ask()
        await t.until_quiet()
        for size in ((60, 20), (300, 100), (80, 24), (120, 40)):
            await t.pilot.resize_terminal(*size)
            await t.pilot.pause()
            seen = t.compare.grid.on_screen
            assert seen
            assert all(pane.size.width >= 36 for pane in seen)
            assert max(pane.region.right for pane in seen) >= size[0] - 1


async def test_an_answer_with_hostile_text_reaches_no_terminal_and_breaks_nothing() -> None:
    hostile = "[/x] a[i] [red]no[/red] \x1b]0;owned\x07 \x1b[2J \x9b31m \u202eevil\u2066"
    async with terminal(ScriptedEngine(opened), size=(200, 60)) as t:
        await t.ask(f"prompt {hostile}")
        t.engine.delta("groq", hostile, 100, "reasoning")
        t.engine.delta("groq", hostile, 200)
        t.engine.note("groq", 210, hostile)
        t.engine.retry("cerebras", 100, 50_000, hostile)
        t.engine.fail("groq", 300, hostile)
        t.engine.end("deepinfra", 300)
        await t.until_shown("✗ failed")
        assert "a[i] [red]no[/red]" in t.screen
        assert not control_characters(t.screen)
        await t.press("alt+2", "i")
        await t.until_shown("auth 401")
        assert not control_characters(t.screen)
        t.engine.cancel(t.engine.job.run)


async def test_no_timer_runs_when_nothing_is_live() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask()
        await t.until_quiet()
        await t.until(lambda: not t.compare.frames.running)
        frames = t.compare.frames.count
        await asyncio.sleep(0.2)
        assert t.compare.frames.count == frames


async def test_a_pane_that_cannot_be_drawn_takes_no_other_with_it() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        t.compare.grid.panes[0].frame = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
        t.engine.delta("groq", "still here", 100)
        await t.until(lambda: "could not be drawn" in t.notices)
        await t.until_shown("still here")
        assert t.app.is_running


async def test_keys_behind_a_move_go_where_it_went() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        t.send("alt+2", "z")
        await t.until(lambda: t.compare.grid.zoomed is t.compare.grid.panes[1])
        t.send("escape", "escape", *"draft")
        await t.until(lambda: t.compare.prompt.text == "draft")
        t.send("tab", "2", "1", "p", *"ing", "tab", "z")
        await t.until(lambda: t.compare.grid.zoomed is t.compare.grid.panes[0])
        assert t.compare.prompt.text == "drafting"


async def test_the_last_words_the_state_and_the_totals_stand_in_one_frame() -> None:
    async with terminal(ScriptedEngine(opened)) as t:
        await t.ask()
        t.engine.delta("groq", "Hm.", 50, "reasoning")
        t.engine.delta("groq", "first words", 100)
        await t.until_shown("first words")
        frames = t.compare.frames
        assert frames._timer is not None
        frames._timer.pause()
        drawn = frames.count
        t.engine.delta("groq", " and the last", 200)
        t.engine.usage("groq", 250, 40)
        t.engine.end("groq", 250)
        await t.until(lambda: frames.count > drawn)
        assert frames.count == drawn + 1
        (pane,) = (pane for pane in t.compare.grid.panes if pane.lane == "groq")
        assert not pane.behind
        for shown in ("first words and the last", "✓ done 0.2 s", "thought · ", "1/3 done"):
            assert shown in t.screen


async def test_a_selection_drawn_over_the_figures_holds_the_answer_alone_and_copying_is_said() -> None:
    async with terminal(ScriptedEngine(whole("The answer.", ""))) as t:
        await t.ask()
        await t.until_quiet()
        pane = t.compare.grid.panes[0]
        await t.pilot.mouse_down(pane.transcript, offset=(0, 0))
        await t.pilot.hover(pane.meter, offset=(20, 1))
        await t.pilot.mouse_up(pane.meter, offset=(20, 1))
        selected = t.compare.get_selected_text()
        assert selected is not None
        assert "The answer." in selected
        assert "TTFT" not in selected
        assert pane.meter.text_selection is None
        await t.press("ctrl+c")
        await t.until(lambda: "Copied what is selected" in t.notices)
        assert t.app.clipboard == selected
