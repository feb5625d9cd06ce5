"""An engine that says what a test wants when it wants it, and the app around it as a terminal shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import cache
from itertools import chain
from typing import Any

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from osstui.catalog import Catalog, load_catalog
from osstui.engine.api import KeyStatus, LocalServer
from osstui.events import (
    FORMAT,
    AnyEvent,
    Connected,
    Delta,
    DeltaKind,
    Ended,
    EndReason,
    Failed,
    LaneInfo,
    Noted,
    Opened,
    Retried,
    Sent,
    Started,
    ToolCall,
    Usage,
)
from osstui.job import Effort, Job, Lane, Message, Target
from osstui.tui.app import OsstuiApp
from osstui.tui.opening import Opening

MS = 1_000_000
KEYS = ("cerebras", "groq", "deepinfra")
Answer = Callable[["ScriptedEngine", Job], None]


class ScriptedEngine:
    """Satisfies `Engine`. What `answer` leaves open, the test says with `delta`, `end`, `fail` and so on."""

    def __init__(self, answer: Answer | None = None, keys: Sequence[str] = KEYS) -> None:
        self.answer, self.present = answer, keys
        self.jobs: list[Job] = []
        self.cancelled: list[tuple[str, str | None]] = []
        self.closed = False
        self.counted = 0
        """Tokens that every prompt is said to have; 0: one a word."""
        self.explode: Exception | None = None
        self.ready = asyncio.Event()
        self.ready.set()
        self._queues: dict[str, asyncio.Queue[AnyEvent]] = {}
        self._open: dict[str, set[str]] = {}

    async def run(self, job: Job) -> AsyncIterator[AnyEvent]:
        if self.explode is not None:
            raise self.explode
        self.jobs.append(job)
        queue = self._queues[job.run] = asyncio.Queue()
        live = self._open[job.run] = {lane.lane for lane in job.lanes}
        yield Started(job.run, FORMAT, "0", "2026-01-01T00:00:00Z", job.prompt, tuple(map(info, job.lanes)))
        if self.answer is not None:
            self.answer(self, job)
        while live:
            event = await queue.get()
            if isinstance(event, Ended | Failed):
                live.discard(event.lane)
            yield event

    def put(self, event: AnyEvent) -> None:
        self._queues[event.run].put_nowait(event)

    @property
    def job(self) -> Job:
        return self.jobs[-1]

    def open(self, lane: str, t: int = 5, job: Job | None = None) -> None:
        """Connected, sent at `t` ms, headers read."""
        run = (job or self.job).run
        self.put(Connected(run, lane, (t - 2) * MS, 1, MS, MS, MS, False))
        self.put(Sent(run, lane, t * MS, 1))
        self.put(Opened(run, lane, (t + 50) * MS, 200, "HTTP/1.1", "req-1", {}))

    def delta(self, lane: str, text: str, t: int, kind: DeltaKind = "text", n: int = 10) -> None:
        self.put(Delta(self.job.run, lane, t * MS, kind, text, n))

    def call(self, lane: str, name: str, arguments: str, t: int, index: int = 0) -> None:
        """A whole tool call; its text comes before it."""
        self.delta(lane, f"{name} {arguments}", t, "tool")
        self.put(ToolCall(self.job.run, lane, t * MS, index, f"call_{index}", name, arguments))

    def end(self, lane: str, t: int = 1000, reason: EndReason = "stop") -> None:
        self.put(Ended(self.job.run, lane, t * MS, reason, reason))

    def usage(self, lane: str, t: int, output: int, input: int = 10) -> None:
        self.put(Usage(self.job.run, lane, t * MS, input, output))

    def note(self, lane: str, t: int, message: str) -> None:
        self.put(Noted(self.job.run, lane, t * MS, "odd", message))

    def retry(self, lane: str, t: int, wait: int, message: str) -> None:
        self.put(Retried(self.job.run, lane, t * MS, 2, wait * MS, "rate_limit", 429, message))

    def fail(self, lane: str, t: int, message: str, kind: str = "auth", status: int | None = 401) -> None:
        self.put(Failed(self.job.run, lane, t * MS, kind, status, message))  # type: ignore[arg-type]

    def cancel(self, run: str, lane: str | None = None) -> None:
        self.cancelled.append((run, lane))
        for name in sorted(self._open.get(run, ())):
            if lane in (None, name):
                self.put(Ended(run, name, 900 * MS, "cancelled"))

    async def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        await self.ready.wait()
        return [
            KeyStatus(t.provider, t.provider in self.present, t.key_required, (*t.api_key_env, None)[0])
            for t in targets
        ]

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        return [LocalServer(t.provider, t.provider in self.present) for t in targets]

    async def count(self, messages: Sequence[Message], effort: Effort | None = None) -> int | None:
        return self.counted or sum(len(message.content.split()) for message in messages)

    async def close(self) -> None:
        self.closed = True


def info(lane: Lane) -> LaneInfo:
    t = lane.target
    return LaneInfo(
        lane.lane, t.provider, t.provider_name, t.model, t.model_id, t.dialect, t.base_url, lane.params,
        t.price, t.context, t.max_output, 10, True, t.simulated,
        lane.tools, lane.builtin_tools, lane.exchange,
    )  # fmt: skip


def whole(text: str = "Hello **world**", reasoning: str = "Hm.") -> Answer:
    """Every lane thinks, answers and ends; each lane 100 ms later and slower than the one before it."""

    def answer(engine: ScriptedEngine, job: Job) -> None:
        for at, lane in enumerate(job.lanes, 1):
            engine.open(lane.lane)
            engine.delta(lane.lane, reasoning, 5 + 100 * at, "reasoning")
            engine.delta(lane.lane, text, 5 + 200 * at, n=40)
            engine.usage(lane.lane, 5 + 200 * at, 60)
            engine.end(lane.lane, 5 + 200 * at)

    return answer


def opened(engine: ScriptedEngine, job: Job) -> None:
    """Every lane has sent its request and waits."""
    for lane in job.lanes:
        engine.open(lane.lane)


@cache
def catalog() -> Catalog:
    return load_catalog()


class FakeFleet:
    """Stands for the simulator where no request is sent to it."""

    closed = False

    async def start_async(self) -> str:
        return "http://127.0.0.1:9"

    def close(self) -> None:
        self.closed = True


class Terminal:
    """The running app, its engine and what is on the screen."""

    def __init__(self, app: OsstuiApp, engine: ScriptedEngine, pilot: Pilot[None]) -> None:
        self.app, self.engine, self.pilot = app, engine, pilot
        self.compare = app.compare

    async def until(self, condition: Callable[[], object], seconds: float = 10) -> None:
        """Lets the app work until the condition holds. Raises TimeoutError."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.004)

    async def until_shown(self, text: str) -> None:
        try:
            await self.until(lambda: text in self.screen)
        except TimeoutError:
            raise AssertionError(f"{text!r} never came on the screen:\n{self.screen}") from None

    async def until_quiet(self) -> None:
        """Every lane has ended and everything is drawn."""
        await self.until(lambda: not self.compare.session.busy)
        await self.until(lambda: not any(pane.behind for pane in self.compare.grid.on_screen))
        await self.pilot.pause(0)

    async def ask(self, text: str = "Why?") -> None:
        before = len(self.engine.jobs)
        self.compare.prompt.focus()
        self.compare.prompt.text = text
        await self.press("enter")
        await self.until(lambda: len(self.engine.jobs) > before)

    async def press(self, *keys: str) -> None:
        """Keys one after the other, each handled before the next. Pilot's own `press` waits 40 ms a key."""
        for key in keys:
            self.send(key)
            for _ in range(2):
                await self.pilot._wait_for_screen()
        await self.pilot.pause(0)

    def send(self, *keys: str) -> None:
        """Keys in one burst, as a terminal hands over what was typed while it was busy."""
        driver = self.app._driver
        assert driver is not None
        for key in keys:
            name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
            event = events.Key(name, " " if key == "space" else key if len(key) == 1 else None)
            event.set_sender(self.app)
            driver.send_message(event)

    @property
    def screen(self) -> str:
        """The screen as plain text, one line a row."""
        return grid(self.app)

    @property
    def notices(self) -> str:
        return "\n".join(notification.message for notification in self.app._notifications)


def grid(app: OsstuiApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


def control_characters(text: str) -> set[str]:
    """What a terminal would act on."""
    return {
        c for c in chain(text) if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160 or c in "\u202e\u2066"
    }


@asynccontextmanager
async def terminal(
    engine: ScriptedEngine | None = None,
    size: tuple[int, int] = (120, 40),
    catalog: Callable[[], Catalog] = catalog,
    **options: Any,
) -> AsyncIterator[Terminal]:
    """The app at work, ready to be asked unless the engine holds it up."""
    engine = engine or ScriptedEngine()
    opening = Opening(**{"demo": False, "simulator": FakeFleet, **options})
    app = OsstuiApp(engine, catalog, opening)
    async with app.run_test(size=size) as pilot:
        shown = Terminal(app, engine, pilot)
        if engine.ready.is_set():
            await shown.until(lambda: app.compare.draft.lanes_known)
            await pilot.pause(0)
        yield shown
