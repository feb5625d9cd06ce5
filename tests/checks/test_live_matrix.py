"""The matrix while it fills, on a real terminal."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from tests.checks.hosts import KEY

if sys.platform == "win32":
    pytest.skip("no pseudo terminals", allow_module_level=True)

import pexpect
import pyte


def catalog(fleet: str, path: Path, sim: str) -> Path:
    offer = "{id: openai/gpt-oss-120b, price: {input: 100.0, output: 600.0}}"
    host = f"{{base_url: {fleet}/good/v1, api_key_env: [CHECK_KEY], headers: {{x-sim: '{sim}'}}, name: H"
    path.write_text(
        f"version: 1\nmodels:\n  gpt-oss-120b: {{name: G, tokenizer: o200k_harmony}}\n"
        f"providers:\n  good: {host}, models: {{gpt-oss-120b: {offer}}}}}\n"
    )
    return path


def spawn(path: Path, *more: str) -> pexpect.spawn:
    command = ["-m", "osstui", "check", "--catalog-only", str(path), "-p", "good", *more]
    return pexpect.spawn(
        sys.executable, command, dimensions=(24, 90), env={**os.environ, "CHECK_KEY": KEY}, timeout=30
    )


def test_it_asks_before_it_spends_and_a_no_spends_nothing(fleet: str, tmp_path: Path) -> None:
    child = spawn(catalog(fleet, tmp_path / "p.yaml", "ttft=0.01;tps=4000"))
    child.expect_exact("Go on? [Y/n]:")
    child.sendline("n")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3


def test_the_row_fills_and_an_interrupt_keeps_what_is_known(fleet: str, tmp_path: Path) -> None:
    child = spawn(catalog(fleet, tmp_path / "p.yaml", "ttft=0.01;tps=40"), "--yes")
    child.expect_exact("✓".encode())
    child.expect_exact("▸".encode())
    seen = child.before + child.after
    child.sendintr()
    child.expect(pexpect.EOF)
    rest = child.before
    child.close()
    assert child.exitstatus == 130
    screen = pyte.Screen(90, 60)
    pyte.ByteStream(screen).feed(seen + rest)
    text = "\n".join(line.rstrip() for line in screen.display)
    assert re.search(r"^connects +pass$", text, re.MULTILINE)
    assert re.search(r"^verdict +WARN$", text, re.MULTILINE)
    assert "not run: interrupted" in text
    assert "▸" not in text
