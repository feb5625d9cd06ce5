"""What stands in the prompt box until it is sent: looked ahead at, held back, or left behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from osstui.tui.say import say

if TYPE_CHECKING:
    from textual.timer import Timer

    from osstui.tui.screens.compare import CompareScreen

PAUSE = 0.4
"""Seconds without a key after which the draft is looked at."""


class Draft:
    """The prompt of a compare screen before it becomes a run."""

    def __init__(self, screen: CompareScreen) -> None:
        self._screen = screen
        self._pause: Timer | None = None
        self._given_up = ""
        """The draft that the user has been told would be lost."""
        self.doubted = ""
        """The draft that was held back once, because a path in it may be mistyped."""
        self.lanes_known = False
        """The lanes are chosen, or it is known that there are none."""
        self._send_when_known = False

    def changed(self) -> None:
        """Tells, once the keys rest, what a long or dear draft would come to."""
        if self._pause is not None:
            self._pause.stop()
        self._pause = self._screen.set_timer(PAUSE, self._look_ahead)

    def _look_ahead(self) -> None:
        screen = self._screen
        if screen.prompt.text.strip():
            from osstui.tui.screens.sending import look_ahead

            screen.run_worker(look_ahead(screen), group="draft", exclusive=True, exit_on_error=False)
        else:
            screen.prompt.show_forecast(None)

    def may_leave(self) -> bool:
        """Whether nothing is lost when the app ends now; says so the first time that something is."""
        draft = self._screen.prompt.text
        if not draft.strip() or draft == self._given_up:
            return True
        self._given_up = draft
        say(self._screen.app, "Your prompt is not sent yet: Ctrl+Q again leaves without it", "warning")
        return False

    def lanes_are_known(self, parts: Sequence[str]) -> None:
        """Sends what was given on the command line, the `parts`, or what was sent before there were lanes."""
        prompt = self._screen.prompt
        self.lanes_known = True
        if parts and not prompt.text:
            prompt.begin_with(*parts)
            self._send_when_known = True
        if self._send_when_known:
            self._send_when_known = False
            prompt.action_send()

    def send(self, text: str, typed: str) -> None:
        """Asks every lane, or says why not and keeps the draft. For `typed` see `PromptBox.Submitted`."""
        screen = self._screen
        session = screen.session
        if session.lanes and not session.asked:
            say(screen.app, "Every lane is muted: m in a pane lets it in again; your prompt is kept")
        elif screen.recording is not None:
            from osstui.tui.playing import NOTHING_IS_ASKED

            say(screen.app, NOTHING_IS_ASKED)
        elif not session.lanes:
            self._send_when_known = not self.lanes_known
            way = "choose some with Ctrl+L" if self.lanes_known else "it is sent as soon as they are there"
            say(screen.app, f"There are no lanes yet: {way}; your prompt is kept")
        elif not screen.still_answering("; your prompt is kept"):
            from osstui.tui.screens.sending import send

            send(screen, text, typed)
