"""One lane: its transcript above, its numbers below, its name in the border."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var

from osstui.measure.format import show
from osstui.measure.metrics import BY_KEY
from osstui.safe_text import visible_line
from osstui.tui.commands import bindings
from osstui.tui.widgets.meter import Meter
from osstui.tui.widgets.together import LaneTranscript
from osstui.tui.wording import bare_state_of, ending_note, price_age, reasoning_label, state_of
from osstui.tui.wording_tools import calls_told, result_told, said_before

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osstui.catalog import Offer
    from osstui.conversation.blind import Blind
    from osstui.conversation.live_run import LiveRun
    from osstui.job import Message as TalkMessage
    from osstui.job import Target
    from osstui.measure.run import LaneState

LOW = 12
"""Rows; below it the numbers keep to one."""
NUMBERS_EVERY = 3
"""Frames between two drawings of the numbers: digits that change faster can't be read."""

TELLS_NOTHING = ("muted",)
"""Of what the foot of a pane says of its lane: what doesn't give it away."""
FOOT_EDGES = 9
"""Cells of the foot that corners, padding and a point between its parts take."""
WORTH_A_WORD = 0.05
"""Share of a window below which its use is not shown."""


class LanePane(Vertical):
    """Draws one lane of the run that it follows. It remembers only how much of it has been drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("pane")]
    transcript = getters.query_one(LaneTranscript)
    meter = getters.query_one(Meter)
    live: var[bool] = var(False, toggle_class="-live")

    @dataclass
    class ZoomAsked(Message):
        pane: LanePane

    def __init__(self, lane: str, target: Target, number: int, offer: Offer | None = None) -> None:
        super().__init__(classes="lane")
        self.lane, self.target, self.number = lane, target, number
        self.offer = offer
        """What the catalog says of the lane; None where it does not list it."""
        self.run: LiveRun | None = None
        self._shown = 0
        self._drawn = (-1, "")
        self._attempts_said = 1
        self._unmet_said = 0
        self._own: list[str] = []
        self._window = ""
        self._over = True
        self._frames = 0
        self.letter = ""
        """What blind mode calls it."""
        self.hidden = False
        """Nothing may tell which lane it is."""
        self.broken = False
        """Drawing it failed: it is left alone until the next turn."""

    def compose(self) -> ComposeResult:
        yield LaneTranscript()
        yield Meter()

    def on_mount(self) -> None:
        self.name_border()
        self.meter.show_idle(self._offer())

    def name_by(self, blind: Blind) -> None:
        """Called before it is mounted, too: no frame may show what is hidden."""
        self.letter, self.hidden = blind.letters.get(self.lane, ""), blind.hidden

    def dress(self, blind: Blind) -> None:
        """Under its letter or its name, as blind mode has it."""
        self.name_by(blind)
        self.transcript.masked = blind.masked
        self.name_border()
        if self.run is None:
            self.meter.show_idle(self._offer())

    def name_border(self) -> None:
        """Titles take Content only: a string would be read as markup."""
        key = f"{self.number} " if self.number <= 9 else ""
        if self.hidden:
            self.border_title = Content.assemble((key, "$secondary"), (self.letter, "bold"))
            self._name_foot()
            return
        name = visible_line(self.lane.partition(":")[0], 40)
        self.border_title = Content.assemble(
            (key, "$secondary"),
            (f"{self.letter} = " if self.letter else "", "$secondary"),
            (name, "bold"),
            (f" {visible_line(self.target.model, 60)}", "$secondary"),
        )
        self._name_foot()

    def show_own(self, parameters: list[str]) -> None:
        """In which parameters this lane differs from the others."""
        self._own = parameters
        self._name_foot()

    def _name_foot(self) -> None:
        parts = [
            *([own for own in self._own if own in TELLS_NOTHING] if self.hidden else self._own),
            *([self._window] if self._window and not self.hidden else []),
        ]
        simulated = self.target.simulated or (self.state is not None and self.state.info.simulated)
        told = Content.styled(" · ".join(parts), "$warning")
        if simulated and not self.hidden:
            told = Content.assemble(told, (" · simulated" if parts else "simulated", "$secondary"))
        published = self._published(self.outer_size.width - FOOT_EDGES - told.cell_length)
        feet = [Content.styled(published, "$secondary"), told]
        self.border_subtitle = Content(" · ").join(foot for foot in feet if foot) or None

    def _published(self, room: int) -> str:
        """What is published of the lane's speed, with the ratio once it is measured, as far as it fits."""
        if self.hidden or self.offer is None:
            return ""
        from osstui.catalog.published import brief, comparison

        lane = self.state
        ttft = BY_KEY["ttft"].value(lane) if lane and not lane.live else None
        speed = BY_KEY["speed"].value(lane) if lane and not lane.live else None
        seconds = None if ttft is None else ttft / 1000
        whole = comparison(self.offer, seconds, speed, date.today())
        for text in (f"published {whole}" if whole else "", brief(self.offer, seconds, speed)):
            if len(shown := visible_line(text, 200)) <= room:
                return shown
        return ""

    def _offer(self) -> str:
        if self.hidden:
            return ""
        price = self.target.price
        parts = (
            [f"{show(price.input, '$')} in · {show(price.output, '$')} out per 1M tokens"]
            if price
            else ["no price known"]
        )
        if price and (told := price_age(price, date.today())):
            parts.append(told)
        if self.target.context:
            parts.append(f"{self.target.context // 1024}k context")
        return " · ".join(parts)

    def follow(self, run: LiveRun, prompt: str, exchange: Sequence[TalkMessage] = ()) -> None:
        """A new turn, with the tool calls and results that its run goes on from: what came before stays in
        the transcript."""
        self.transcript.begin_turn(visible_prompt(prompt))
        self.follow_on(run, exchange)

    def follow_on(self, run: LiveRun, exchange: Sequence[TalkMessage]) -> None:
        """The turn goes on with a run that has these messages before it."""
        for message in exchange:
            for kind, text in said_before(message):
                self.transcript.append(kind, text)
            if message.answers is not None:
                self.transcript.note(result_told(message.answers.name, message.content))
        self.run, self._shown, self._drawn, self._attempts_said = run, 0, (-1, ""), 1
        self._over, self._frames, self.live, self.broken = False, 0, True, False
        self._unmet_said = 0

    def clear(self) -> None:
        self.run, self._over, self.live = None, True, False
        self._window = ""
        self._name_foot()
        self.transcript.clear()
        self.meter.show_idle(self._offer())

    @property
    def state(self) -> LaneState | None:
        return self.run.lane(self.lane) if self.run else None

    @property
    def behind(self) -> bool:
        """Something of the lane is not on the screen yet, or is still to come."""
        if self.broken or not self.is_mounted:
            return False
        return not self._over or self.transcript.pending

    @property
    def ended(self) -> bool:
        """Nothing more of the answer will come."""
        return self.state is not None and not self.state.live

    def frame(self) -> None:
        """Draws what is new. Called by the screen's one timer, while the pane can be seen."""
        run, lane = self.run, self.state
        if run is None:
            self.transcript.flush()
            return
        if lane is not None:
            self._hand_over(lane)
        self.transcript.flush()
        self._draw_numbers(run, lane)
        if lane is not None and not lane.live and not self._over:
            caught_up = not self.transcript.pending
            self._finish(lane)
            if caught_up:
                self.transcript.flush()

    def _hand_over(self, lane: LaneState) -> None:
        for line in lane.unmet[self._unmet_said :] if not self.hidden else []:
            self.transcript.note(visible_line(line, 300), "warning")
        self._unmet_said = len(lane.unmet)
        pieces = lane.pieces
        if lane.attempts > self._attempts_said:
            self._attempts_said = lane.attempts
            if lane.retry_message and not self.hidden:
                self.transcript.note(
                    f"try {lane.attempts - 1} failed: {visible_line(lane.retry_message, 300)}", "warning"
                )
        if (shown := self._shown) == len(pieces):
            return
        append = self.transcript.append
        for kind, text in pieces[shown:]:
            append(kind, text)
        self._shown = len(pieces)
        self._label_reasoning(lane)

    def _label_reasoning(self, lane: LaneState) -> None:
        if (label := reasoning_label(lane)) is not None:
            self.transcript.set_reasoning_label("thought" if self.hidden else label)

    def _draw_numbers(self, run: LiveRun, lane: LaneState | None) -> None:
        if self._over:
            return
        say = bare_state_of(lane) if self.hidden else state_of(lane, run.now)
        drawn = (lane.revision if lane else 0, say.words)
        over = lane is not None and not lane.live
        if over or (drawn != self._drawn and self._frames % NUMBERS_EVERY == 0):
            self._drawn = drawn
            if self.hidden:
                self.meter.show_state(say)
            else:
                self.meter.show_lane(say, lane, run.now)
        self._frames += 1

    def _finish(self, lane: LaneState) -> None:
        self._label_reasoning(lane)
        if lane.error is not None and self.hidden:
            self.transcript.note("this lane failed; why is told with the names", "error")
        elif (told := ending_note(lane, self.target)) is not None:
            self.transcript.note(*told)
        elif lane.calls:
            for call in calls_told(lane.calls, lane.info.tools):
                self.transcript.note(*call)
        self._show_window(lane)
        self._name_foot()
        self.transcript.finish()
        self._over, self.live = True, False

    def _show_window(self, lane: LaneState) -> None:
        """How much of the host's window the conversation takes, once that is worth a word."""
        from osstui.measure.forecast import NEARLY_FULL, window_used

        used, window = window_used(lane), lane.info.context
        if used is None or not window:
            return
        self._window = ""
        if used >= window * WORTH_A_WORD:
            self._window = f"context {used:,} of {window:,}"
        if used >= window * NEARLY_FULL and not self.hidden:
            left = max(0, window - used)
            self.transcript.note(
                f"the window is nearly full, {left:,} tokens are left: Ctrl+N begins anew, F4 goes on from "
                "an earlier turn, m mutes the lane",
                "warning",
            )

    def on_resize(self, event: events.Resize) -> None:
        self.meter.low = event.size.height < LOW
        self._name_foot()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and event.widget is not self.transcript:
            self.post_message(self.ZoomAsked(self))
        elif event.widget is not self.transcript:
            self.transcript.focus()


def visible_prompt(prompt: str, limit: int = 2_000) -> str:
    """The prompt as a pane repeats it: a pasted book is not laid out in every pane."""
    if len(prompt) <= limit:
        return prompt
    return f"{prompt[:limit]}… ({len(prompt):,} characters in all)"
