"""The words on the pipe between the app and its engine process: one JSON document a line, both ways.

Down: `Command`s. Up: event lines as they are (see `osstui.events`), and `Reply` lines.
"""

from __future__ import annotations

import msgspec

from osstui.engine.api import HostFacts, KeyStatus, LocalServer
from osstui.job import Effort, Job, Message, Target


class Run(msgspec.Struct, frozen=True, tag_field="command", tag="run"):
    job: Job


class Cancel(msgspec.Struct, frozen=True, tag_field="command", tag="cancel"):
    run: str
    lane: str | None = None


class Keys(msgspec.Struct, frozen=True, tag_field="command", tag="keys"):
    ask: int
    targets: tuple[Target, ...]


class Probe(msgspec.Struct, frozen=True, tag_field="command", tag="probe"):
    ask: int
    targets: tuple[Target, ...]


class Inspect(msgspec.Struct, frozen=True, tag_field="command", tag="inspect"):
    ask: int
    target: Target


class Count(msgspec.Struct, frozen=True, tag_field="command", tag="count"):
    ask: int
    messages: tuple[Message, ...]
    effort: Effort | None


Command = Run | Cancel | Keys | Probe | Inspect | Count


class Reply(msgspec.Struct, frozen=True, tag_field="event", tag="reply"):
    """The answer to the question number `ask`."""

    ask: int
    keys: tuple[KeyStatus, ...] = ()
    servers: tuple[LocalServer, ...] = ()
    facts: HostFacts | None = None
    count: int | None = None


class RunOver(msgspec.Struct, frozen=True, tag_field="event", tag="runover"):
    """Every lane of the run has ended; nothing more of it follows."""

    run: str
