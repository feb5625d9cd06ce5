"""The transcript in a running app: streaming, following, folding, selecting, resizing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from textwrap import indent
from time import perf_counter

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from osstui.tui.widgets.transcript import Transcript

ANSWER = """## Answer

Some **bold** text with a few more words so that it has to wrap somewhere.

- one
- two

```python
print("hello")
```
"""


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Transcript()


@asynccontextmanager
async def running(width: int = 40, height: int = 12) -> AsyncIterator[tuple[Transcript, Pilot[None], Host]]:
    app = Host()
    async with app.run_test(size=(width, height)) as pilot:
        await pilot.pause()
        yield app.query_one(Transcript), pilot, app


def lines(transcript: Transcript) -> list[str]:
    """What the transcript would show if it were high enough."""
    every = [transcript._feed.row(y) for y in range(transcript.line_count)]
    return [row.text.rstrip() if row is not None else "" for row in every]


def screen(transcript: Transcript) -> list[str]:
    from textual.geometry import Region

    size = transcript.size
    return [strip.text.rstrip() for strip in transcript.render_lines(Region(0, 0, size.width, size.height))]


async def settle(transcript: Transcript, pilot: Pilot[None]) -> None:
    while transcript.pending:
        transcript.flush(1.0)
    await pilot.pause()


async def test_text_shows_after_a_flush_and_stays_after_the_end() -> None:
    async with running() as (transcript, pilot, _):
        transcript.begin_turn("What [/x] is *this*?")
        transcript.append("reasoning", "Let me think.")
        await settle(transcript, pilot)
        assert lines(transcript)[0] == "▎ What [/x] is *this*?"
        assert lines(transcript)[2:] == ["▾ thinking…", "▎ Let me think."]
        for at in range(0, len(ANSWER), 7):
            transcript.append("text", ANSWER[at : at + 7])
            transcript.flush()
        transcript.finish()
        await settle(transcript, pilot)
        streamed = lines(transcript)
        assert "• two" in streamed
        assert "▾ thought" in streamed
        transcript.clear()
        assert lines(transcript) == []
        transcript.begin_turn("What [/x] is *this*?")
        transcript.append("reasoning", "Let me think.")
        transcript.append("text", ANSWER)
        transcript.finish()
        await settle(transcript, pilot)
        assert lines(transcript) == streamed


async def test_nothing_is_lost_when_nobody_flushes_after_the_end() -> None:
    async with running() as (transcript, pilot, _):
        transcript.append("text", "".join(f"line {n}\n\n" for n in range(3000)))
        transcript.finish()
        for _ in range(400):
            if not transcript.pending:
                break
            await pilot.pause(0.02)
        assert lines(transcript)[-1] == "line 2999"
        assert sum(line.startswith("line") for line in lines(transcript)) == 3000


async def test_a_flush_keeps_its_budget_and_says_that_work_is_left() -> None:
    async with running() as (transcript, pilot, _):
        transcript.append("text", "warm *up* `x`\n\n```python\nx\n```\n\n")
        await settle(transcript, pilot)
        transcript.append("text", "a *paragraph* with `code` and more words in it\n\n" * 5000)
        start = perf_counter()
        transcript.flush(0.005)
        assert perf_counter() - start < 0.5
        assert transcript.pending
        before = transcript.line_count
        transcript.flush(0.005)
        assert transcript.line_count > before


async def test_several_turns_follow_one_another() -> None:
    async with running(height=40) as (transcript, pilot, _):
        for n in (1, 2):
            transcript.begin_turn(f"prompt {n}")
            transcript.append("text", f"answer {n}\n```\nopen fence")
            transcript.finish()
        transcript.note("cut off\nby the host", "error")
        await settle(transcript, pilot)
        assert lines(transcript) == [
            "▎ prompt 1", "", "answer 1", "", " open fence", "",
            "▎ prompt 2", "", "answer 2", "", " open fence", "",
            "✗ cut off", "by the host",
        ]  # fmt: skip


async def test_the_end_stays_in_view_until_the_reader_scrolls_up_and_again_at_the_end() -> None:
    async with running() as (transcript, pilot, _):
        transcript.focus()
        transcript.append("text", "".join(f"line {n}\n\n" for n in range(30)))
        await settle(transcript, pilot)
        assert screen(transcript)[-1] == " line 29"
        await pilot.press("pageup")
        await pilot.pause(0.5)
        assert not transcript.following
        top = screen(transcript)[0]
        transcript.append("text", "".join(f"more {n}\n\n" for n in range(10)))
        await settle(transcript, pilot)
        assert screen(transcript)[0] == top
        assert transcript.new_lines == 20
        assert screen(transcript)[-1].endswith("↓ 20 new lines")
        await pilot.press("end")
        await settle(transcript, pilot)
        assert transcript.following
        assert transcript.new_lines == 0
        assert screen(transcript)[-1] == " more 9"


async def test_a_new_prompt_brings_the_end_into_view_again() -> None:
    async with running() as (transcript, pilot, _):
        transcript.append("text", "line\n\n" * 40)
        transcript.finish()
        await settle(transcript, pilot)
        transcript.scroll_home(animate=False)
        await pilot.pause()
        assert not transcript.following
        transcript.begin_turn("What now?")
        transcript.append("text", "this")
        await settle(transcript, pilot)
        assert "this" in screen(transcript)[-1]


async def test_thinking_folds_to_its_header_by_action_and_by_click() -> None:
    async with running(height=20) as (transcript, pilot, _):
        transcript.append("reasoning", "first\nsecond")
        transcript.append("text", "answer")
        transcript.finish()
        await settle(transcript, pilot)
        transcript.set_reasoning_label("thought for 312 tokens")
        await settle(transcript, pilot)
        unfolded = ["▾ thought for 312 tokens", "▎ first", "▎ second", "", "answer"]
        assert lines(transcript) == unfolded
        transcript.action_toggle_reasoning()
        await settle(transcript, pilot)
        assert lines(transcript) == ["▸ thought for 312 tokens", "", "answer"]
        await pilot.click(Transcript, offset=(4, 0))
        await settle(transcript, pilot)
        assert not transcript.reasoning_folded
        assert lines(transcript) == unfolded


async def test_thinking_that_came_while_folded_is_there_when_unfolded() -> None:
    async with running(height=20) as (transcript, pilot, _):
        transcript.reasoning_folded = True
        transcript.append("reasoning", "long thoughts " * 300 + "\nlast")
        transcript.append("text", "answer")
        await settle(transcript, pilot)
        assert lines(transcript) == ["▸ thought", "", "answer"]
        transcript.reasoning_folded = False
        await settle(transcript, pilot)
        assert "▎ last" in lines(transcript)
        assert " ".join(line[2:] for line in lines(transcript)[1:-3]).split() == ["long", "thoughts"] * 300


async def test_selected_text_is_the_text_shown_across_lines() -> None:
    async with running(height=20) as (transcript, pilot, app):
        transcript.append("text", "first **bold** line\n\nsecond 日本 line\n\n```\ncode\n```\n")
        transcript.finish()
        await settle(transcript, pilot)
        await pilot.mouse_down(Transcript, offset=(7, 0))
        await pilot.hover(Transcript, offset=(8, 2))
        await pilot.pause()
        await pilot.mouse_up(Transcript, offset=(8, 2))
        assert app.screen.get_selected_text() == "bold line\n\nsecond 日"
        transcript.text_select_all()
        assert app.screen.get_selected_text() == "first bold line\n\nsecond 日本 line\n\ncode"
        marked = app.screen.get_component_rich_style("screen--selection").bgcolor
        looks = [segment.style for segment in transcript._strips(range(1))[0] if segment.text.strip()]
        assert looks
        for look in looks:
            assert look is not None
            assert look.bgcolor == marked
            assert look.color not in (None, marked)


async def test_wrapped_lines_and_code_are_copied_whole() -> None:
    code = "def a_function_with_a_long_name(one: int,    two: str) -> None:\n    return None"
    quoted = "so long that it must be wrapped twice or more at this width, I think"
    words = " ".join(["word"] * 400)
    item = "1. item\n\n   ```python\n" + indent(code, "   ") + "\n   ```"
    async with running(width=30, height=400) as (transcript, pilot, app):
        transcript.append("reasoning", quoted)
        transcript.append("text", f"> {quoted}\n\n{item}\n\n{words}\n\n" + "漢字" * 31)
        transcript.finish()
        await settle(transcript, pilot)
        transcript.text_select_all()
        copied = app.screen.get_selected_text()
    assert copied is not None
    for part in (f"▎ {quoted}\n", f"▌ {quoted}\n", f"\n{code}\n", f"\n{words}\n", "\n" + "漢字" * 31):
        assert part in copied, copied


async def test_a_resize_gives_the_lines_of_the_new_width_and_keeps_the_place() -> None:
    async with running(width=80) as (transcript, pilot, _):
        transcript.append("text", "".join(f"Paragraph {n}: " + "word " * 40 + "\n\n" for n in range(200)))
        transcript.finish()
        await settle(transcript, pilot)
        transcript.scroll_to(y=300, animate=False)
        await pilot.pause()
        top = next(line for line in screen(transcript) if "Paragraph" in line).split(":")[0]
        await pilot.resize_terminal(40, 12)
        assert max(map(len, screen(transcript))) <= 39
        await settle(transcript, pilot)
        assert top in "\n".join(screen(transcript))
        assert not transcript.following
        narrow = lines(transcript)
        assert max(map(len, narrow)) <= 37
        transcript.clear()
        transcript.append("text", "".join(f"Paragraph {n}: " + "word " * 40 + "\n\n" for n in range(200)))
        transcript.finish()
        await settle(transcript, pilot)
        assert lines(transcript) == narrow


async def test_another_theme_redraws_in_its_colours() -> None:
    async with running() as (transcript, pilot, app):
        transcript.append("text", "# Title\n\n```python\nx = 1\n```\n")
        transcript.finish()
        await settle(transcript, pilot)
        dark = [segment.style for segment in transcript._strips(range(1))[0]]
        app.theme = "textual-light"
        await pilot.pause()
        await settle(transcript, pilot)
        assert [segment.style for segment in transcript._strips(range(1))[0]] != dark
        assert screen(transcript)[0] == " Title"


async def test_streaming_text_needs_no_layout_pass() -> None:
    async with running() as (transcript, pilot, app):
        transcript.append("text", "word " * 200)
        await settle(transcript, pilot)
        before = transcript._layout_updates
        for _ in range(5):
            transcript.append("text", "more words\n\n" * 10)
            transcript.flush()
            await pilot.pause()
        assert transcript._layout_updates == before
        assert not app.screen._layout_required
