"""Into the history, for a program that reads an engine's events: one line around the loop."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from osstui.events import AnyEvent
from osstui.store.schema import history_path
from osstui.store.writer import HistoryWriter, Say


@contextmanager
def recording(on_error: Say, *, wanted: bool = True) -> Iterator[HistoryWriter | None]:
    """A writer into the user's history while this lasts; None when they have switched it off."""
    path = history_path() if wanted else None
    if path is None:
        yield None
        return
    with HistoryWriter(path, on_error) as writer:
        yield writer


async def tee(events: AsyncIterator[AnyEvent], writer: HistoryWriter | None) -> AsyncIterator[AnyEvent]:
    """The same events, each put into the history on its way."""
    async for event in events:
        if writer is not None:
            writer.put(event)
        yield event
