"""CPU per event taken in: the engine against a plain httpx `aiter_lines` + `json.loads` loop, in one run.

    pip install httpx && python -m benchmarks.intake

32 lanes × 250 events/s from the simulated hosts. The engine's figure includes all that it does with an event:
stamping, parsing, counting tokens exactly, and handing the event over. What either does once is not in it:
imports, and the vocabulary, which the engine reads before its first answer.
"""

from __future__ import annotations

import asyncio
import json
import time

import httpx

from benchmarks.screen import report
from osstui.catalog import load_catalog
from osstui.engine.local import LocalEngine
from osstui.engine.loop import run
from osstui.events import Delta
from osstui.job import Job, Lane, Message, new_run_id
from osstui.simulator.process import SimulatorProcess

LANES = 32
WISHES = "ttft=0.5;tps=250;tokens=1000;reasoning=10;chunk=1"


async def engine(url: str) -> float:
    """µs of CPU per event."""
    target = load_catalog().simulated(url).target("together")
    local = LocalEngine()

    async def ask(wishes: str, lanes: int) -> int:
        prompt = (Message("user", f"Tell me about tides. [[sim: {wishes}]]"),)
        job = Job(new_run_id(), "", tuple(Lane(f"lane{number}", target, prompt) for number in range(lanes)))
        return sum([isinstance(event, Delta) async for event in local.run(job)])

    await ask("ttft=0;tps=1000;tokens=10", 1)
    before = time.process_time()
    taken = await ask(WISHES, LANES)
    used = time.process_time() - before
    await local.close()
    return used / taken * 1e6


async def plain_httpx(url: str) -> float:
    """µs of CPU per event."""
    body = {
        "model": "gpt-oss-120b",
        "stream": True,
        "messages": [{"role": "user", "content": f"Tell me about tides. [[sim: {WISHES}]]"}],
    }

    async def lane(client: httpx.AsyncClient) -> int:
        taken = 0
        async with client.stream("POST", f"{url}/together/v1/chat/completions", json=body) as answer:
            async for line in answer.aiter_lines():
                if line.startswith("data: {"):
                    json.loads(line[6:])
                    taken += 1
        return taken

    async with httpx.AsyncClient(timeout=60) as client:
        before = time.process_time()
        taken = sum(await asyncio.gather(*(lane(client) for _ in range(LANES))))
        return (time.process_time() - before) / taken * 1e6


def main() -> None:
    with SimulatorProcess() as simulator:
        ours = run(engine(simulator.url))
        theirs = asyncio.run(plain_httpx(simulator.url))
    report(
        f"CPU per event: engine {ours:.1f} µs, plain httpx {theirs:.1f} µs",
        f"{ours / theirs:.2f} ×",
        "≤ 0.5 ×",
    )


if __name__ == "__main__":
    main()
