"""Transcripts that are scrolled together: where one of them stands, the others go."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from textual import events
from textual.message import Message

from osstui.tui.widgets.in_order import MOVES, passed_on
from osstui.tui.widgets.transcript import Severity, Transcript


class Place(NamedTuple):
    """Where the top of the view stands, in a form that means the same in answers of any length."""

    turn: int
    """Counted from the newest, which is 0: a lane may have joined later."""
    share: float
    """Of that turn's lines, from 0 to 1."""


class LaneTranscript(Transcript):
    """A transcript that tells when its reader moves, not when its text does, and can be sent to a place."""

    masked: Callable[[str], str] = str
    """What a notice may say."""

    @dataclass
    class Moved(Message):
        transcript: LaneTranscript

    async def _on_key(self, event: events.Key) -> None:
        if not passed_on(self, event) and (action := MOVES.get(event.key)) is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)

    def note(self, text: str, severity: Severity = "info") -> None:
        super().note(self.masked(text), severity)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        quiet = self._moving
        super().watch_scroll_y(old_value, new_value)
        if not quiet:
            self.post_message(self.Moved(self))

    def action_scroll_end(self) -> None:
        super().action_scroll_end()
        self.post_message(self.Moved(self))

    @property
    def place(self) -> Place:
        starts = self._turn_lines()
        at = max(0, bisect_right(starts, round(self.scroll_y)) - 1)
        first, last = self._turn_span(starts, at)
        share = (self.scroll_y - first) / (last - first) if last > first else 0.0
        return Place(len(starts) - 1 - at, min(1.0, max(0.0, share)))

    def go_to(self, place: Place) -> None:
        """As text moves, not as its reader does: nobody is told."""
        if not self.max_scroll_y:
            return
        starts = self._turn_lines()
        first, last = self._turn_span(starts, max(0, len(starts) - 1 - place.turn))
        line = round(first + place.share * (last - first))
        self.following = False
        self._place = self._feed.document.locate(line) if self._feed.document.stale else None
        self._scroll_quietly(min(line, self.max_scroll_y))
        self.refresh(self.size.region)

    def go_to_end(self) -> None:
        """And follow it. Nobody is told."""
        super().action_scroll_end()

    def _turn_lines(self) -> list[int]:
        """The line at which each turn begins."""
        document = self._feed.document
        roles = [unit.role for unit in document.units]
        starts = [
            document.offset(at)
            for at, role in enumerate(roles)
            if role == "prompt" and (at == 0 or roles[at - 1] != "prompt")
        ]
        return starts or [0]

    def _turn_span(self, starts: list[int], at: int) -> tuple[int, int]:
        """The lines at the top of the view between which a turn is read."""
        end = self.max_scroll_y
        last = starts[at + 1] if at + 1 < len(starts) else end
        return min(starts[at], end), min(last, end)


def keep_together(leader: LaneTranscript, all_of_them: Iterable[LaneTranscript]) -> None:
    """Sends the others to where one of them stands, or to their ends when it follows its own."""
    place = leader.place
    for transcript in all_of_them:
        if transcript is leader:
            continue
        if leader.following:
            transcript.go_to_end()
        else:
            transcript.go_to(place)
