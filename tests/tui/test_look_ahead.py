"""What a draft comes to, told before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from osstui.profile import Profile
from osstui.tui.screens.sending import look_ahead
from tests.tui.scripted import terminal

SMALL = Profile(max_tokens=100)


async def test_a_long_draft_tells_its_tokens_and_its_largest_cost() -> None:
    async with terminal(profile=SMALL, size=(160, 40), lanes=["groq", "cerebras"]) as t:
        t.compare.prompt.text = "word " * 2_000
        await t.until_shown("2,000 tokens in · at most $0.0")
        assert "cerebras $0.0" in t.screen
        t.compare.prompt.text = ""
        await t.until(lambda: "tokens in" not in t.screen)


async def test_a_dear_draft_is_told_however_short() -> None:
    async with terminal(profile=Profile(max_tokens=60_000), size=(160, 40)) as t:
        t.compare.prompt.text = "Why?"
        await t.until_shown("1 tokens in · at most $0.")


async def test_a_short_and_cheap_one_is_not_worth_a_word() -> None:
    async with terminal(profile=SMALL, lanes=["groq"]) as t:
        t.compare.prompt.text = "word " * 2_000
        await look_ahead(t.compare)
        assert t.compare.prompt.border_subtitle is not None
        t.compare.prompt.text = "Why?"
        await look_ahead(t.compare)
        assert t.compare.prompt.border_subtitle is None


async def test_a_file_in_the_draft_is_told_with_its_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.md").write_text("alpha beta")
    (tmp_path / "data.bin").write_bytes(b"\0")
    monkeypatch.chdir(tmp_path)
    async with terminal(profile=SMALL, size=(160, 40), lanes=["groq"]) as t:
        t.compare.prompt.text = "Shorten @notes.md"
        await t.until_shown("notes.md (10 bytes) · 7 tokens in")
        t.compare.prompt.text = "Shorten @data.bin"
        await t.until_shown("data.bin is binary")
