"""A look ahead while a prompt is written: what it would be in tokens and cost at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from osstui.tui.say import say
from osstui.tui.screens.panes import PanesScreen
from osstui.tui.widgets.prompt import PromptBox

if TYPE_CHECKING:
    from textual.timer import Timer

PAUSE = 0.4
"""Seconds without a key after which the draft is looked at."""


class DraftScreen(PanesScreen):
    """A screen that tells, below the prompt box, what a long or dear draft would come to."""

    _pause: Timer | None = None
    _given_up = ""
    """The draft that the user has been told would be lost."""

    @on(PromptBox.Changed)
    def _draft_changed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._look_ahead)

    def _look_ahead(self) -> None:
        if self.prompt.text.strip():
            self.run_worker(self.look_ahead(), group="draft", exclusive=True, exit_on_error=False)
        else:
            self.prompt.show_forecast(None)

    def may_leave(self) -> bool:
        """Whether nothing is lost when the app ends now; says so the first time that something is."""
        draft = self.prompt.text
        if not draft.strip() or draft == self._given_up:
            return True
        self._given_up = draft
        say(self.app, "Your prompt is not sent yet: Ctrl+Q again leaves without it", "warning")
        return False

    async def look_ahead(self) -> None:
        """Shows what the draft comes to, where that is worth a word."""
        raise NotImplementedError
