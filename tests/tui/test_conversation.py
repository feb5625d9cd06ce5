"""What can be done to a conversation: go on, regenerate, edit, adopt, fork, mute, go back."""

from __future__ import annotations

from osstui.conversation.session import GO_ON
from osstui.job import Job, Message
from osstui.tui.screens.turns import TurnsScreen
from tests.tui.scripted import ScriptedEngine, Terminal, terminal


def named(engine: ScriptedEngine, job: Job) -> None:
    """Every lane answers with its own name and the number of the job; a prompt `cut` cuts them."""
    for lane in job.lanes:
        engine.open(lane.lane)
        engine.delta(lane.lane, "hm", 100, "reasoning")
        engine.delta(lane.lane, f"{lane.lane}-{len(engine.jobs)}", 200)
        ends = {"cut": "truncated", "long": "length"}
        engine.end(lane.lane, 300, ends.get(job.prompt, "stop") if len(engine.jobs) == 1 else "stop")


def talk(t: Terminal, lane: str) -> list[tuple[str, str]]:
    messages = next(asked.messages for asked in t.engine.job.lanes if asked.lane == lane)
    return [(message.role, message.content) for message in messages]


async def answered(t: Terminal, *prompts: str) -> None:
    for prompt in prompts:
        await t.ask(prompt)
        await t.until_quiet()


async def again(t: Terminal, *keys: str) -> None:
    """Presses keys that make a run, and waits for its end."""
    before = len(t.engine.jobs)
    await t.press(*keys)
    await t.until(lambda: len(t.engine.jobs) > before)
    await t.until_quiet()


async def test_a_cut_answer_is_gone_on_with_and_counts_as_one() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "cut")
        await again(t, "alt+2", "g")
        assert [lane.lane for lane in t.engine.job.lanes] == ["groq"]
        assert talk(t, "groq") == [("user", "cut"), ("assistant", "groq-1"), ("user", GO_ON)]
        await t.press("c")
        assert t.app.clipboard == "groq-1groq-2"
        await answered(t, "next")
        assert talk(t, "groq")[:2] == [("user", "cut"), ("assistant", "groq-1groq-2")]


async def test_an_answer_at_the_token_limit_is_gone_on_with_and_a_whole_one_is_not() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "long")
        await again(t, "alt+1", "g")
        await t.press("g")
        assert "the answer of cerebras is whole" in t.notices.casefold()
        assert len(t.engine.jobs) == 2


async def test_regenerating_asks_every_lane_and_the_new_answer_stands() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one", "two")
        await again(t, "f5")
        assert len(t.engine.job.lanes) == 3
        assert talk(t, "groq") == [("user", "one"), ("assistant", "groq-1"), ("user", "two")]
        await answered(t, "three")
        assert ("assistant", "groq-3") in talk(t, "groq")
        assert ("assistant", "groq-2") not in talk(t, "groq")


async def test_an_adopted_answer_is_what_every_lane_goes_on_with() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one")
        await t.press("alt+2", "a")
        await t.until_shown("goes on with the answer of groq")
        await answered(t, "two")
        for lane in t.compare.session.lanes:
            assert talk(t, lane) == [("user", "one"), ("assistant", "groq-1"), ("user", "two")]


async def test_a_fork_has_the_conversation_and_then_goes_its_own_way() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one")
        await t.press("alt+2", "d")
        await t.until(lambda: len(t.compare.grid.panes) == 4)
        fork = t.compare.grid.panes[3]
        assert fork.lane == "groq#2"
        await t.until(lambda: t.screen.count("groq-1") == 2)
        await answered(t, "two", "three")
        assert talk(t, "groq#2") == [
            ("user", "one"), ("assistant", "groq-1"), ("user", "two"), ("assistant", "groq#2-2"),
            ("user", "three"),
        ]  # fmt: skip


async def test_a_muted_lane_is_not_asked_until_it_is_let_in_again() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one")
        await t.press("alt+2", "m")
        await t.until_shown("muted")
        await answered(t, "two")
        assert [lane.lane for lane in t.engine.job.lanes] == ["cerebras", "deepinfra"]
        await t.press("alt+2", "m")
        await answered(t, "three")
        assert talk(t, "groq") == [("user", "one"), ("assistant", "groq-1"), ("user", "three")]


async def test_with_every_lane_muted_the_prompt_is_kept() -> None:
    async with terminal(lanes=["groq"]) as t:
        await t.press("alt+1", "m")
        t.compare.prompt.text = "hello"
        t.compare.prompt.focus()
        await t.press("enter")
        await t.until(lambda: "Every lane is muted" in t.notices)
        assert t.compare.prompt.text == "hello"


async def test_the_last_prompt_is_edited_and_takes_the_place_of_its_turn() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one", "tow")
        await t.press("alt+2", "e")
        assert t.compare.prompt.text == "tow"
        assert "groq-2" not in t.screen
        assert "groq-1" in t.screen
        t.compare.prompt.text = "two"
        await again(t, "enter")
        assert talk(t, "groq") == [("user", "one"), ("assistant", "groq-1"), ("user", "two")]


async def turns(t: Terminal) -> None:
    await t.press("f4")
    await t.until(lambda: isinstance(t.app.screen, TurnsScreen))


async def test_the_conversation_is_gone_on_with_from_an_earlier_turn_and_back_again() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one", "two", "three")
        await turns(t)
        await t.press("up", "up", "f")
        await t.until(lambda: len(t.compare.session.turns) == 1)
        await answered(t, "other")
        assert talk(t, "groq") == [("user", "one"), ("assistant", "groq-1"), ("user", "other")]
        await turns(t)
        await t.until_shown("left behind: 3 turns")
        await t.press("down", "enter")
        await t.until(lambda: len(t.compare.session.turns) == 3)
        await t.until_shown("groq-3")
        await answered(t, "four")
        assert talk(t, "groq")[-2:] == [("assistant", "groq-3"), ("user", "four")]


async def test_an_earlier_prompt_is_edited_and_nothing_typed_is_lost() -> None:
    async with terminal(ScriptedEngine(named)) as t:
        await answered(t, "one", "two")
        t.compare.prompt.text = "a draft"
        await turns(t)
        await t.press("up", "enter")
        await t.until(lambda: t.compare.prompt.text == "one")
        assert t.compare.session.turns == []
        await t.press("up")
        assert t.compare.prompt.text == "a draft"


async def test_reasoning_travels_beside_the_answer_for_hosts_that_want_it_alone() -> None:
    async with terminal(ScriptedEngine(named), lanes=["groq"]) as t:
        await answered(t, "one", "two")
        assert t.engine.job.lanes[0].messages[1] == Message("assistant", "groq-1", "hm")
