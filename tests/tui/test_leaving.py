"""Ways out: of the app with a draft, and of an answer that did not come to its end."""

from __future__ import annotations

from tests.tui.scripted import opened, terminal


async def test_a_draft_is_not_lost_to_one_key() -> None:
    async with terminal() as t:
        t.compare.prompt.text = "precious"
        await t.press("ctrl+q")
        await t.until(lambda: "Ctrl+Q again leaves without it" in t.notices)
        assert not t.app._exit
        t.compare.prompt.text = "precious and longer"
        await t.press("ctrl+q")
        assert not t.app._exit, "another draft, another warning"
        t.send("ctrl+q")
        await t.until(lambda: t.app._exit)


async def test_without_a_draft_one_key_leaves() -> None:
    async with terminal() as t:
        t.compare.prompt.text = " \n"
        t.send("ctrl+q")
        await t.until(lambda: t.app._exit)


async def test_a_cut_and_a_short_answer_tell_how_to_go_on() -> None:
    async with terminal() as t:
        t.engine.answer = opened
        await t.ask()
        t.engine.delta("cerebras", "Half of an answer", 205)
        t.engine.end("cerebras", 300, "truncated")
        t.engine.delta("groq", "Too long an answer", 205)
        t.engine.end("groq", 300, "length")
        t.engine.end("deepinfra", 300, "truncated")
        await t.until_quiet()
        said = " ".join(t.screen.replace("│", " ").split())
        assert "g goes on with the answer" in said
        assert "r asks again" in said
        assert "press g in the pane to go on" in said


async def test_what_goes_wrong_in_the_background_is_said_and_ends_nothing() -> None:
    async def broken() -> None:
        raise RuntimeError("[bold]broken")

    async with terminal() as t:
        for place in (t.compare, t.app):
            t.app.clear_notifications()
            place.run_worker(broken(), exit_on_error=False)
            await t.until(lambda: "RuntimeError: [bold]broken" in t.notices)
        await t.ask()
