"""Numbers as people read them. Every pane, table and export for people writes them this way."""

from __future__ import annotations

from math import floor, isfinite, log10
from typing import Literal

Unit = Literal["ms", "tok/s", "count", "$", "tok/chunk"]

UNKNOWN = "–"
ABOUT = "≈"


def show(value: float | None, unit: Unit, *, approximate: bool = False) -> str:
    """The number with its unit: `204 ms`, `1.23 s`, `486 tok/s`, `1,500`, `$0.00045`; `–` when unknown,
    `≈` before a number that is counted or estimated and not yet settled."""
    if value is None or not isfinite(value):
        return UNKNOWN
    text = _dollars(value) if unit == "$" else _WRITERS[unit](value)
    return ABOUT + text if approximate else text


def _time(ms: float) -> str:
    if abs(ms) >= 999.5:
        return f"{ms / 1000:,.2f} s"
    return f"{ms:.0f} ms" if abs(ms) >= 9.95 else f"{ms:.1f} ms"


def _speed(rate: float) -> str:
    return f"{_count_or_tenths(rate)} tok/s"


def _count(count: float) -> str:
    return f"{count:,.0f}"


def _per_chunk(rate: float) -> str:
    return f"{rate:.1f}"


def _count_or_tenths(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 99.95 else f"{value:.1f}"


def _dollars(usd: float) -> str:
    """Three significant digits below one dollar, at least cents: few tokens must not round to nothing."""
    if usd == 0:
        return "$0.00"
    sign, size = ("-" if usd < 0 else ""), abs(usd)
    if size >= 1:
        return f"{sign}${size:,.2f}"
    digits = 2 - floor(log10(size))
    whole, fraction = f"{size:.{digits}f}".split(".")
    return f"{sign}${whole}.{fraction.rstrip('0').ljust(2, '0')}"


_WRITERS = {"ms": _time, "tok/s": _speed, "count": _count, "tok/chunk": _per_chunk}
