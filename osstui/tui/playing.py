"""Recorded runs played into the panes: the same events at their own pace. Nothing is asked or kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from osstui.conversation.live_run import LiveRun
from osstui.conversation.recall import recorded_target
from osstui.conversation.turn import Turn
from osstui.job import Job, Lane, Target
from osstui.store.replay import ReplayEngine
from osstui.tui.say import say

if TYPE_CHECKING:
    from osstui.events import AnyEvent
    from osstui.tui.screens.compare import CompareScreen

NOTHING_IS_ASKED = "This is a recording: Ctrl+N leaves it, Ctrl+L chooses lanes to ask; your prompt is kept"


class Recording:
    """What the panes play, and what they go back to. While it lasts, the session has no lane to ask."""

    def __init__(self, screen: CompareScreen, runs: Sequence[Sequence[AnyEvent]], speed: float) -> None:
        """Raises ValueError for a run without a beginning."""
        self._screen, self._speed = screen, speed
        self._engines = [ReplayEngine(events, speed) for events in runs]
        self._targets: dict[str, Target] = {}
        for engine in self._engines:
            for info in engine.started.lanes:
                self._targets.setdefault(info.lane, recorded_target(info))
        before = screen.recording
        session = screen.session
        self.lanes: dict[str, Target] = before.lanes if before else session.lanes
        self.specs: list[str] = before.specs if before else session.specs
        self.announced: str = before.announced if before else screen.announced
        screen.recording = self

    async def play(self) -> None:
        """Run after run, each a turn of its own, until all have been played or one is cancelled."""
        screen, session = self._screen, self._screen.session
        session.forget()
        for pane in screen.grid.panes:
            pane.clear()
        await screen.set_lanes(self._targets, [])
        session.lanes, session.specs = {}, []
        for engine in self._engines:
            started = engine.started
            when = started.started_at[:16].replace("T", " ")
            screen.announce(f"RECORDING {started.run}, {when} UTC · {self._speed:g}× · Ctrl+N leaves it")
            lanes = tuple(Lane(info.lane, self._targets[info.lane], ()) for info in started.lanes)
            run = LiveRun(Job(started.run, started.prompt, lanes), player=engine, speed=self._speed)
            turn = Turn(started.prompt)
            turn.carry(run, [lane.lane for lane in lanes])
            session.turns.append(turn)
            session.live.append(run)
            await screen.begin(run).wait()
            if engine.was_cancelled or screen.recording is not self:
                return

    def leave(self) -> None:
        """The panes are empty again; whoever calls this gives the session its lanes."""
        screen = self._screen
        screen.recording = None
        for run in screen.session.live:
            if run.player is not None:
                run.player.cancel(run.job.run)
        screen.session.forget()
        for pane in screen.grid.panes:
            pane.clear()
        screen.announce(self.announced)
        if not self.lanes:
            say(screen.app, "There are no lanes to ask: choose some with Ctrl+L")
