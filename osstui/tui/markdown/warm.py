"""The parsers are loaded while the first answer is on its way, not when its first words have to be drawn."""

from __future__ import annotations

from functools import cache
from threading import Thread

from osstui.tui.markdown.code import highlight
from osstui.tui.markdown.inline import spans


@cache
def warm_up() -> Thread:
    """Load markdown-it-py and Pygments in a thread, once in the process (about 0.1 s of imports)."""
    thread = Thread(target=_load, name="warm-up", daemon=True)
    thread.start()
    return thread


def _load() -> None:
    spans("*a*")
    highlight("x = 1", "python", None)
