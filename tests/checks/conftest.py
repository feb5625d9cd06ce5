from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import trustme

from osstui.engine import lane
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from osstui.engine.trust import BUNDLES, tls_context
from osstui.simulator.process import SimulatorProcess
from tests.checks.hosts import KEY


@pytest.fixture(scope="session")
def fleet() -> Iterator[str]:
    """Simulated hosts that want a key."""
    with SimulatorProcess(key=KEY) as simulator:
        yield simulator.url


@pytest.fixture
async def engine(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LocalEngine]:
    monkeypatch.setattr(lane, "BACKOFF", 0.001)
    engine = LocalEngine(Keyring({"CHECKED_KEY": KEY}))
    yield engine
    await engine.close()


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """A certificate authority that the engine trusts."""
    ca = trustme.CA()
    bundle = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(bundle)
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    tls_context.cache_clear()
    yield ca
    tls_context.cache_clear()
