"""What the rest of the program may ask of an engine, wherever it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from osstui.events import AnyEvent
from osstui.job import Job, Target


class KeyStatus(msgspec.Struct, frozen=True):
    """Whether a provider can be asked, never its key. `source` is the variable's name or `command`."""

    provider: str
    present: bool
    """The key is there, and so is all that the address needs (a project, a region)."""
    required: bool
    source: str | None = None
    missing: tuple[str, ...] = ()
    """Environment variables to set, one for each thing that is missing; for each the customary name."""


class LocalServer(msgspec.Struct, frozen=True):
    """Whether a server answered on loopback, and the models it listed."""

    provider: str
    up: bool
    models: tuple[str, ...] = ()


class Engine(Protocol):
    def run(self, job: Job) -> AsyncIterator[AnyEvent]:
        """The job's events, `Started` first; it ends when every lane has `Ended` or `Failed`."""
        ...

    def cancel(self, run: str, lane: str | None = None) -> None:
        """End one lane of a run, or all; the ending arrives as an event. Unknown names are ignored."""
        ...

    async def keys(self, targets: Sequence[Target]) -> list[KeyStatus]:
        """For each target, whether its key is present."""
        ...

    async def probe(self, targets: Sequence[Target]) -> list[LocalServer]:
        """For each target on loopback, whether something answers `GET …/models` within half a second."""
        ...

    async def close(self) -> None:
        """Cancel what runs, close every socket, end the process if there is one."""
        ...
