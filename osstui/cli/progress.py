"""One line on stderr that says how the lanes stand while they run."""

from __future__ import annotations

from osstui.cli.painting import Painting
from osstui.measure.format import show
from osstui.measure.run import LaneState, RunState
from osstui.measure.speed import live_speed
from osstui.safe_text import visible_line


def progress(run: RunState, *, wanted: bool = True, heading: str = "") -> Painting:
    """To be entered around the run; `heading` stands before the line."""
    before = f"{heading} · " if heading else ""
    return Painting(lambda width, _: [visible_line(before + line(run), max(1, width - 1))], wanted=wanted)


def line(run: RunState) -> str:
    """`groq 120 · 486 tok/s | together waiting | …`; the newest stamp of all lanes stands for now."""
    now = max((lane.t_last or 0 for lane in run.lanes.values()), default=0)
    return " | ".join(f"{name} {_standing(lane, now)}" for name, lane in run.lanes.items()) or "starting"


def _standing(lane: LaneState, now: int) -> str:
    if lane.status not in ("thinking", "streaming"):
        return lane.status
    tokens = f"{show(lane.seen.tokens, 'count')} tokens"
    speed = live_speed(lane, now)
    return tokens if speed is None else f"{tokens} {show(speed, 'tok/s', approximate=True)}"
