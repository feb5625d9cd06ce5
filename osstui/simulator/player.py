"""Writing an answer on time: a schedule counted from the request's receipt, a stamp for every write."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random
from typing import NamedTuple

from osstui.simulator.hosts import Host
from osstui.simulator.shapes.base import Answer, Chunk, Shape
from osstui.simulator.truth import Truth, clock
from osstui.simulator.wishes import Wishes

_AHEAD = 512
"""Frames that are built before the first is due; the rest is built in the pauses."""
_STEP = 128
_COMMENT_EVERY = 40
BROKEN = b'data: {"id":"chatcmpl-broken","choices":[{"index":0,"delta":{"content":"half\n\n'


class Frame(NamedTuple):
    due: int
    """ns after the receipt of the request."""
    data: bytes
    """What goes to the socket, HTTP chunk framing included."""
    chunk: Chunk | None
    alone: bool
    """Nothing may be written together with it."""


class Framer:
    """Event bytes to socket bytes: HTTP/1.1 chunk framing, and the faults of the bytes themselves."""

    def __init__(self, *, chunked: bool, crlf: bool, drip: bool) -> None:
        self.chunked = chunked
        self._crlf = crlf
        self._drip = drip
        self._begun = False

    def data(self, data: bytes) -> bytes:
        if self._crlf:
            data = data.replace(b"\n", b"\r\n")
            data = b": between events\r\n" + data if self._begun else b"\xef\xbb\xbf" + data
            self._begun = True
        return data

    def frames(self, due: int, data: bytes, chunk: Chunk | None = None) -> Iterator[Frame]:
        if not data:
            return
        data = self.data(data)
        if not self._drip:
            yield Frame(due, self._framed(data), chunk, False)
            return
        last = len(data) - 1
        for place in range(len(data)):
            yield Frame(due, self._framed(data[place : place + 1]), chunk if place == last else None, True)

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if self.chunked else data


def schedule(
    answer: Answer, shape: Shape, wishes: Wishes, seed: int
) -> Iterator[tuple[float, bytes, Chunk | None]]:
    """(seconds after receipt, event bytes, chunk) up to the end of the text, or where a fault breaks it off.

    The first chunk of text is due at TTFT; a later one when its last token is, at the host's rate counted
    from the first chunk, so that (n - n1) / (t_last - t_first) is the rate for any number of tokens a chunk.
    """
    host = answer.host
    yield host.opens * host.ttft_s, shape.head(answer), None
    yield from _waiting(answer, shape)
    stops_at = break_of(answer, wishes)
    broken_at = after_of(answer, wishes) if wishes.has("broken_event") else None
    late = Random(f"jitter|{seed}|{answer.id}")  # noqa: S311 - noise, not secrets
    done, first, due = 0, 0, host.ttft_s
    if wishes.has("buffered"):
        due = _due(host, answer.visible_tokens)
    for place, (data, chunk) in enumerate(shape.events(answer)):
        if stops_at is not None and done >= stops_at:
            return
        if broken_at is not None and done >= broken_at:
            yield due, BROKEN, None
            broken_at = None
        done += chunk.tokens
        first = first or done
        due = max(due, _due(host, done - first) + late.uniform(0, wishes.jitter or 0))
        yield due, data, chunk
        if place % _COMMENT_EVERY == _COMMENT_EVERY - 1:
            yield due, shape.comment(answer), None


def _due(host: Host, tokens: int) -> float:
    return host.ttft_s + tokens / host.output_tps


def _waiting(answer: Answer, shape: Shape) -> Iterator[tuple[float, bytes, Chunk | None]]:
    """Keep-alive comments until the first token."""
    comment = shape.comment(answer)
    if comment:
        host = answer.host
        for n in range(4):
            yield host.ttft_s * (host.opens + (1 - host.opens) * n / 4), comment, None


def after_of(answer: Answer, wishes: Wishes) -> int:
    """After how many tokens a fault strikes: as wished, else 20 or half of a short answer."""
    return min(20, answer.visible_tokens // 2) if wishes.after is None else wishes.after


def break_of(answer: Answer, wishes: Wishes) -> int | None:
    """After how many tokens the text breaks off, None when it doesn't."""
    breaking = any(wishes.has(fault) for fault in ("stall", "cut", "eof", "error_event"))
    return after_of(answer, wishes) if breaking else None


class Player:
    """Writes frames when they are due. What is due together is written together, one HTTP chunk an event.

    Timers of the loop are good to a millisecond; a frame is never written early and at most that late.
    """

    def __init__(self, transport: asyncio.Transport, frames: Iterable[Frame], truth: Truth) -> None:
        self._transport = transport
        self._rest = iter(frames)
        self._truth = truth
        self._start = truth.t_received
        self._ready: deque[Frame] = deque()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._over: asyncio.Future[None] = self._loop.create_future()
        self._texts: dict[str, list[str]] = {"reasoning": [], "text": [], "tool": []}

    async def prepare(self) -> None:
        """Builds the first frames in small steps, so that other answers are written on time meanwhile."""
        for _ in range(_AHEAD // _STEP):
            if not self._build():
                return
            await asyncio.sleep(0)

    def _build(self) -> bool:
        """A few more frames, if there are more."""
        before = len(self._ready)
        self._ready.extend(islice(self._rest, _STEP))
        return len(self._ready) > before

    async def run(self) -> None:
        """Returns when the last frame is written. Raises ConnectionResetError when the client has gone."""
        self._build()
        self._tick()
        try:
            await self._over
        finally:
            if self._timer is not None:
                self._timer.cancel()
            self._truth.reasoning += "".join(self._texts["reasoning"])
            self._truth.text += "".join(self._texts["text"])
            self._truth.tool += "".join(self._texts["tool"])

    def _tick(self) -> None:
        self._timer = None
        if self._over.done():
            return
        if self._transport.is_closing():
            self._over.set_exception(ConnectionResetError("the client has gone"))
            return
        self._write(self._due_now())
        if len(self._ready) < _AHEAD:
            self._build()
        if not self._ready:
            self._over.set_result(None)
            return
        wait = self._ready[0].due - (clock() - self._start)
        if wait <= 0:
            self._timer = self._loop.call_soon(self._tick)
        else:
            self._timer = self._loop.call_later(math.ceil(wait / 1e6) / 1e3, self._tick)

    def _due_now(self) -> list[Frame]:
        elapsed = clock() - self._start
        batch: list[Frame] = []
        while self._ready and self._ready[0].due <= elapsed:
            if batch and (self._ready[0].alone or batch[-1].alone):
                break
            batch.append(self._ready.popleft())
        return batch

    def _write(self, batch: list[Frame]) -> None:
        if not batch:
            return
        self._transport.write(b"".join(frame.data for frame in batch))
        now = clock()
        truth = self._truth
        for frame in batch:
            chunk = frame.chunk
            if chunk is None or not chunk.text:
                continue
            truth.writes.append(now)
            truth.tokens.append(chunk.tokens)
            truth.kinds.append(chunk.kind)
            truth.total_tokens += chunk.tokens
            self._texts[chunk.kind].append(chunk.text)
            if truth.t_first is None:
                truth.t_first = now
            if chunk.kind == "reasoning":
                truth.reasoning_tokens += chunk.tokens
            elif truth.t_first_answer is None:
                truth.t_first_answer = now
            truth.t_last = now
