"""The prompt box: lines, history, pastes, growth; and what it costs to type into it."""

from __future__ import annotations

from time import perf_counter

from textual import events

from osstui.tui.widgets.prompt import PromptBox
from tests.tui.scripted import ScriptedEngine as Engine
from tests.tui.scripted import Terminal, control_characters, terminal, whole


async def paste(t: Terminal, text: str) -> None:
    t.compare.prompt.post_message(events.Paste(text))
    await t.until(lambda: t.compare.prompt.text)


async def test_ctrl_j_breaks_the_line_and_enter_sends_all_of_it() -> None:
    async with terminal(Engine(whole())) as t:
        await t.press(*"one", "ctrl+j", *"two", "alt+enter", *"three", "shift+enter", *"four")
        assert t.compare.prompt.text == "one\ntwo\nthree\nfour"
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "one\ntwo\nthree\nfour"


async def test_keys_that_come_in_a_burst_keep_their_order() -> None:
    async with terminal(Engine(whole())) as t:
        t.send(*"one", "ctrl+j", *"two", "enter", *"next")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "one\ntwo"
        await t.until(lambda: t.compare.prompt.text == "next")


async def test_nothing_but_white_space_is_not_sent() -> None:
    async with terminal() as t:
        await t.press("space", "ctrl+j", "enter")
        assert t.engine.jobs == []


async def test_up_and_down_walk_the_prompts_and_lose_no_draft() -> None:
    async with terminal(Engine(whole())) as t:
        box = t.compare.prompt
        for prompt in ("first", "second"):
            await t.ask(prompt)
            await t.until_quiet()
        await t.press(*"draft", "up")
        assert box.text == "second"
        await t.press("end", *" edited", "up")
        assert box.text == "first"
        await t.press("up")
        assert box.text == "first"
        await t.press("down")
        assert box.text == "second edited"
        await t.press("down")
        assert box.text == "draft"


async def test_up_moves_the_cursor_while_it_is_below_the_first_line() -> None:
    async with terminal(Engine(whole())) as t:
        await t.ask("older")
        await t.until_quiet()
        await t.press(*"one", "ctrl+j", *"two", "up")
        assert t.compare.prompt.text == "one\ntwo"
        assert t.compare.prompt.cursor_location == (0, 3)
        await t.press("up")
        assert t.compare.prompt.text == "older"


async def test_the_box_grows_to_a_third_of_the_height_and_no_further() -> None:
    async with terminal(size=(80, 30)) as t:
        box = t.compare.prompt
        small = box.outer_size.height
        box.text = "a\nb\nc\nd"
        await t.pilot.pause(0)
        assert box.outer_size.height == small + 3
        box.text = "\n".join("x" * 50)
        await t.pilot.pause(0)
        assert box.outer_size.height <= 11
        assert t.compare.grid.size.height >= 10


async def test_a_big_paste_is_folded_and_sent_whole() -> None:
    book = "line of a long book\r\n" * 100_000
    async with terminal(Engine(whole())) as t:
        await t.press(*"Sum up: ")
        t.compare.prompt.post_message(events.Paste(book))
        await t.until(lambda: "pasted text 1" in t.compare.prompt.text)
        assert len(t.compare.prompt.text) < 100
        began = perf_counter()
        await t.press("a", "b", "c")
        assert perf_counter() - began < 2
        await t.press("enter")
        await t.until_shown("send it as it stands")
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "Sum up: " + book.replace("\r\n", "\n") + "abc"
        await t.until_quiet()
        assert "characters in all" in t.screen.replace("\n", " ") or "line of a long book" in t.screen


async def test_what_is_pasted_while_a_pane_has_the_focus_comes_into_the_prompt() -> None:
    async with terminal() as t:
        await t.press("alt+1")
        t.app.post_message(events.Paste("one\ntwo"))
        await t.until(lambda: t.compare.prompt.text == "one\ntwo")
        await t.until(lambda: t.app.focused is t.compare.prompt)


async def test_pasted_control_characters_are_sent_but_never_drawn() -> None:
    async with terminal(Engine(whole())) as t:
        await paste(t, "log: \x1b[31mred\x1b[0m \u202eevil")
        assert not control_characters(t.screen)
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "log: \x1b[31mred\x1b[0m \u202eevil"
        await t.until_quiet()
        assert not control_characters(t.screen)


async def test_half_a_character_is_sent_as_a_replacement() -> None:
    async with terminal(Engine(whole())) as t:
        await paste(t, "caf\udce9")
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        assert t.engine.job.prompt == "caf\ufffd"


async def test_a_folded_paste_comes_back_with_the_history() -> None:
    async with terminal(Engine(whole())) as t:
        await paste(t, "z" * 5_000)
        await t.press("enter")
        await t.until(lambda: t.engine.jobs)
        await t.until_quiet()
        await t.press("up", "enter")
        await t.until(lambda: len(t.engine.jobs) == 2)
        assert t.engine.job.prompt == "z" * 5_000


async def test_markup_in_a_prompt_stays_text() -> None:
    async with terminal(Engine(whole())) as t:
        await paste(t, "[red]a[i][/x]")
        await t.press("enter")
        await t.until_quiet()
        assert t.screen.count("[red]a[i][/x]") == 3


async def test_ctrl_c_copies_what_is_selected_in_the_box() -> None:
    async with terminal() as t:
        box = t.app.query_one(PromptBox) if t.app.query(PromptBox) else t.compare.prompt
        box.text = "take this"
        box.select_all()
        await t.press("ctrl+c")
        assert t.app.clipboard == "take this"
