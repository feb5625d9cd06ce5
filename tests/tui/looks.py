"""What the screen looks like, held against files of the folder `snapshots`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.geometry import Region

from tests.tui.scripted import Terminal

SNAPSHOTS = Path(__file__).parent / "snapshots"


async def looks_as_it_did(t: Terminal, name: str, seen: Callable[[], str]) -> None:
    """Waits until what is seen is what the file says; UPDATE_SNAPSHOTS=1 writes it anew."""
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        await t.pilot.pause(0.2)
        path.write_text(seen() + "\n", encoding="utf-8")
    wanted = path.read_text(encoding="utf-8").removesuffix("\n")
    with suppress(TimeoutError):
        await t.until(lambda: seen() == wanted, seconds=3)
    assert seen() == wanted, f"the screen differs from {path.name}"


def inside(t: Terminal, region: Region) -> str:
    """A part of the screen, without what shines through beside it."""
    rows = t.screen.splitlines()[region.y : region.bottom]
    return "\n".join(row[region.x : region.right].rstrip() for row in rows)
