"""Asking an engine in a test: small targets and jobs, and what was told in reply."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TypeVar

from osstui.engine.api import Engine
from osstui.events import AnyEvent, Delta, DeltaKind, Ended, Failed, LaneEvent, Noted
from osstui.job import Job, Lane, Message, Params, Quirks, Target, new_run_id
from tests.engine.scripted_host import PATIENCE

KEY = "sk-made-up-0123456789abcdef"
ENVIRON = {"HERE_API_KEY": KEY}


def target(url: str, **fields: object) -> Target:
    values: dict[str, object] = {
        "provider": "here",
        "provider_name": "Here",
        "base_url": url,
        "dialect": "openai-chat",
        "model": "gpt-oss-120b",
        "model_id": "openai/gpt-oss-120b",
        "api_key_env": ("HERE_API_KEY",),
        "quirks": Quirks(),
    }
    return Target(**(values | fields))  # type: ignore[arg-type]


def job(*targets: Target, prompt: str = "Say hello", params: Params | None = None) -> Job:
    """A job with one lane a target, called a, b, c …"""
    params = params or Params()
    message = Message("user", prompt)
    lanes = (Lane(chr(97 + number), each, (message,), params) for number, each in enumerate(targets))
    return Job(new_run_id(), prompt, tuple(lanes))


E = TypeVar("E", bound=LaneEvent)


class Told:
    """The events of one run, with questions to them; `a` is the first lane."""

    def __init__(self, events: Iterable[AnyEvent]) -> None:
        self.events = list(events)

    def of(self, kind: type[E], lane: str = "a") -> list[E]:
        return [event for event in self.events if isinstance(event, kind) and event.lane == lane]

    def text(self, kind: DeltaKind = "text", lane: str = "a") -> str:
        return "".join(event.text for event in self.of(Delta, lane) if event.kind == kind)

    def notes(self, lane: str = "a") -> list[str]:
        return [event.code for event in self.of(Noted, lane)]

    def ending(self, lane: str = "a") -> Ended | Failed:
        """The one event that ends the lane, which must be its last."""
        events = [e for e in self.events if isinstance(e, LaneEvent) and e.lane == lane]
        endings = [event for event in events if isinstance(event, Ended | Failed)]
        assert len(endings) == 1, endings
        assert events[-1] is endings[0], "something was said after the end"
        return endings[0]

    def ended(self, lane: str = "a") -> Ended:
        ending = self.ending(lane)
        assert isinstance(ending, Ended), ending
        return ending

    def failed(self, lane: str = "a") -> Failed:
        ending = self.ending(lane)
        assert isinstance(ending, Failed), ending
        return ending


async def ask(engine: Engine, job: Job) -> Told:
    """All that the engine says of the job."""
    async with asyncio.timeout(PATIENCE):
        return Told([event async for event in engine.run(job)])
