"""The compare screen: one prompt, many panes. It moves events to panes and holds no truth of its own."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from osstui.conversation.session import Session
from osstui.profile import differences
from osstui.safe_text import visible, visible_line
from osstui.tui.commands import bindings
from osstui.tui.say import say, say_what_broke
from osstui.tui.screens.draft import Draft
from osstui.tui.screens.frames import Frames
from osstui.tui.screens.runs import Runs
from osstui.tui.widgets.grid import Direction, LaneGrid
from osstui.tui.widgets.key_line import KeyLine
from osstui.tui.widgets.prompt import PromptBox
from osstui.tui.widgets.totals import TotalsLine

if TYPE_CHECKING:
    from textual.worker import Worker

    from osstui.conversation.keeping import Keeper
    from osstui.conversation.live_run import LiveRun
    from osstui.engine.api import Engine
    from osstui.job import Message as TalkMessage
    from osstui.job import Target
    from osstui.settings import Settings
    from osstui.tui.playing import Recording
    from osstui.tui.screens.details import DetailsScreen

TWICE = 1.5
"""Seconds in which a second Esc counts as one."""


class CompareScreen(Screen[None]):
    """Puts its parts together, each with its own matter: the grid knows which pane is meant, the draft is not
    sent yet, the runs are what the engine is at, the frames draw."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]
    AUTO_FOCUS = "PromptBox"
    on_worker_state_changed = say_what_broke

    grid = getters.query_one(LaneGrid)
    totals = getters.query_one(TotalsLine)
    prompt = getters.query_one(PromptBox)
    banner = getters.query_one("#banner", Static)

    class Asked(Message):
        """The engine has begun a run."""

    def __init__(
        self, session: Session, engine: Engine, keeper: Keeper, settings: Settings | None = None
    ) -> None:
        super().__init__()
        self.session, self.keeper, self.settings = session, keeper, settings
        self.draft = Draft(self)
        self.runs = Runs(self, engine, keeper)
        self.frames = Frames(self)
        self.details: DetailsScreen | None = None
        """The page of details that is open."""
        self.recording: Recording | None = None
        """What is played, in the place of asking."""
        self.announced = ""
        self._escaped = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="banner", markup=False)
        with LaneGrid():
            yield Static("Looking for providers… you can type already.", id="welcome", markup=False)
        yield TotalsLine()
        yield PromptBox()
        yield KeyLine()

    def on_mount(self) -> None:
        self.frames.start()
        self.watch(self.grid, "scroll_y", self.wake, init=False)

    # one way in: prompts become runs

    def announce(self, text: str) -> None:
        """A line that stays at the top of the screen; none when it is empty."""
        self.announced = text
        self.banner.update(Content(visible_line(text)))
        self.banner.set_class(bool(text), "-said")

    def welcome(self, text: str) -> None:
        """What the empty grid says."""
        for static in self.query("#welcome").results(Static):
            static.update(Content(visible_line(text)))

    @on(PromptBox.Changed)
    def _draft_changed(self) -> None:
        self.draft.changed()

    @on(PromptBox.Submitted)
    def _submitted(self, event: PromptBox.Submitted) -> None:
        self.draft.send(event.text, event.typed)

    def still_answering(self, more: str = "") -> bool:
        """Whether lanes are at work. Says so, for what has to wait until they are not."""
        if self.session.busy:
            say(self.app, f"Lanes are still answering: wait, or cancel them with Ctrl+C{more}")
        return self.session.busy

    def begin(self, run: LiveRun, results: Sequence[TalkMessage] = ()) -> Worker[None]:
        """Shows a run in the panes of its lanes, and follows it. With results of tools the turn goes on."""
        asked = {lane.lane: lane for lane in run.job.lanes}
        if self.session.blind.on:
            from osstui.tui.screens.judging import hide_names

            hide_names(self)
        for pane in [pane for pane in self.grid.panes if pane.lane in asked]:
            if results:
                pane.follow_on(run, results)
            else:
                pane.follow(run, run.job.prompt, asked[pane.lane].exchange)
            unmet = self.session.profile_of(pane.lane).unmet(pane.target)
            for line in unmet if not pane.hidden and run.player is None else []:
                pane.transcript.note(line, "warning")
        self.wake()
        return self.runs.follow(run)

    async def set_lanes(self, lanes: dict[str, Target], specs: list[str]) -> None:
        """Panes for exactly these lanes; those that stay keep what they show."""
        old = {pane.lane: pane for pane in self.grid.panes if lanes.get(pane.lane) == pane.target}
        for pane in self.grid.panes:
            if pane.lane not in old:
                self.runs.cancel_lane(pane.lane)
                await pane.remove()
        await self.query("#welcome").remove()
        self.session.lanes, self.session.specs = lanes, specs
        from osstui.tui.widgets.pane import LanePane

        catalog = self.session.catalog
        panes = [
            old.get(name) or LanePane(name, target, 0, catalog.offer_of(target) if catalog else None)
            for name, target in lanes.items()
        ]
        new = [pane for pane in panes if pane.lane not in old]
        if self.session.blind.letters:
            self.session.blind.join(lanes)
        for pane in new:
            pane.name_by(self.session.blind)
        await self.grid.mount_all(new)
        self.dress()
        if self.session.turns:
            for pane in [pane for pane in new if self.session.turns[-1].said(pane.lane) is None]:
                pane.transcript.note("joins here: earlier turns of the conversation are not sent to it")
        self.show_parameters()
        self.totals.update(self.session)
        self.wake()

    def show_parameters(self) -> None:
        """What differs from the default stands above the prompt, what differs in one lane below its pane."""
        session = self.session
        self.prompt.show_parameters(differences(session.profile))
        for pane in self.grid.panes:
            marks = ["muted"] if pane.lane in session.muted else []
            if session.turn is not None and (vote := session.turn.vote) and vote.lane == pane.lane:
                marks.append("★ your vote")
            pane.show_own(marks + differences(session.profile_of(pane.lane), session.profile))

    def dress(self) -> None:
        """The panes under the names, or the letters, that the session has for them, and in their order."""
        blind = self.session.blind
        self.grid.dress(blind, blind.letters or self.session.lanes)
        self.show_signs()

    def show_signs(self) -> None:
        """What is switched on stands on the screen."""
        count = len(self.grid.panes)
        signs = [f"one of {count} panes: z shows all"] if self.grid.zoomed and count > 1 else []
        signs += ["⇅ scrolling together"] if self.grid.together else []
        if (blind := self.session.blind).on:
            signs.append("blind: v votes, = a draw" if blind.hidden else "blind from the next prompt on")
        self.totals.show_signs(signs)

    # drawing

    def wake(self) -> None:
        """Something may have to be drawn."""
        self.frames.wake()

    def show_numbers(self) -> None:
        """Brings up to date what stands outside the panes."""
        self.totals.update(self.session)
        if self.details is not None:
            self.details.refresh_numbers()

    def on_lane_grid_moved(self) -> None:
        self.show_signs()
        self.wake()

    # commands

    def action_zoom(self) -> None:
        self.grid.toggle_zoom()

    def action_focus_pane(self, number: int) -> None:
        if number <= len(panes := self.grid.panes):
            self.grid.go_to(panes[number - 1])

    def action_move_focus(self, direction: Direction) -> None:
        if not self.grid.go(direction):
            self.action_focus_prompt()

    def action_focus_prompt(self) -> None:
        self.set_focus(self.prompt)

    def on_resize(self) -> None:
        self.wake()

    def on_paste(self, event: events.Paste) -> None:
        """In a pane there is nothing to paste into: the text is for the prompt."""
        self.prompt.post_message(events.Paste(event.text))

    def action_step_back(self) -> None:
        if self.grid.zoomed:
            self.grid.toggle_zoom()
        elif not self.session.busy:
            self.set_focus(self.prompt)
        elif time.monotonic() - self._escaped < TWICE:
            self._escaped = 0.0
            self.runs.cancel_all()
        else:
            self._escaped = time.monotonic()
            say(self.app, "Press Esc again to cancel every lane", timeout=TWICE)

    def action_cancel_all(self) -> None:
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(visible(selected))
            say(self.app, f"Copied what is selected: {len(selected):,} characters")
        elif self.session.busy:
            self.runs.cancel_all()
        else:
            say(self.app, "Nothing is streaming. Ctrl+Q quits")

    def action_cancel_lane(self) -> None:
        if (pane := self.grid.current) is not None and not self.runs.cancel_lane(pane.lane):
            say(self.app, f"{pane.lane} is not answering")

    def action_read(self, what: str) -> None:
        """Runs one of the actions on the answer of the current pane, by its name."""
        from osstui.tui.screens.reading import ACTIONS

        if (pane := self.grid.current) is not None:
            ACTIONS[what](self, pane)

    def action_converse(self, what: str) -> None:
        """Runs one of the actions on the conversation, by its name."""
        from osstui.tui.screens.conversation import ACTIONS

        ACTIONS[what](self)

    def action_judge(self, what: str) -> None:
        """Runs one of the actions that set answers against each other, by its name."""
        from osstui.tui.screens.judging import ACTIONS

        ACTIONS[what](self)

    async def action_new_conversation(self) -> None:
        if self.still_answering():
            return
        if (recording := self.recording) is not None:
            recording.leave()
            await self.set_lanes(recording.lanes, recording.specs)
        self.session.forget()
        for pane in self.grid.panes:
            pane.clear()
        self.dress()
        self.show_parameters()
        self.totals.update(self.session)
        self.set_focus(self.prompt)
