"""How much of a host's window a conversation takes: shown, warned of, and a choice when it is too much."""

from __future__ import annotations

from osstui.job import Job
from tests.tui.scripted import ScriptedEngine, terminal, whole


def reading(tokens: int) -> ScriptedEngine:
    """Every lane has read so many tokens."""

    def answer(engine: ScriptedEngine, job: Job) -> None:
        for lane in job.lanes:
            engine.open(lane.lane)
            engine.delta(lane.lane, "So.", 100, n=500)
            engine.usage(lane.lane, 200, 500, input=tokens)
            engine.end(lane.lane, 200)

    return ScriptedEngine(answer)


async def test_the_use_of_the_window_is_shown_with_the_answer_in_it() -> None:
    async with terminal(reading(20_000), lanes=["groq"]) as t:
        await t.ask()
        await t.until_shown("context 20,500 of 131,072")
        assert "nearly full" not in t.screen


async def test_a_window_that_is_nearly_full_is_warned_of() -> None:
    async with terminal(reading(120_000), lanes=["groq"]) as t:
        await t.ask()
        await t.until_shown("10,572 tokens are left")


async def test_little_use_is_not_worth_a_word() -> None:
    async with terminal(reading(100), lanes=["groq"]) as t:
        await t.ask()
        await t.until_quiet()
        assert "context 600" not in t.screen


async def test_a_prompt_that_does_not_fit_is_held_back_once() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"]) as t:
        t.compare.prompt.text = "word\n" * 200_000
        await t.press("enter")
        await t.until(lambda: "do not fit into the 131,072 of groq" in t.notices)
        assert not t.engine.jobs
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
