"""All that is known of one lane: each number or why it is missing, warnings, timings, errors in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from osstui.catalog.entry import price_text
from osstui.catalog.published import Figure, beside
from osstui.catalog.rows import freshness
from osstui.measure.format import show
from osstui.measure.metrics import METRICS, Metric
from osstui.safe_text import visible, visible_line
from osstui.tui.screens.page import PageScreen
from osstui.tui.wording import failure_line, state_of

if TYPE_CHECKING:
    from osstui.catalog import Offer
    from osstui.events import ServerTimings
    from osstui.measure.run import LaneState
    from osstui.tui.widgets.pane import LanePane

TITLES = 18
VALUES = 14
NOTES = TITLES + VALUES + 3
"""The column at which a number's explanation begins."""
PUBLISHED: dict[str, tuple[Figure, float]] = {"ttft": ("ttft_s", 1000), "speed": ("output_tps", 1)}
"""By metric: the figure that pages publish, and how many of the metric's units are one of the page's."""


class DetailsScreen(PageScreen):
    """A page on a pane's lane; the compare screen's frame keeps it up to date."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("i", "dismiss(None)", "Close", show=False)]

    def __init__(self, pane: LanePane, offer: Offer | None) -> None:
        """`offer` is what the catalog says of the lane's model at its host."""
        super().__init__(pane.lane)
        self.pane, self._offer = pane, offer
        self._drawn = 0
        """The lane's revision that the page shows."""

    def refresh_numbers(self) -> None:
        """Draws the page again if the lane has moved on."""
        lane = self.pane.state
        if lane is not None and lane.revision != self._drawn and self.is_mounted:
            self.draw()

    def text(self) -> Content:
        lane = self.pane.state
        self._drawn = lane.revision if lane else 0
        return Content("\n").join(self._lines(lane))

    @property
    def _width(self) -> int:
        """What the box, its border, padding and scrollbar leave."""
        return min(100, int(self.app.size.width * 0.96)) - 7

    def _row(self, name: str, value: str, style: str = "") -> Content:
        lines = wrap(visible_line(value, 1000), max(12, self._width - TITLES - 1), break_on_hyphens=False)
        return Content.assemble(
            (visible_line(name, 60).ljust(TITLES), "$secondary"),
            " ",
            (("\n" + " " * (TITLES + 1)).join(lines), style),
        )

    def _number(self, title: str, value: str, note: str, *, known: bool) -> Content:
        lines = wrap(visible_line(note, 300), max(12, self._width - NOTES))
        return Content.assemble(
            (title.ljust(TITLES), "$secondary"),
            (value.rjust(VALUES), "bold" if known else "$secondary"),
            ("   " + ("\n" + " " * NOTES).join(lines), "$secondary"),
        )

    def _block(self, title: str, rows: list[tuple[str, str]]) -> Iterator[Content]:
        yield Content("")
        yield Content.styled(title, "bold")
        for name, value in rows:
            yield self._row(name, value)

    def _lines(self, lane: LaneState | None) -> Iterator[Content]:
        target = self.pane.target
        yield self._row("provider", f"{target.provider_name} · {target.dialect} · {target.base_url}")
        yield self._row("model", f"{target.model} · {target.model_id}")
        yield self._price()
        if target.simulated:
            yield self._row(
                "simulated", "these figures come from a simulated host on this machine", "$warning"
            )
        if lane is None:
            yield Content("")
            yield Content.styled("Nothing was asked yet.", "$secondary")
            return
        now = self.pane.run.now if self.pane.run else 0
        say = state_of(lane, now)
        yield self._row("state", f"{say.glyph} {say.words}", say.color)
        if lane.ended and lane.ended.finish_reason:
            yield self._row("finish reason", lane.ended.finish_reason)
        if lane.error is not None:
            yield self._row("error", failure_line(lane.error, None), "$error")
            yield Content.styled(visible(lane.error.message), "$error")
        yield Content("")
        for metric in METRICS:
            why = metric.why_missing(lane)
            note = metric.help if why is None else why
            yield self._number(metric.title, metric.show(lane), note, known=why is None)
            yield from self._published(metric, lane)
        yield from self._sides(lane)

    def _published(self, metric: Metric, lane: LaneState) -> Iterator[Content]:
        """Below a number, what a public page says of it, and how the two compare."""
        if metric.key not in PUBLISHED or self._offer is None:
            return
        figure, unit = PUBLISHED[metric.key]
        value = metric.value(lane)
        found = beside(self._offer, figure, None if value is None else value / unit)
        if found is not None:
            shown = show(found.published * unit, metric.unit)
            yield self._number("  published", shown, found.told(date.today()), known=False)

    def _price(self) -> Content:
        price = self.pane.target.price
        if price is None:
            return self._row("price", "not known", "$secondary")
        old = freshness(price.as_of, date.today()) != "fresh"
        return self._row(
            "price", f"per 1M tokens: {price_text(price, date.today())}", "$warning" if old else ""
        )

    def _sides(self, lane: LaneState) -> Iterator[Content]:
        if lane.usage is not None and lane.usage.server is not None:
            yield from self._block("The host's own timings", list(_timings(lane.usage.server)))
        if lane.opened is not None:
            opened = lane.opened
            rows = [("status", f"{opened.status} · {opened.http_version}")]
            if opened.request_id:
                rows.append(("request id", opened.request_id))
            rows += list(opened.rate_limits.items())
            yield from self._block("Response", rows)
        if lane.warnings:
            yield Content("")
            yield Content.styled("Warnings", "bold")
            for warning in lane.warnings:
                yield Content.styled(f"⚠ {visible_line(warning, 1000)}", "$warning")


def _timings(server: ServerTimings) -> Iterator[tuple[str, str]]:
    for name, value, unit in (
        ("TTFT", server.ttft_ms, "ms"),
        ("queue", server.queue_ms, "ms"),
        ("prompt", server.prompt_ms, "ms"),
        ("speed", server.output_tps, "tok/s"),
        ("in all", server.total_ms, "ms"),
    ):
        if value is not None:
            yield name, f"{value:,.1f} {unit}"
