"""The real command line against the simulated fleet, over real sockets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from osstui.cli.group import run
from osstui.simulator.process import SimulatorProcess


class Outcome(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        return json.loads(self.out)

    @property
    def lanes(self) -> dict[str, dict]:
        return {lane["lane"]: lane for lane in self.document["lanes"]}


Cli = Callable[..., Outcome]


@pytest.fixture(scope="session")
def fleet() -> Iterator[str]:
    with SimulatorProcess(speed=4) as simulator:
        yield simulator.url


@pytest.fixture(scope="session")
def catalog(fleet: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two simulated hosts that need no key, one that does, and one where nobody listens."""
    path = tmp_path_factory.mktemp("catalog") / "providers.yaml"
    path.write_text(
        f"""
version: 1
models:
  gpt-oss-120b: {{name: GPT-OSS 120B, context: 131072, tokenizer: o200k_harmony}}
providers:
  groq:
    name: Groq
    base_url: {fleet}/groq/openai/v1
    models: {{gpt-oss-120b: {{id: openai/gpt-oss-120b, price: {{input: 0.15, output: 0.60}}}}}}
  together:
    name: Together
    base_url: {fleet}/together/v1
    models: {{gpt-oss-120b: {{id: openai/gpt-oss-120b}}}}
  locked:
    name: Locked
    base_url: {fleet}/groq/openai/v1
    api_key_env: [OSSTUI_TEST_ABSENT_KEY]
    models: {{gpt-oss-120b: {{id: openai/gpt-oss-120b}}}}
  nobody:
    name: Nobody
    base_url: http://127.0.0.1:9/v1
    models: {{gpt-oss-120b: {{id: openai/gpt-oss-120b}}}}
"""
    )
    return path


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, catalog: Path) -> Cli:
    """Runs a command line in this process. `stdin` is what a file on stdin holds."""

    def call(*arguments: str, stdin: bytes = b"", tmp: Path = catalog.parent) -> Outcome:
        source = tmp / "stdin"
        source.write_bytes(stdin)
        capfd.readouterr()
        with source.open() as file:
            monkeypatch.setattr("sys.stdin", file)
            code = run([*arguments])
        return Outcome(code, *capfd.readouterr())

    return call


@pytest.fixture
def ask(cli: Cli, catalog: Path) -> Cli:
    def call(*arguments: str, **more: object) -> Outcome:
        return cli("ask", "--catalog-only", str(catalog), *arguments, **more)

    return call
