from __future__ import annotations

import asyncio
import sys

import pytest

from osstui.engine import loop


def test_the_engine_runs_on_the_quickest_loop_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    async def kind() -> str:
        return type(asyncio.get_running_loop()).__module__

    if sys.platform != "win32":
        assert loop.run(kind()) == "uvloop"
    monkeypatch.setattr(sys, "platform", "win32")
    assert loop.loop_factory() is None
    assert loop.run(kind()).startswith("asyncio")


def test_a_result_comes_back_and_an_error_too() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    async def fail() -> None:
        raise LookupError("nowhere")

    assert loop.run(answer()) == 42
    with pytest.raises(LookupError, match="nowhere"):
        loop.run(fail())
