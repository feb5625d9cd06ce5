"""One run's events as rows: what has to be written after each batch, whoever writes it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from osstui.events import AnyEvent, Ended, Event, LaneEvent, Noted, Started, encode
from osstui.measure.document import document
from osstui.measure.run import LaneState, RunState
from osstui.safe_text import encodable
from osstui.store.rows import State
from osstui.store.statements import Op, Place, add_block, lane_begins, lane_over, run_begins, run_over

E = TypeVar("E", bound=Event)


class RunRecorder:
    """Folds a run's events and says which rows come of them. No I/O: `flush` returns statements to execute
    in order, in one transaction. Rows are touched only while they are running and belong to `owner`."""

    def __init__(self, started: Started, place: Place, owner: str | None) -> None:
        self._started, _ = written(started)
        self._place = place
        self._owner = owner
        self._state = RunState()
        self._lines: list[bytes] = []
        self._ended: list[LaneState] = []
        self._stream = zlib.compressobj(6)
        self._blocks = 0
        self._over: State = "done"
        self.take(started)

    @classmethod
    def again(cls, events: Iterable[AnyEvent], place: Place, owner: str | None) -> RunRecorder | None:
        """A recorder that has taken a run's events; None when they don't begin with `Started`."""
        rest = iter(events)
        started = next(rest, None)
        if not isinstance(started, Started):
            return None
        recorder = cls(started, place, owner)
        for event in rest:
            recorder.take(event)
        return recorder

    @property
    def done(self) -> bool:
        return self._state.done

    def take(self, event: AnyEvent) -> None:
        event, line = written(event)
        self._lines.append(line)
        lane = self._state.lanes.get(event.lane) if isinstance(event, LaneEvent) else None
        before = lane is not None and lane.live
        self._state.apply(event)
        if lane is not None and before and not lane.live:
            self._ended.append(lane)

    def close(self, why: str) -> None:
        """Ends every lane that has no ending as cut, for a program that died or a file that broke off."""
        for lane in list(self._state.lanes.values()):
            if lane.live:
                run, name, t = self._state.run, lane.info.lane, _last(lane)
                self.take(Noted(run, name, t, "unfinished", why))
                self.take(Ended(run, name, t, "truncated"))
                self._over = "died"

    def flush(self) -> list[Op]:
        """What has come since the last call; the run's own rows first, where they aren't there yet."""
        ops = [] if self._blocks else self._begin()
        if self._lines:
            mode = zlib.Z_FINISH if self.done else zlib.Z_SYNC_FLUSH
            block = self._stream.compress(b"".join(self._lines)) + self._stream.flush(mode)
            ops.append(add_block(self._state.run, self._blocks, block, self._owner))
            self._blocks += 1
            self._lines.clear()
        for lane in self._ended:
            ops.append(lane_over(self._state.run, lane_document(lane), self._owner))
        self._ended.clear()
        if self.done:
            ops.append(run_over(self._state.run, self._over, self._owner))
        return ops

    def _begin(self) -> list[Op]:
        start, owner = self._started, self._owner
        names = [(info.lane, info.provider, info.model, info.model_id) for info in start.lanes]
        lanes = [
            lane_begins(start.run, number, names[number], info.params, owner)
            for number, info in enumerate(start.lanes)
        ]
        return [
            *run_begins(start.run, start.prompt, start.started_at, start.osstui, self._place, owner),
            *lanes,
        ]


def lane_document(lane: LaneState) -> dict[str, Any]:
    """One lane's part of the `--json` document."""
    alone = document(RunState(lanes={lane.info.lane: lane}), unfinished="cut")["lanes"]
    assert isinstance(alone, list)
    part: dict[str, Any] = alone[0]
    return part


def unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The event lines of a run's blocks, as far as they can be read."""
    stream, rest = zlib.decompressobj(), b""
    for block in blocks:
        try:
            *lines, rest = (rest + stream.decompress(block)).split(b"\n")
        except zlib.error:
            return
        yield from lines


def written(event: E) -> tuple[E, bytes]:
    """The event and its line; with U+FFFD for lone surrogates, which neither JSON nor SQLite can hold."""
    try:
        return event, encode(event)
    except UnicodeEncodeError:
        values = {name: getattr(event, name) for name in event.__struct_fields__}
        texts = {name: value for name, value in values.items() if isinstance(value, str)}
        whole = {name: encodable(text) for name, text in texts.items()}
        event = msgspec.structs.replace(event, **whole)
        return event, encode(event)


def _last(lane: LaneState) -> int:
    stamps = (lane.t_connected, lane.t_sent, lane.t_open, lane.t_last)
    return max(stamp for stamp in (0, *stamps) if stamp is not None)
