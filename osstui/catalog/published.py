"""What a page says that a host achieves, set beside what was measured there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

from osstui.catalog.presets import FIGURES, newest_page
from osstui.catalog.rows import age, freshness

if TYPE_CHECKING:
    from osstui.catalog.models import Offer

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
        dated = f"{self.as_of}, {age(self.as_of, today)}" if self.as_of else age(None, today)
        stale = ", stale" if freshness(self.as_of, today) == "stale" else ""
        return f"{ratio} · {self.source}, {dated}{stale}"


def beside(offer: Offer, figure: Figure, measured: float | None) -> Beside | None:
    """The newest page that has the figure, and how `measured` (same unit) compares; None: never published."""
    read, _ = FIGURES[figure]
    page = newest_page(offer, read)
    value = None if page is None else read(page)
    if page is None or value is None:
        return None
    return Beside(value, page.source, page.as_of, None if measured is None else measured / value)
