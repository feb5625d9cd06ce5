"""What a page says that a host achieves, set beside what was measured there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from osstui.catalog.presets import FIGURES, newest_page
from osstui.catalog.rows import age, freshness

if TYPE_CHECKING:
    from osstui.catalog.models import Offer
    from osstui.catalog.presets import Own

Figure = Literal["ttft_s", "output_tps"]
"""TTFT in seconds; output tokens per second after the first."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A published figure, where and when it was published, and measured ÷ published."""

    published: float
    source: str
    as_of: date | None
    ratio: float | None
    """Above 1, the measured TTFT is longer, or the measured speed higher; None where nothing was measured."""

    def told(self, today: date) -> str:
        """`measured is 1.07 × this · artificialanalysis.ai, 2026-08-12, 101 days old, stale`."""
        ratio = f"measured is {self.ratio:.2f} × this" if self.ratio is not None else "nothing measured yet"
        return f"{ratio} · {self.origin(today)}"

    def origin(self, today: date) -> str:
        """`artificialanalysis.ai, 2026-08-12, 101 days old, stale`."""
        dated = f"{self.as_of}, {age(self.as_of, today)}" if self.as_of else age(None, today)
        stale = ", stale" if freshness(self.as_of, today) == "stale" else ""
        return f"{self.source}, {dated}{stale}"


def beside(offer: Offer, figure: Figure, measured: float | None) -> Beside | None:
    """The newest page that has the figure, and how `measured` (same unit) compares; None: never published."""
    read, _ = FIGURES[figure]
    page = newest_page(offer, read)
    value = None if page is None else read(page)
    if page is None or value is None:
        return None
    return Beside(value, page.source, page.as_of, None if measured is None else measured / value)


def comparison(offer: Offer, ttft_s: float | None, output_tps: float | None, today: date) -> str:
    """`TTFT 0.22 s (×1.05), 486 tok/s (×0.98) · artificialanalysis.ai, date unknown`: what is published, how
    many times that was measured, and who says so; empty where nothing is published."""
    by_origin: dict[str, list[str]] = {}
    for told, form in (
        (beside(offer, "ttft_s", ttft_s), "TTFT {:.2f} s"),
        (beside(offer, "output_tps", output_tps), "{:,.0f} tok/s"),
    ):
        if told is not None:
            ratio = "" if told.ratio is None else f" (×{told.ratio:.2f})"
            by_origin.setdefault(told.origin(today), []).append(form.format(told.published) + ratio)
    return "; ".join(f"{', '.join(shown)} · {origin}" for origin, shown in by_origin.items())


def brief(offer: Offer, ttft_s: float | None, output_tps: float | None) -> str:
    """The same without who says so: `published 0.22 s ×1.05 · 486 tok/s ×0.98`."""
    parts = []
    for told, form in (
        (beside(offer, "ttft_s", ttft_s), "{:.2f} s"),
        (beside(offer, "output_tps", output_tps), "{:,.0f} tok/s"),
    ):
        if told is not None:
            ratio = "" if told.ratio is None else f" ×{told.ratio:.2f}"
            parts.append(form.format(told.published) + ratio)
    return f"published {' · '.join(parts)}" if parts else ""


def speeds(offer: Offer | None, own: Own | None, today: date) -> str:
    """`published TTFT 0.22 s (×1.05) · … · yours 0.23 s in 12 answers`; empty where nobody knows."""
    ttft, speed = (own.ttft_s, own.output_tps) if own else (None, None)
    told = comparison(offer, ttft, speed, today) if offer else ""
    figures = (
        f"TTFT {ttft:.2f} s" if ttft is not None else "",
        f"{speed:,.0f} tok/s" if speed is not None else "",
    )
    parts = [f"published {told}"] if told else []
    if own is not None and any(figures):
        answers = f"{own.runs} answer{'s' * (own.runs != 1)}"
        parts.append(f"yours {', '.join(filter(None, figures))} in {answers}")
    return " · ".join(parts)
