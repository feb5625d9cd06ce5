"""How much of a host's window a conversation takes: shown, warned of, and a choice when it is too much."""

from __future__ import annotations

from osstui.job import Job
from tests.tui.scripted import ScriptedEngine, Terminal, terminal, whole


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


LONG = "word\n" * 80_000
"""Fits into a window of 131,072 tokens, but not twice."""


async def paste_and_send(t: Terminal, text: str) -> None:
    t.compare.prompt.begin_with(text)
    await t.press("enter")


async def test_a_prompt_that_does_not_fit_is_asked_about_and_kept() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"]) as t:
        await paste_and_send(t, LONG * 2)
        await t.until_shown("tokens, but the window of groq takes 131,072")
        assert "without the oldest" not in t.screen, "there is no older turn to leave out"
        await t.press("escape")
        await t.until(lambda: t.app.screen is t.compare)
        assert t.compare.prompt.full_text == LONG * 2
        assert not t.engine.jobs
        await t.press("enter")
        await t.until_shown("send it as it stands")
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert not t.compare.prompt.text


async def test_the_oldest_turns_are_left_out_where_that_makes_room() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"]) as t:
        await paste_and_send(t, LONG)
        await t.until(lambda: t.engine.jobs)
        for text in ("Short.", "Why?"):
            await t.until_quiet()
            await t.ask(text)
        await t.until_quiet()
        await paste_and_send(t, LONG)
        await t.until_shown("send it without the oldest turn")
        await t.press("enter")
        await t.until(lambda: len(t.engine.jobs) == 4)
        sent = [message.content for message in t.engine.jobs[-1].lanes[0].messages if message.role == "user"]
        assert sent == ["Short.", "Why?", LONG]
        await t.until_quiet()
        await t.press("alt+1", "home", "pagedown")
        await t.until_shown("the oldest 1 of 3 turns are sent no more")
        await t.ask("And now?")
        assert t.engine.jobs[-1].lanes[0].messages[0].content == "Short."


async def test_a_lane_whose_window_is_too_small_is_left_out_once() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq", "inferencenet"]) as t:
        await paste_and_send(t, LONG)
        await t.until_shown("leave inferencenet out this time")
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert [lane.lane for lane in t.engine.jobs[0].lanes] == ["groq"]
        await t.until_quiet()
        await t.press("ctrl+n")
        await t.ask("Short.")
        assert [lane.lane for lane in t.engine.jobs[1].lanes] == ["groq", "inferencenet"]


async def test_a_new_conversation_makes_room() -> None:
    async with terminal(ScriptedEngine(whole()), lanes=["groq"]) as t:
        await paste_and_send(t, LONG)
        await t.until(lambda: t.engine.jobs)
        await t.until_quiet()
        await paste_and_send(t, LONG)
        await t.until_shown("begin a new conversation with it")
        await t.press("down", "enter")
        await t.until(lambda: len(t.engine.jobs) == 2)
        assert len(t.engine.jobs[1].lanes[0].messages) == 1
        assert len(t.compare.session.turns) == 1
