"""The compare screen: one prompt, many panes. It moves events to panes and holds no truth of its own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from osstui.events import Ended, Failed
from osstui.profile import differences
from osstui.safe_text import visible, visible_line
from osstui.tui.commands import bindings
from osstui.tui.live_run import LiveRun
from osstui.tui.say import say
from osstui.tui.screens.frames import Frames
from osstui.tui.screens.reading import ReadingScreen
from osstui.tui.session import Session
from osstui.tui.widgets.grid import LaneGrid
from osstui.tui.widgets.key_line import KeyLine
from osstui.tui.widgets.prompt import PromptBox
from osstui.tui.widgets.totals import TotalsLine

if TYPE_CHECKING:
    from textual.worker import Worker

    from osstui.engine.api import Engine
    from osstui.events import AnyEvent
    from osstui.job import Message, Target
    from osstui.measure.forecast import Budget
    from osstui.settings import Settings
    from osstui.tui.playing import Recording
    from osstui.tui.widgets.pane import LanePane

BREATH = 0.005
"""Seconds after which a burst of events lets the keyboard in."""
TWICE = 1.5
"""Seconds in which a second Esc counts as one."""


class CompareScreen(ReadingScreen):
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare")]
    AUTO_FOCUS = "PromptBox"

    totals = getters.query_one(TotalsLine)
    banner = getters.query_one("#banner", Static)

    def __init__(
        self,
        session: Session,
        engine: Engine,
        record: Callable[[AnyEvent], None],
        settings: Settings | None = None,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(session)
        self.budget = budget
        self.settings = settings
        self.engine, self.record = engine, record
        self.prepared = False
        """The lanes are chosen, or it is known that there are none."""
        self.frames: Frames | None = None
        """None until the screen is mounted."""
        self._escaped = 0.0
        self._send_when_ready = False
        self.recording: Recording | None = None
        """What is played, in the place of asking."""
        self.announced = ""
        self.doubted = ""
        """The draft that was held back once, because a path in it may be mistyped."""

    def compose(self) -> ComposeResult:
        yield Static(id="banner", markup=False)
        with LaneGrid():
            yield Static("Looking for providers… you can type already.", id="welcome", markup=False)
        yield TotalsLine()
        yield PromptBox()
        yield KeyLine()

    def on_mount(self) -> None:
        self.frames = Frames(self)
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

    def ready(self, parts: Sequence[str]) -> None:
        """The lanes are there: sends what was given on the command line or typed ahead."""
        self.prepared = True
        if parts and not self.prompt.text:
            self.prompt.begin_with(*parts)
            self._send_when_ready = True
        if self._send_when_ready:
            self._send_when_ready = False
            self.prompt.action_send()

    @on(PromptBox.Submitted)
    def _submit(self, event: PromptBox.Submitted) -> None:
        if self.session.lanes and not self.session.lanes.keys() - self.session.muted:
            say(self.app, "Every lane is muted: m in a pane lets it in again; your prompt is kept")
        elif self.recording is not None:
            from osstui.tui.playing import NOTHING_IS_ASKED

            say(self.app, NOTHING_IS_ASKED)
        elif not self.session.lanes:
            self._send_when_ready = not self.prepared
            way = (
                "it is sent as soon as they are there" if self._send_when_ready else "choose some with Ctrl+L"
            )
            say(self.app, f"There are no lanes yet: {way}; your prompt is kept")
        elif not self.still_answering("; your prompt is kept"):
            from osstui.tui.screens.sending import send

            send(self, event.text, event.typed)

    async def look_ahead(self) -> None:
        from osstui.tui.screens.sending import look_ahead

        await look_ahead(self)

    def begin(self, run: LiveRun, results: Sequence[Message] = ()) -> Worker[None]:
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
        return self._follow(run)

    @work(exit_on_error=False, group="runs")
    async def _follow(self, run: LiveRun) -> None:
        """The only place where the screen and the engine touch."""
        why = "the engine left this lane without an ending"
        try:
            slice_began = time.monotonic()
            async for event in (run.player or self.engine).run(run.job):
                run.apply(event)
                self._keep(run, [event])
                if isinstance(event, Ended | Failed) and self.frames is not None:
                    self.frames.soon()
                if time.monotonic() - slice_began > BREATH:
                    await asyncio.sleep(0)
                    slice_began = time.monotonic()
        except Exception as error:
            why = f"the engine failed: {visible_line(str(error) or type(error).__name__, 300)}"
            say(self.app, why, "error")
            if not run.state.run:
                self.prompt.give_back()
        except asyncio.CancelledError:
            self._keep(run, run.cancel_rest())
            raise
        finally:
            self._keep(run, run.fail_rest("server", why))
            self.session.end(run)
            self.wake()

    def _keep(self, run: LiveRun, events: list[AnyEvent]) -> None:
        for event in events if run.player is None else ():
            self.record(event)

    async def set_lanes(self, lanes: dict[str, Target], specs: list[str]) -> None:
        """Panes for exactly these lanes; those that stay keep what they show."""
        old = {pane.lane: pane for pane in self.grid.panes if lanes.get(pane.lane) == pane.target}
        for pane in self.grid.panes:
            if pane.lane not in old:
                self._cancel(pane)
                await pane.remove()
        await self.query("#welcome").remove()
        self.session.lanes, self.session.specs = lanes, specs
        from osstui.tui.widgets.pane import LanePane

        panes = [old.get(name) or LanePane(name, target, 0) for name, target in lanes.items()]
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

    # drawing

    @property
    def live(self) -> bool:
        """Frames are being drawn."""
        return self.frames is not None and self.frames.running

    def wake(self) -> None:
        if self.frames is not None:
            self.frames.wake()

    def show_numbers(self) -> None:
        """Brings up to date what stands outside the panes."""
        self.totals.update(self.session)
        self.refresh_details()

    # commands

    def on_resize(self) -> None:
        self.wake()

    def action_step_back(self) -> None:
        if self.grid.zoomed:
            self._zoom(None)
        elif not self.session.busy:
            self.prompt.focus()
        elif time.monotonic() - self._escaped < TWICE:
            self._escaped = 0.0
            self._cancel_every_lane()
        else:
            self._escaped = time.monotonic()
            say(self.app, "Press Esc again to cancel every lane", timeout=TWICE)

    def action_cancel_all(self) -> None:
        if selected := self.get_selected_text():
            self.app.copy_to_clipboard(visible(selected))
        elif self.session.busy:
            self._cancel_every_lane()
        else:
            say(self.app, "Nothing is streaming. Ctrl+Q quits")

    def _cancel_every_lane(self) -> None:
        for run in self.session.live:
            (run.player or self.engine).cancel(run.job.run)

    def action_cancel_lane(self) -> None:
        if (pane := self.current_pane) is not None and not self._cancel(pane):
            say(self.app, f"{pane.lane} is not answering")

    def _cancel(self, pane: LanePane) -> bool:
        run = self.session.live_run(pane.lane)
        if run is None:
            return False
        (run.player or self.engine).cancel(run.job.run, pane.lane)
        return True

    def action_retry_lane(self) -> None:
        if (pane := self.current_pane) is None:
            return
        if self.session.live_run(pane.lane):
            say(self.app, f"{pane.lane} is still answering; x cancels it")
        else:
            self.ask_again([pane.lane], "There is no prompt to repeat yet")

    def action_retry_failed(self) -> None:
        self.ask_again(self.session.retryable(), "No lane has failed")

    def ask_again(self, names: list[str], nothing: str) -> None:
        """Repeats the last prompt for those of the lanes that the budget allows."""
        from osstui.tui.screens.sending import affordable

        turn = self.session.turn
        names = [name for name in names if name in self.session.lanes]
        if turn is None or not names:
            say(self.app, nothing)
            return
        try:
            run = self.session.ask_again(affordable(self, names, turn.prompt, again=True))
        except ValueError as problem:
            say(self.app, str(problem), "error")
            return
        if run is not None:
            self.begin(run)

    def action_converse(self, what: str) -> None:
        """Runs one of the actions on the conversation, by its name."""
        from osstui.tui.screens.conversation import ACTIONS

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
        self.prompt.focus()
