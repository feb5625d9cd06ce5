"""One answer on the socket, streamed or as one document, from the headers to the end that it comes to."""

from __future__ import annotations

import asyncio
import socket
import struct
import time
from dataclasses import dataclass

import msgspec
from aiohttp import HttpVersion11, web

from osstui.simulator.hosts import Host
from osstui.simulator.player import Framer, Player, schedule
from osstui.simulator.shapes.base import Answer, Shape, Timings
from osstui.simulator.truth import Truth, clock
from osstui.simulator.wishes import Wishes

_KEEP_OPEN_S = 6.0
_LEAST_SPAN_S = 0.02
"""Below it a rate means nothing; the host then tells its nominal one."""
_HANG_S = 3600.0
_BEFORE_RESET_S = 0.05
"""A reset throws away what the client has not read yet; this lets it read."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and all that it takes to send it."""

    request: web.Request
    answer: Answer
    shape: Shape
    wishes: Wishes
    truth: Truth
    headers: dict[str, str]
    seed: int
    """Of the pauses between tokens."""


async def play(reply: Reply) -> web.StreamResponse:
    """Streams the answer and returns the finished response. Raises ConnectionError when the client has gone.

    The events are written to the transport directly: an aiohttp write costs several times the CPU, and a
    stamp taken after its await would not be the time of the write.
    """
    request, wishes, truth, shape = reply.request, reply.wishes, reply.truth, reply.shape
    transport = request.transport
    if transport is None:
        raise ConnectionResetError("the client has gone")
    framer = _framer(reply)
    frames = (
        frame
        for due, data, chunk in schedule(reply.answer, shape, wishes, reply.seed)
        for frame in framer.frames(int(due * 1e9), data, chunk)
    )
    player = Player(transport, frames, truth)
    await player.prepare()
    response = web.StreamResponse(
        headers={**reply.headers, "Cache-Control": "no-cache", "Content-Type": shape.content_type}
    )
    if framer.chunked:
        response.enable_chunked_encoding()
    host = reply.answer.host
    await asyncio.sleep(max(0.0, host.opens * host.ttft_s - (clock() - truth.t_received) / 1e9))
    await response.prepare(request)
    truth.t_open = clock()
    await player.run()
    if wishes.has("stall"):
        await _hang(truth)
    if wishes.has("cut"):
        await asyncio.sleep(_BEFORE_RESET_S)
        _reset(request, truth)
        return response
    tail = _tail(reply)
    await Player(transport, (f for data in tail for f in framer.frames(0, data)), truth).run()
    truth.t_end = clock()
    if wishes.has("keep_open"):
        await asyncio.sleep(_KEEP_OPEN_S)
    await response.write_eof()
    return response


async def at_once(reply: Reply) -> web.Response:
    """The whole answer as one document, when its last token would have been written."""
    answer, truth = reply.answer, reply.truth
    host = answer.host
    if reply.wishes.has("stall"):
        await _hang(truth)
    due = host.ttft_s + max(answer.visible_tokens - 1, 0) / host.output_tps
    await asyncio.sleep(max(0.0, due - (clock() - truth.t_received) / 1e9))
    if reply.wishes.has("cut"):
        _reset(reply.request, truth)
        return web.Response(status=499)
    timings = _timings(truth, host, first_s=host.ttft_s)
    document = reply.shape.whole(answer, timings)
    truth.text, truth.reasoning, truth.tool = (answer.joined(kind) for kind in ("text", "reasoning", "tool"))
    truth.total_tokens, truth.reasoning_tokens = answer.visible_tokens, answer.reasoning_tokens
    truth.finish_reason, truth.ended = answer.finish, "done"
    if not answer.usage_hidden:
        truth.usage = reply.shape.usage(answer, timings)
    response = web.Response(
        body=msgspec.json.encode(document), content_type="application/json", headers=reply.headers
    )
    truth.t_open = truth.t_first = truth.t_last = truth.t_end = clock()
    return response


def _framer(reply: Reply) -> Framer:
    crlf = reply.wishes.has("crlf") and reply.shape.content_type == "text/event-stream"
    chunked = reply.request.version >= HttpVersion11
    return Framer(chunked=chunked, crlf=crlf, drip=reply.wishes.has("drip"))


def _tail(reply: Reply) -> list[bytes]:
    """What follows the last token: finish, usage and end marker, or what a fault puts in their place."""
    answer, shape, wishes, truth = reply.answer, reply.shape, reply.wishes, reply.truth
    timings = _timings(truth, answer.host)
    if wishes.has("eof"):
        truth.ended = "eof"
        return []
    unmarked = wishes.has("no_done")
    if wishes.has("error_event"):
        truth.ended = "error"
        error = shape.stream_error(answer, "The model failed in the middle of the answer.")
        return [error, b"" if unmarked else shape.done_after_error(answer)]
    truth.ended, truth.finish_reason = "done", answer.finish
    parts = [shape.finish(answer, timings)]
    if not answer.usage_hidden:
        truth.usage = shape.usage(answer, timings)
        truth.cost_usd = truth.usage.get("cost", truth.usage.get("estimated_cost"))
    if wishes.has("error_after_finish"):
        parts.append(shape.stream_error(answer, "Token limit reached"))
    parts.append(b"" if unmarked else shape.done(answer))
    if wishes.has("crlf"):
        parts = [part for part in parts if part]
        parts[-1] = parts[-1].rstrip(b"\n")
    return parts


def _timings(truth: Truth, host: Host, first_s: float | None = None) -> Timings:
    """The answer's times so far, as this server measured them."""
    now = clock()
    start = truth.t_received
    if first_s is None:
        first_s = ((truth.t_first or now) - start) / 1e9
    last_s = max(((truth.t_last or now) - start) / 1e9, first_s, 1e-6)
    rate = host.output_tps
    if truth.tokens and last_s - first_s > _LEAST_SPAN_S:
        rate = (truth.total_tokens - truth.tokens[0]) / (last_s - first_s)
    started_at = time.time() - (now - start) / 1e9
    return Timings(first_s=max(first_s, 1e-6), last_s=last_s, started_at=started_at, rate=max(rate, 1e-3))


async def _hang(truth: Truth) -> None:
    """Silence until the client leaves."""
    truth.ended, truth.t_end = "stalled", clock()
    await asyncio.sleep(_HANG_S)


def _reset(request: web.Request, truth: Truth) -> None:
    """Ends the connection with a TCP reset."""
    truth.ended, truth.t_end = "cut", clock()
    transport = request.transport
    if transport is not None:
        sock = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
