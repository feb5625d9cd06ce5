"""The whole battery against a real llama.cpp: it runs to its end, and its verdicts are honest."""

from __future__ import annotations

import json

import pytest

from osstui.checks.report import document
from osstui.checks.table import choose
from osstui.engine.keys import Keyring
from osstui.engine.local import LocalEngine
from tests.checks.hosts import check, results, target
from tests.conftest import LlamaServer

KNOWN_TRUTHS = {
    "reach": "pass",
    "auth": "pass",
    "wrong-key": "pass",
    "stream": "pass",
    "ending": "pass",
    "reasoning": "pass",
    "max-tokens": "pass",
    "canaries": "warn",
    "cost": "n/a",
    "too-long": "pass",
}
"""What this server does well whatever its model says; the model itself is nonsense."""


@pytest.mark.parametrize("dialect", ["openai-chat", "openai-responses", "anthropic-messages"])
async def test_the_battery_runs_to_its_end_with_honest_verdicts(llama: LlamaServer, dialect: str) -> None:
    here = target(
        "", base_url=llama.base_url, dialect=dialect, headers={}, context=2048, max_output=300, price=None
    )
    rows = choose("deep" if dialect == "openai-chat" else "quick", skip=["distribution"])
    engine = LocalEngine(Keyring({"CHECKED_KEY": llama.key}))
    try:
        battery = await check(engine, {"llama": here}, rows)
    finally:
        await engine.close()
    found = results(battery)["llama"]
    assert found.keys() == {row.id for row in rows}
    broken = [
        c.verdict.reason for c in battery.reports["llama"].ordered if "itself failed" in c.verdict.reason
    ]
    assert not broken
    if dialect == "openai-chat":
        assert {name: found[name] for name in KNOWN_TRUTHS} == KNOWN_TRUTHS
    text = json.dumps(document(battery.reports.values(), "now", 0.0))
    assert llama.key not in text
