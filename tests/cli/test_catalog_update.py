"""`osstui catalog update` against a price server on loopback."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from osstui.catalog import fetched_prices_path
from osstui.resources import resource

ANSWERS = Path(__file__).parent.parent / "catalog" / "answers"
ROUTES = {
    "/api/v1/models/openai/gpt-oss-120b/endpoints": "openrouter-endpoints.json",
    "/api.json": "models-dev.json",
}


class PriceServer:
    """Answers like the two lists; `down` holds paths that fail, `asked` what was asked with which headers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.down: set[str] = set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                name = ROUTES.get(self.path)
                found = name is not None and self.path not in outer.down
                body = (ANSWERS / str(name)).read_bytes() if found else b"{}"
                self.send_response(200 if found else 503)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def prices() -> Iterator[PriceServer]:
    served = PriceServer()
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield served
    served.server.shutdown()
    thread.join()
    served.server.server_close()


@pytest.fixture
def update(
    cli, prices: PriceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., object]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("OPENROUTER_API_KEY", "GROQ_API_KEY"):
        monkeypatch.setenv(name, "sk-very-secret")
    addresses = ("--openrouter-url", f"{prices.url}/api/v1", "--models-dev-url", f"{prices.url}/api.json")
    return lambda *more: cli("catalog", "update", "--today", "2026-12-01", *addresses, *more)


def test_the_difference_is_shown_and_written_beside_the_users_file(update, prices, cli) -> None:
    shipped = resource("providers.yaml").read_bytes()
    mine = fetched_prices_path().with_name("providers.yaml")
    mine.parent.mkdir(parents=True)
    mine.write_text("# my own notes\npresets: {}\n")
    outcome = update("--yes")
    assert outcome.code == 0
    assert "deepinfra:gpt-oss-120b input 0.037 → 0.035 (openrouter.ai endpoints)" in outcome.out
    assert "also sold by hosts without an entry: Newcomer (0.02/0.1), Someone Else (0.2/0.8)" in outcome.out
    assert str(fetched_prices_path()) in outcome.err
    assert mine.read_text() == "# my own notes\npresets: {}\n"
    assert resource("providers.yaml").read_bytes() == shipped
    rows = cli("providers", "--json", "--today", "2026-12-02").document["providers"]
    deepinfra = next(row for row in rows if row["provider"] == "deepinfra")
    assert (deepinfra["input"], deepinfra["price_as_of"]) == (0.035, "2026-12-01")
    shown = cli("providers", "show", "deepinfra", "--today", "2026-12-02").out
    assert "$0.035 in, $0.16 out, blended 0.06625 · openrouter.ai endpoints (2026-12-01, 1 day old)" in shown
    assert "$0.037 in, $0.17 out · litellm 1.109.1 (2026-11-01, 31 days old)" in shown


def test_no_key_is_sent(update, prices) -> None:
    update("--dry-run")
    assert {path for path, _ in prices.asked} == set(ROUTES)
    assert all("secret" not in str(headers) for _, headers in prices.asked)


@pytest.mark.parametrize("arguments", [("--dry-run",), ("--dry-run", "--yes"), ()])
def test_nothing_is_written_on_a_dry_run_or_when_nobody_can_be_asked(
    update, arguments: tuple[str, ...]
) -> None:
    outcome = update(*arguments)
    assert outcome.code == 0
    assert "→" in outcome.out
    assert not fetched_prices_path().exists()
    assert ("--yes" in outcome.err) == (arguments == ())


def test_one_source_can_be_asked_alone(update, prices) -> None:
    outcome = update("--source", "models.dev", "--yes")
    assert [path for path, _ in prices.asked] == ["/api.json"]
    assert "openrouter" not in outcome.out
    written = yaml.safe_load(fetched_prices_path().read_text())
    assert written["providers"]["groq"]["models"]["gpt-oss-120b"]["price"]["output"] == 0.55


def test_with_one_list_down_the_other_is_used_and_the_failure_told(update, prices) -> None:
    prices.down.add("/api.json")
    outcome = update("--yes")
    assert outcome.code == 0
    assert "status 503" in outcome.err
    assert "deepinfra" in fetched_prices_path().read_text()


def test_without_a_network_there_is_one_line_and_nothing_changes(update, prices) -> None:
    update("--yes")
    before = fetched_prices_path().read_bytes()
    prices.down |= set(ROUTES)
    outcome = update("--yes")
    assert (outcome.code, outcome.out) == (1, "")
    assert len(outcome.err.splitlines()) == 1
    assert fetched_prices_path().read_bytes() == before


def test_a_broken_file_of_fetched_prices_is_named_and_kept(update) -> None:
    fetched_prices_path().parent.mkdir(parents=True, exist_ok=True)
    fetched_prices_path().write_text("providers: [")
    outcome = update("--yes")
    assert outcome.code == 2
    assert "prices.yaml" in outcome.err
    assert fetched_prices_path().read_text() == "providers: ["


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a Unix thing")
@pytest.mark.parametrize(("answer", "kept"), [("n", False), ("", False), ("y", True)])
def test_the_answer_on_a_terminal_decides(update, prices, answer: str, kept: bool) -> None:
    import pexpect

    arguments = ["-m", "osstui", "catalog", "update", "--source", "models.dev"]
    arguments += ["--models-dev-url", f"{prices.url}/api.json"]
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    child = pexpect.spawn(sys.executable, arguments, env=env, timeout=30)
    child.expect("Keep these prices")
    child.sendline(answer)
    child.read()
    child.wait()
    assert child.exitstatus == 0
    assert fetched_prices_path().exists() == kept


def test_the_command_alone_says_what_can_be_done(cli) -> None:
    outcome = cli("catalog")
    assert (outcome.code, outcome.out) == (2, "")
    assert "osstui catalog update" in outcome.err
