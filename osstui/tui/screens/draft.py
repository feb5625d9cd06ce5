"""A look ahead while a prompt is written: what it would be in tokens and cost at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on

from osstui.tui.screens.panes import PanesScreen
from osstui.tui.widgets.prompt import PromptBox

if TYPE_CHECKING:
    from textual.timer import Timer

PAUSE = 0.4
"""Seconds without a key after which the draft is looked at."""


class DraftScreen(PanesScreen):
    """A screen that tells, below the prompt box, what a long or dear draft would come to."""

    _pause: Timer | None = None

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

    async def look_ahead(self) -> None:
        """Shows what the draft comes to, where that is worth a word."""
        raise NotImplementedError
