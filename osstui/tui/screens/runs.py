"""The only place where an engine's events meet the screen: runs are followed, kept and cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from osstui.events import Ended, Failed, Started
from osstui.safe_text import visible_line
from osstui.tui.say import say

if TYPE_CHECKING:
    from textual.worker import Worker

    from osstui.conversation.keeping import Keeper
    from osstui.conversation.live_run import LiveRun
    from osstui.engine.api import Engine
    from osstui.events import AnyEvent
    from osstui.tui.screens.compare import CompareScreen

BREATH = 0.005
"""Seconds after which a burst of events lets the keyboard in."""


class Runs:
    """What the engine, or a recording's player, is at work on for a compare screen."""

    def __init__(self, screen: CompareScreen, engine: Engine, keeper: Keeper) -> None:
        self._screen, self._keeper = screen, keeper
        self.engine = engine

    def follow(self, run: LiveRun) -> Worker[None]:
        """Hands the run to the engine and folds its events, until its end."""
        return self._screen.run_worker(self._follow(run), group="runs", exit_on_error=False)

    def cancel_lane(self, name: str) -> bool:
        """False when it is not answering. The ending arrives as an event, like any other."""
        run = self._screen.session.live_run(name)
        if run is not None:
            (run.player or self.engine).cancel(run.job.run, name)
        return run is not None

    def cancel_all(self) -> None:
        for run in self._screen.session.live:
            (run.player or self.engine).cancel(run.job.run)

    def end(self) -> None:
        """What is still live is kept as cancelled: the app closes."""
        for run in self._screen.session.live:
            self._keep(run, run.cancel_rest())

    async def _follow(self, run: LiveRun) -> None:
        screen = self._screen
        why = "the engine left this lane without an ending"
        try:
            slice_began = time.monotonic()
            async for event in (run.player or self.engine).run(run.job):
                run.apply(event)
                self._keep(run, [event])
                if isinstance(event, Ended | Failed):
                    screen.frames.soon()
                if time.monotonic() - slice_began > BREATH:
                    await asyncio.sleep(0)
                    slice_began = time.monotonic()
        except Exception as error:
            why = f"the engine failed: {visible_line(str(error) or type(error).__name__, 300)}"
            say(screen.app, why, "error")
            if not run.state.run:
                screen.prompt.give_back()
        except asyncio.CancelledError:
            self._keep(run, run.cancel_rest())
            raise
        finally:
            self._keep(run, run.fail_rest("server", why))
            screen.session.end(run)
            screen.wake()

    def _keep(self, run: LiveRun, events: Iterable[AnyEvent]) -> None:
        """Nothing of a recording is kept again."""
        if run.player is not None:
            return
        for event in events:
            self._keeper.put(event, self._screen.session)
            if isinstance(event, Started):
                self._screen.post_message(self._screen.Asked())
