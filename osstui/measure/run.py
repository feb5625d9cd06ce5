"""The fold of one run: feed it every event in order; it is what screen, files and scripts show."""

from __future__ import annotations

from dataclasses import dataclass, field

from osstui.events import AnyEvent, Ended, Failed, LaneEvent, Started
from osstui.measure.cost import cost_warnings
from osstui.measure.lane import FINAL, LaneState, Status
from osstui.measure.tokens import token_warnings

__all__ = ["FINAL", "LaneState", "RunState", "Status"]


@dataclass(slots=True, eq=False)
class RunState:
    """One run. Empty until `Started` is applied; lanes stand in the job's order."""

    run: str = ""
    prompt: str = ""
    started_at: str = ""
    """RFC 3339, UTC."""
    osstui: str = ""
    """The version that measured."""
    lanes: dict[str, LaneState] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """Every lane has its ending."""
        return bool(self.run) and not any(lane.live for lane in self.lanes.values())

    def apply(self, event: AnyEvent) -> None:
        """Folds one event in. Events of another run or of an unknown lane leave everything as it is."""
        if isinstance(event, LaneEvent):
            lane = self.lanes.get(event.lane)
            if lane is None or event.run != self.run:
                return
            ending = lane.live and isinstance(event, Ended | Failed)
            lane.apply(event)
            if ending:
                lane.warnings.extend([*token_warnings(lane), *cost_warnings(lane)])
        elif not self.lanes:
            self._start(event)

    def _start(self, event: Started) -> None:
        self.run, self.prompt = event.run, event.prompt
        self.started_at, self.osstui = event.started_at, event.osstui
        self.lanes = {info.lane: LaneState(info) for info in event.lanes}
