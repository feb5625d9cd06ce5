"""What the rest of the program may ask of an engine, wherever it runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import msgspec

from osstui.events import AnyEvent, FailureKind
from osstui.job import Effort, Job, Message, Target


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


class HostFacts(msgspec.Struct, frozen=True):
    """What a close look at a host shows. Durations are ns; null: not needed or not reached."""

    provider: str
    address: str | None = None
    """The IP address of the host, or of the proxy on the way to it."""
    dns_ns: int | None = None
    connect_ns: int | None = None
    tls_ns: int | None = None
    tls_version: str | None = None
    certificate_expires: str | None = None
    """RFC 3339. Null without TLS, and where the operating system keeps the certificate to itself."""
    certificate_days: float | None = None
    certificate_issuer: str | None = None
    models_status: int | None = None
    """HTTP status of GET …/models; null when there was no answer."""
    models_ns: int | None = None
    models: tuple[str, ...] = ()
    models_error: str | None = None
    http_version: str | None = None
    """Of that answer."""
    tries_ns: tuple[int, ...] = ()
    """What TCP took for each connection that was opened; of those the first has the other durations."""
    tries_failed: tuple[str, ...] = ()
    """Why further connections were not, where the first was."""
    error_kind: FailureKind | None = None
    """Why there is no connection; null when there is one."""
    error: str | None = None


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

    async def count(self, messages: Sequence[Message], effort: Effort | None = None) -> int | None:
        """Tokens of a prompt, history included, as gpt-oss reads it. None without a vocabulary, and while a
        lane is live: counting would delay its stamps."""
        ...

    async def close(self) -> None:
        """Cancel what runs, close every socket, end the process if there is one."""
        ...


class InspectingEngine(Engine, Protocol):
    """An engine that reaches real hosts, and so can look at one."""

    async def inspect(self, target: Target) -> HostFacts:
        """A close look at the target's host, over a connection of its own."""
        ...
