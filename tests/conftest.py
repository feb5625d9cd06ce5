from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from hypothesis import HealthCheck, settings

from tests.llama_server import API_KEY

if TYPE_CHECKING:
    from trustme import CA

os.environ["OSSTUI_HISTORY"] = "off"  # no test writes into the history of whoever runs it
for size in ("COLUMNS", "LINES"):
    os.environ.pop(size, None)  # a test's own terminal says how large it is
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job in the background ignores it
settings.register_profile(
    "busy machine", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("busy machine")

HERE = Path(__file__).parent
START_SECONDS = 60.0


@dataclass(frozen=True)
class LlamaServer:
    """A real llama.cpp with a model of 1.6 MB that speaks like gpt-oss: reasoning, then an answer."""

    address: str
    key: str

    @property
    def base_url(self) -> str:
        return f"{self.address}/v1"


@pytest.fixture(scope="session")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaServer]:
    """Serves four requests at a time with 2,048 tokens of context each, until the session ends."""
    log = tmp_path_factory.mktemp("llama") / "stderr"
    command = [sys.executable, str(HERE / "llama_server.py"), str(HERE / "fixtures" / "gptoss-micro.gguf")]
    with (
        log.open("wb") as stderr,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr) as process,
    ):
        assert process.stdout is not None
        address = process.stdout.readline().decode().strip()
        assert address, log.read_text(errors="replace")[-2000:]
        _wait_for(f"{address}/health")
        yield LlamaServer(address, API_KEY)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


def _wait_for(url: str) -> None:
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return
        except (URLError, ConnectionError):
            if time.monotonic() > give_up:
                raise


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CA]:
    """A certificate authority that the engine trusts."""
    from trustme import CA

    from osstui.engine.trust import BUNDLES, tls_context

    ca = CA()
    bundle = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(bundle)
    for name in BUNDLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    tls_context.cache_clear()
    yield ca
    tls_context.cache_clear()
