"""Simulated hosts to check, honest ones and liars, and a way to check them."""

from __future__ import annotations

from collections.abc import Iterable

from osstui.checks.asking import Budget
from osstui.checks.model import Check
from osstui.checks.run import Battery
from osstui.checks.table import BY_ID
from osstui.engine.api import InspectingEngine
from osstui.job import Price, Target

KEY = "sk-the-right-one-0123456789"
CONTEXT = 12_000


def target(fleet: str, sim: str = "", *, provider: str = "plain", **fields: object) -> Target:
    """A host of the fleet that behaves as `sim` wishes. Its window is small, so that filling it is quick."""
    values: dict[str, object] = {
        "provider": provider,
        "provider_name": provider,
        "base_url": f"{fleet}/{provider}/v1",
        "dialect": "openai-chat",
        "model": "gpt-oss-120b",
        "model_id": "openai/gpt-oss-120b",
        "api_key_env": ("CHECKED_KEY",),
        "headers": {"x-sim": f"context={CONTEXT};ttft=0.01;tps=4000;{sim}"},
        "price": Price(0.15, 0.60),
        "context": CONTEXT,
        "max_output": 2400,
    }
    return Target(**(values | fields))  # type: ignore[arg-type]


async def check(
    engine: InspectingEngine,
    hosts: dict[str, Target],
    checks: Iterable[Check | str],
    limit: float | None = None,
) -> Battery:
    rows = [BY_ID[row] if isinstance(row, str) else row for row in checks]
    battery = Battery(engine, hosts.items(), rows, budget=Budget(limit))
    await battery.run()
    return battery


def results(battery: Battery) -> dict[str, dict[str, str]]:
    """Result by host and check."""
    return {
        lane: {name: cell.verdict.result for name, cell in report.cells.items()}
        for lane, report in battery.reports.items()
    }


def reason(battery: Battery, check: str) -> str:
    """Of the first host."""
    return next(iter(battery.reports.values())).cells[check].verdict.reason
