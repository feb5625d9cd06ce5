"""What happens to a draft before it becomes a run. Imported when the first one is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from osstui.attachments import attach, doubtful, meant
from osstui.measure.estimate import estimate_tokens
from osstui.tui.say import say

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen


def prepared(screen: CompareScreen, text: str, typed: str) -> str | None:
    """The prompt to send, with its files; None to hold the draft back. Raises AttachmentError."""
    if "@" not in typed:
        return text
    folder = Path.cwd()
    prompt, files = attach(text, meant(typed, folder), folder)
    doubts = doubtful(typed, folder)
    if doubts and screen.doubted != text:
        screen.doubted = text
        say(screen.app, f"There is no file {doubts[0]}: press Enter again to send it as it stands")
        return None
    if files:
        told = ", ".join(f"{file.words}, ≈{estimate_tokens(file.text):,.0f} tokens" for file in files)
        say(screen.app, f"With {told}")
    return prompt
