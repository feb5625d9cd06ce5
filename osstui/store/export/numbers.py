"""The numbers of a lane that pages for people show, from its part of the document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from osstui.measure.format import show
from osstui.measure.metrics import BY_KEY

_SHOWN = {
    "ttft": ("ttft_ms",),
    "ttfa": ("ttfa_ms",),
    "speed": ("output_tps",),
    "e2e": ("e2e_ms",),
    "input_tokens": ("tokens", "input"),
    "tokens": ("tokens", "output"),
    "reasoning_tokens": ("tokens", "reasoning"),
    "cost": ("cost_usd",),
}
"""Metrics, each with the way to its value in the document."""


@dataclass(frozen=True, slots=True)
class Number:
    title: str
    text: str
    why_missing: str | None


def numbers(lane: dict[str, Any]) -> list[Number]:
    """In the order of every other table."""
    return [_number(lane, key, way) for key, way in _SHOWN.items()]


def _number(lane: dict[str, Any], key: str, way: tuple[str, ...]) -> Number:
    value: Any = lane
    for step in way:
        value = value.get(step) if isinstance(value, dict) else None
    metric = BY_KEY[key]
    text = show(value, metric.unit, approximate=_approximate(lane, key))
    why = (lane.get("missing") or {}).get(way[0]) if value is None else None
    return Number(metric.title, text, why)


def _approximate(lane: dict[str, Any], key: str) -> bool:
    source = (lane.get("tokens") or {}).get("source")
    if key == "speed":
        return bool(source == "estimated")
    if key == "cost":
        return bool(lane.get("cost_approximate"))
    return key in ("tokens", "reasoning_tokens") and source != "reported"
