"""A budget in the app: a lane that might pass it is not sent and says so."""

from __future__ import annotations

from osstui.measure.forecast import Budget
from osstui.profile import Profile
from tests.tui.scripted import ScriptedEngine, terminal, whole

SMALL = Profile(max_tokens=100)


async def test_a_lane_that_may_pass_the_budget_is_not_sent_and_says_so() -> None:
    async with terminal(
        ScriptedEngine(whole()), profile=Profile(max_tokens=1000), budget=Budget(0.0009)
    ) as t:
        await t.ask()
        asked = [lane.lane for lane in t.engine.job.lanes]
        assert asked
        assert len(asked) < 3
        await t.until_shown("not sent: it may cost $")


async def test_a_spent_budget_stops_the_session_and_keeps_the_prompt() -> None:
    async with terminal(ScriptedEngine(whole()), profile=SMALL, budget=Budget(None, 0.0005)) as t:
        await t.ask()
        await t.until_quiet()
        t.app.session.budget = Budget(None, t.compare.session.spent_usd)
        t.compare.prompt.text = "one more"
        await t.press("enter")
        await t.until(lambda: "The budget leaves out cerebras, groq, deepinfra" in t.notices)
        assert t.compare.prompt.text == "one more"
        await t.press("f5")
        await t.press("alt+1", "r")
        assert len(t.engine.jobs) == 1
        assert not t.compare.session.busy


async def test_without_a_budget_nothing_is_held_back() -> None:
    async with terminal(ScriptedEngine(whole())) as t:
        await t.ask()
        assert len(t.engine.job.lanes) == 3


async def test_many_lanes_without_budget_are_told_in_few_words() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"] * 7, budget=Budget(0.0)) as t:
        t.compare.prompt.text = "Why?"
        await t.press("enter")
        await t.until(lambda: "leaves out groq, groq#2, groq#3, groq#4 and 3 more" in t.notices)
