from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from osstui.engine import lane
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from tests.engine.asking import ENVIRON

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, LoopFactory]:
    """Every async test runs on both kinds of loop: headless commands use asyncio's, the child uvloop's.
    A module's `LOOPS` names fewer where starting processes twice would tell nothing more."""
    loops: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
    if sys.platform != "win32":
        import uvloop

        loops["uvloop"] = uvloop.new_event_loop
    wanted = getattr(item.getparent(pytest.Module), "obj", None)
    return {name: loops[name] for name in getattr(wanted, "LOOPS", loops)}


@pytest.fixture(autouse=True)
def no_proxy_and_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine's environment holds must not change a test."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HERE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane, "BACKOFF", 0.001)


@pytest.fixture
async def engine() -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(Keyring(ENVIRON))
    yield engine
    await engine.close()
