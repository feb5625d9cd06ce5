"""The engine in this process, for commands that paint nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from osstui.engine.api import HostFacts, KeyStatus, LocalServer
from osstui.engine.core import Core
from osstui.engine.keys import Keyring
from osstui.events import AnyEvent
from osstui.job import Effort, Job, Message, Target


class LocalEngine:
    """Satisfies `Engine`. Needs a running event loop."""

    def __init__(self, keyring: Keyring | None = None) -> None:
        self._core = Core(keyring)

    async def run(self, job: Job) -> AsyncIterator[AnyEvent]:
        queue: asyncio.Queue[AnyEvent | None] = asyncio.Queue()
        task = asyncio.create_task(self._core.run(job, queue.put_nowait))
        task.add_done_callback(lambda _: queue.put_nowait(None))
        try:
            while (event := await queue.get()) is not None:
                yield event
            task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def cancel(self, run: str, lane: str | None = None) -> None:
        self._core.cancel(run, lane)

    async def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        return self._core.keys(targets)

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        return await self._core.probe(targets)

    async def count(self, messages: Sequence[Message], effort: Effort | None = None) -> int | None:
        return self._core.count(messages, effort)

    async def inspect(self, target: Target) -> HostFacts:
        return await self._core.inspect(target)

    async def close(self) -> None:
        await self._core.close()
