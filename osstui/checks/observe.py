"""Asking: a probe becomes a job of one lane, the lane's events become an observation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from math import ceil

import msgspec
from msgspec.structs import replace

from osstui.checks.exchange import Observation, Probe
from osstui.checks.model import Host
from osstui.engine.api import Engine
from osstui.engine.dialects import DIALECTS
from osstui.events import Delta, Noted, ToolCall
from osstui.job import Job, Lane, new_run_id
from osstui.measure.cost import priced
from osstui.measure.run import RunState

CHARS_PER_TOKEN = 3
"""Fewer than any text of the battery has, so that what is set aside for a prompt is enough."""
TEMPLATE_TOKENS = 200
RUNAWAY = (20_000, 40)
"""Characters, and characters for each token that may come, after which an answer is hung up on: a host that
knows no limit would write until the time is up."""


def lane_of(host: Host, probe: Probe) -> Lane:
    """The probe as the engine takes it. Models that know no effort are not sent one."""
    target, params = host.target, probe.params
    if probe.model_id is not None:
        target = replace(target, model_id=probe.model_id)
    if not host.reasons:
        params = replace(params, effort=None)
    return Lane(
        host.lane,
        target,
        probe.messages,
        params,
        extra_body=probe.extra_body,
        stream=probe.stream,
        wrong_key=probe.wrong_key,
        tools=probe.tools,
        count_prompt=probe.count_prompt,
    )


def request_of(lane: Lane) -> Mapping[str, object]:
    """The body that is sent, without the key, which is added later."""
    dialect = DIALECTS.get(lane.target.dialect)
    return {} if dialect is None else dialect.build(lane).body


def worst_cost(host: Host, probe: Probe) -> float | None:
    """Most US$ that the probe can cost; None where the price is unknown. What needs no key is free."""
    if host.target.price is None:
        return None if host.target.key_required else 0.0
    body = msgspec.json.encode(request_of(lane_of(host, probe)))
    prompt = ceil(len(body) / CHARS_PER_TOKEN) + TEMPLATE_TOKENS
    return priced(host.target.price, prompt, probe.params.max_tokens or 0)


async def observe(
    engine: Engine, host: Host, probe: Probe, starting: asyncio.Lock, run: RunState
) -> Observation:
    """Asks and waits for the ending, which always comes: every wait of the engine has its limit. `run`
    tells how far it got, also where this is cancelled.

    Whoever holds `starting` builds its request; sockets are read between two starts, so that many requests
    that begin together don't delay the stamps of those under way.
    """
    lane = lane_of(host, probe)
    text = probe.messages[-1].content
    job = Job(new_run_id(), text[:200], (lane,))
    calls: list[ToolCall] = []
    notes: list[Noted] = []
    reads: dict[int, int] = {}
    chars = 0
    most = RUNAWAY[0] + RUNAWAY[1] * (probe.params.max_tokens or 0)
    events = engine.run(job)
    async with starting:
        run.apply(await anext(events))
        await asyncio.sleep(0)
    async for event in events:
        run.apply(event)
        match event:
            case Delta(t=t, text=text):
                reads[t] = reads.get(t, 0) + len(text)
                before, chars = chars, chars + len(text)
                if before < (probe.cancel_after or most) <= chars:
                    engine.cancel(job.run, lane.lane)
            case ToolCall():
                calls.append(event)
            case Noted():
                notes.append(event)
            case _:
                pass
    state = run.lanes[lane.lane]
    return Observation(probe, state, request_of(lane), tuple(calls), tuple(notes), tuple(reads.values()))
