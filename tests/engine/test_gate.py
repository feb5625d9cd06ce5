from __future__ import annotations

import asyncio

import pytest

from osstui.engine import gate
from osstui.engine.gate import Gate


class Starts:
    """Lanes that note when they are sent."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.all = asyncio.Event()

    def lane(self, name: str, of: int = 0) -> object:
        def send() -> None:
            self.sent.append(name)
            if len(self.sent) == of:
                self.all.set()

        return send


async def turns() -> None:
    """Long enough for everything that was called soon."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_all_are_sent_once_all_have_arrived_in_the_order_of_arrival() -> None:
    starts, door = Starts(), Gate(3)
    for name in "ab":
        door.arrive(starts.lane(name))  # type: ignore[arg-type]
        await turns()
        assert starts.sent == []
    door.arrive(starts.lane("c"))  # type: ignore[arg-type]
    await turns()
    assert starts.sent == ["a", "b", "c"]


async def test_who_leaves_is_not_waited_for() -> None:
    starts, door = Starts(), Gate(3)
    door.arrive(starts.lane("a"))  # type: ignore[arg-type]
    door.leave()
    await turns()
    assert starts.sent == []
    door.leave()
    await turns()
    assert starts.sent == ["a"]


async def test_who_leaves_after_arriving_is_not_sent_and_counts_once() -> None:
    starts, door = Starts(), Gate(3)
    first = starts.lane("a")
    door.arrive(first)  # type: ignore[arg-type]
    door.leave(first)  # type: ignore[arg-type]
    door.leave(first)  # type: ignore[arg-type]
    door.arrive(starts.lane("b"))  # type: ignore[arg-type]
    await turns()
    assert starts.sent == []
    door.arrive(starts.lane("c"))  # type: ignore[arg-type]
    await turns()
    assert starts.sent == ["b", "c"]


async def test_who_comes_late_is_sent_at_once() -> None:
    starts, door = Starts(), Gate(1)
    door.arrive(starts.lane("a"))  # type: ignore[arg-type]
    await turns()
    door.arrive(starts.lane("b"))  # type: ignore[arg-type]
    assert starts.sent == ["a", "b"]
    door.leave()
    await turns()
    assert starts.sent == ["a", "b"]


async def test_those_who_are_there_do_not_wait_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.01)
    starts, door = Starts(), Gate(3)
    door.arrive(starts.lane("a"))  # type: ignore[arg-type]
    door.arrive(starts.lane("b", of=2))  # type: ignore[arg-type]
    async with asyncio.timeout(5):
        await starts.all.wait()
    assert starts.sent == ["a", "b"]


async def test_a_gate_for_nobody_is_open() -> None:
    starts, door = Starts(), Gate(0)
    door.arrive(starts.lane("a"))  # type: ignore[arg-type]
    assert starts.sent == ["a"]
