"""What every dialog has: a box in the middle of the screen that it was opened from, which shows through."""

from __future__ import annotations

from pathlib import PurePath

from textual.screen import ModalScreen, ScreenResultType

from osstui.tui.say import say_what_broke


class Dialog(ModalScreen[ScreenResultType]):
    on_worker_state_changed = say_what_broke


def dressed(own: str) -> list[str | PurePath]:
    """A dialog's CSS_PATH: what all of them look like, then what this one adds."""
    return ["dialog.tcss", own]
