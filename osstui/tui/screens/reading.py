"""What is done with answers that are read: copied, folded, looked at in numbers, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from osstui.safe_text import visible
from osstui.tui.say import say
from osstui.tui.screens.draft import DraftScreen
from osstui.tui.widgets.totals import TotalsLine

if TYPE_CHECKING:
    from osstui.tui.screens.compare import CompareScreen
    from osstui.tui.screens.details import DetailsScreen
    from osstui.tui.session import Session
    from osstui.tui.turn import Turn
    from osstui.tui.widgets.pane import LanePane
    from osstui.tui.widgets.together import LaneTranscript


class ReadingScreen(DraftScreen):
    """A screen of panes with answers to read."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._details: DetailsScreen | None = None
        self.blind_turn: Turn | None = None
        """The turn that the letters of blind mode were dealt for."""
        self.together = False
        """The panes are scrolled together."""

    def still_answering(self, more: str = "") -> bool:
        """Whether lanes are at work. Says so, for what has to wait until they are not."""
        if self.session.busy:
            say(self.app, f"Lanes are still answering: wait, or cancel them with Ctrl+C{more}")
        return self.session.busy

    def action_copy_answer(self) -> None:
        if (pane := self.current_pane) is None:
            return
        said = self.session.turn.said(pane.lane) if self.session.turn else None
        if said is None or not (text := said.text):
            say(self.app, f"{pane.lane} has no answer to copy yet")
            return
        self.app.copy_to_clipboard(visible(text))
        say(self.app, f"Copied the answer of {pane.lane}: {len(text):,} characters")

    def action_fold_reasoning(self) -> None:
        if (pane := self.current_pane) is not None:
            pane.transcript.reasoning_folded = not pane.transcript.reasoning_folded
            self.wake()

    def action_details(self) -> None:
        if self.session.blind.hidden:
            say(self.app, "The figures are hidden until you have voted: v for this pane, = for a draw")
        elif (pane := self.current_pane) is not None:
            from osstui.tui.screens.details import DetailsScreen

            self._details = DetailsScreen(pane)
            self.app.push_screen(self._details, self._forget_details)

    def _forget_details(self, _: None) -> None:
        self._details = None

    def action_judge(self, what: str) -> None:
        """Runs one of the actions that set answers against each other, by its name."""
        from osstui.tui.screens.judging import ACTIONS

        ACTIONS[what](cast("CompareScreen", self))

    def show_signs(self) -> None:
        """What is switched on stands on the screen."""
        signs = ["⇅ scrolling together"] if self.together else []
        if (blind := self.session.blind).on:
            signs.append("blind: v votes, = a draw" if blind.hidden else "blind from the next prompt on")
        self.query_one(TotalsLine).show_signs(signs)

    def dress(self) -> None:
        """The panes under the names, or the letters, that the session has for them, and in their order."""
        blind = self.session.blind
        order = {name: at for at, name in enumerate(blind.letters or self.session.lanes)}
        panes = sorted(self.grid.panes, key=lambda pane: order.get(pane.lane, len(order)))
        for number, pane in enumerate(panes, 1):
            pane.number = number
            pane.dress(blind)
        self.grid.sort_children(key=lambda child: [*panes].index(cast("LanePane", child)))
        self.grid.refresh(layout=True)
        self.show_signs()

    def on_lane_transcript_moved(self, event: LaneTranscript.Moved) -> None:
        event.stop()
        if self.together:
            from osstui.tui.widgets.together import keep_together

            keep_together(event.transcript, [pane.transcript for pane in self.grid.panes if pane.display])

    def refresh_details(self) -> None:
        """Keeps an open page of details up to date."""
        if self._details is not None:
            self._details.refresh_numbers()
