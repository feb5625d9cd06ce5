"""The streaming transcript: prompts, thinking, answers and notices of one lane, on Textual's line API.

`append` only buffers. `flush`, called by the screen's one frame timer, parses and renders what has come,
within a time budget; finished pieces are rendered once, the open end of the text again at every flush, so
the cost of a frame depends neither on the length of the answer nor on that of one block. Work that is left
(a resize, a backlog) goes on by itself in the widget's own timer, so nothing waits for a flush that never
comes.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Literal

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from osstui.events import DeltaKind
from osstui.tui.markdown.feed import HEADER, Feed
from osstui.tui.markdown.render import Palette, Row
from osstui.tui.widgets.transcript_strips import MARGIN, Painter, selected_text
from osstui.tui.widgets.transcript_style import CLASSES, CSS, palette_of

Severity = Literal["info", "warning", "error"]
BUDGET = 0.008
"""Seconds that one flush may render by default."""
TICK = 0.05
"""Seconds between the widget's own flushes while work is left and nobody else flushes."""
_SIGNS = {"info": "", "warning": "⚠ ", "error": "✗ "}


class Transcript(ScrollView, can_focus=True):
    """What one lane said, as it says it. Text from outside is never markup and never reaches the terminal
    raw."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES = CLASSES
    DEFAULT_CSS = CSS

    reasoning_folded: var[bool] = var(False, init=False)
    """Thinking takes one line, its header."""
    following: var[bool] = var(True, init=False)
    """The end stays in view as text arrives; false once the reader has scrolled up or selected something."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._timer: Timer | None = None
        self._painter = Painter()
        self._palette: Palette | None = None
        self._columns = 0
        self._moving = False
        self._flushed = 0.0
        self._bar: tuple[int, int, int] | None = None
        self._reset()

    def _reset(self) -> None:
        self._feed = Feed(folded=self.reasoning_folded)
        self._moved = False
        self._place: tuple[int, int] | None = None
        self._seen = 0
        if self._palette is not None:
            self._feed.document.restyle(self._columns, self._palette)

    # what the screen calls

    def begin_turn(self, prompt: str) -> None:
        """Show the user's prompt and start a new answer: who asks wants to see it, wherever they had read."""
        self.following = True
        self._feed.turn(prompt)
        self._wake()

    def append(self, kind: DeltaKind, text: str) -> None:
        """A piece of the answer has come. Buffers only; `flush` shows it."""
        if text:
            self._feed.put(kind, text)

    def note(self, text: str, severity: Severity = "info") -> None:
        """A notice at the end: a retry, an error, a cut. Plain text, line ends kept. Ends the open block."""
        self._feed.put(severity, _SIGNS[severity] + text)
        self.finish()

    def set_reasoning_label(self, text: str) -> None:
        """What the header of this turn's thinking says ("thought for 312 tokens")."""
        if self._feed.set_label(text):
            self._moved = True
            self._wake()

    def finish(self) -> None:
        """The answer is over. What is still buffered is rendered later, unasked if nobody flushes."""
        self._feed.put("end", "")
        self._wake()

    def clear(self) -> None:
        """Empty, as new; folding stays as it is."""
        self._reset()
        self._painter.clear()
        self.following = True
        self._resize_virtual()
        self.refresh()

    @property
    def pending(self) -> bool:
        """Work is left for another flush."""
        return self._moved or self._feed.dirty or self._feed.waiting or self._feed.document.stale

    @property
    def new_lines(self) -> int:
        """Lines that have come below the view since the reader left the end."""
        return 0 if self.following else max(0, self.line_count - self._seen)

    @property
    def line_count(self) -> int:
        return self._feed.line_count

    # rendering

    def flush(self, budget: float = BUDGET) -> None:
        """Render what has come, for about `budget` seconds; `pending` tells whether some is left."""
        if not self.pending or self._palette is None or self._columns <= 0:
            return
        self._flushed = perf_counter()
        deadline = self._flushed + budget

        def more() -> bool:
            return perf_counter() < deadline

        feed = self._feed
        settled, lines, old = feed.document.height, feed.line_count, feed.tail
        if feed.document.stale:
            self._refresh_stale(more)
        while more() and feed.advance():
            pass
        feed.draw_tail()
        self._show(settled, old, lines)
        if self.pending:
            self._wake()

    def _refresh_stale(self, more: Callable[[], bool]) -> None:
        """Draw again what a resize, other colours or unfolding left behind: what is in view first."""
        while True:
            end = self._feed.document.height - self._view_height()
            top = max(0, end) if self.following else self._held_line()
            if not self._feed.document.refresh(top, top + self._view_height(), more):
                break
            self._moved = True
            if not more():
                break

    def _show(self, settled: int, old: list[Row], lines: int) -> None:
        """Put the new rows on the screen: only the lines that changed, unless the view moved."""
        moved, self._moved = self._moved, False
        if moved or self.line_count != lines:
            self._resize_virtual()
        if moved:
            if not self.following:
                self._scroll_quietly(self._held_line())
            if not self._feed.document.stale:
                self._place = None
            self.refresh(self.size.region)
            return
        new = [*self._feed.document.rows(settled), *self._feed.tail]
        same = 0
        for before, after in zip(old, new, strict=False):
            if before != after:
                break
            same += 1
        count = max(len(new), len(old)) - same
        if count:
            self._refresh_rows(settled + same, count)
        if not self.following:
            self._refresh_rows(self.scroll_offset.y + self._view_height() - 1, 1)

    def _refresh_rows(self, start: int, count: int) -> None:
        top = self.scroll_offset.y
        first, last = max(start, top), min(start + count, top + self._view_height())
        if last > first:
            self.refresh(Region(0, first - top, self.size.width, last - first))

    # place

    def _view_height(self) -> int:
        return self.scrollable_content_region.height

    def _held_line(self) -> int:
        """The line that belongs at the top of the view while lines above it change their number."""
        if self._place is None:
            return self.scroll_offset.y
        index, line = self._place
        here = self._feed.document.offset(min(index, len(self._feed.document)))
        if index < len(self._feed.document):
            line = min(line, max(0, self._feed.document.offset(index + 1) - here - 1))
        return here + line

    def _resize_virtual(self) -> None:
        """Tell Textual the new height without the layout pass that assigning `virtual_size` brings."""
        self.set_reactive(Widget.virtual_size, Size(self.scrollable_content_region.width, self.line_count))
        self._scroll_quietly(self.max_scroll_y if self.following else min(self.scroll_y, self.max_scroll_y))

    def _scroll_quietly(self, y: float) -> None:
        """Scroll as the text moves, not the reader."""
        self._moving = True
        try:
            self.set_reactive(Widget.scroll_target_y, y)
            self.scroll_y = y
            self._update_bar()
        finally:
            self._moving = False

    def _update_bar(self) -> None:
        """Let the scrollbar follow, when it would look different: it costs more to draw than the text."""
        view, lines = self._view_height(), max(1, self.line_count)
        shape = (view, view * view // lines, round(view * self.scroll_y / lines))
        if shape != self._bar:
            self._bar = shape
            self._scroll_update(self.virtual_size)
            self.vertical_scrollbar.position = self.scroll_y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self._moving:
            if round(old_value) != round(new_value):
                self.refresh(self.size.region)
            return
        super().watch_scroll_y(old_value, new_value)
        self._place = self._feed.document.locate(round(new_value)) if self._feed.document.stale else None
        self._seen = max(self._seen, round(new_value) + self._view_height())
        self.following = round(new_value) >= self.max_scroll_y

    def watch_following(self, following: bool) -> None:
        if not following:
            self._seen = self.line_count

    def action_scroll_end(self) -> None:
        """Go to the end and stay there as text arrives."""
        self.following = True
        self._scroll_quietly(self.max_scroll_y)
        self.refresh(self.size.region)

    # folding

    def action_toggle_reasoning(self) -> None:
        """Fold or unfold the thinking."""
        self.reasoning_folded = not self.reasoning_folded

    def watch_reasoning_folded(self, folded: bool) -> None:
        self._hold_place()
        self._feed.fold(folded)
        self._moved = self._feed.dirty = True
        self.flush()
        self._wake()

    def _hold_place(self) -> None:
        if not self.following and self._place is None:
            self._place = self._feed.document.locate(self.scroll_offset.y)

    def on_click(self, event: events.Click) -> None:
        if self.new_lines and event.y == self._view_height() - 1:
            self.action_scroll_end()
            return
        index = self._feed.document.locate(self.scroll_offset.y + event.y)[0]
        if index < len(self._feed.document) and self._feed.document.units[index].role == HEADER:
            self.action_toggle_reasoning()

    # size, colours, timer

    def on_mount(self) -> None:
        super().on_mount()  # type: ignore[no-untyped-call]
        self._timer = self.set_interval(TICK, self._tick, pause=True)
        self._measure()

    def on_resize(self) -> None:
        self._measure()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted:
            self.call_next(self._measure)

    def _measure(self) -> None:
        """Take over width and colours; when they changed, everything is drawn again bit by bit."""
        columns = self.scrollable_content_region.width - 2 * MARGIN
        if columns <= 0:
            return
        palette = palette_of(self)
        if columns == self._columns and palette == self._palette:
            if self.following:
                self._scroll_quietly(self.max_scroll_y)
            return
        if columns != self._columns and self in self.screen.selections:
            self.screen.clear_selection()
        self._hold_place()
        self._columns, self._palette = columns, palette
        self._painter.right = MARGIN + self.scrollbar_size_vertical
        self._feed.document.restyle(columns, palette)
        self._moved = self._feed.dirty = True
        self.flush()
        self._wake()

    def _wake(self) -> None:
        if self._timer is not None:
            self._timer.resume()

    def _tick(self) -> None:
        """Work on what no frame timer takes care of."""
        assert self._timer is not None
        if perf_counter() - self._flushed > 2 * TICK or not self.pending:
            self.flush()
            if not self.pending or self._columns <= 0:
                self._timer.pause()
                self._bar = None
                self._scroll_quietly(self.scroll_y)

    # painting and selection

    def render_line(self, y: int) -> Strip:
        """One line of the view with the offsets that mouse selection reads."""
        return self._painter.with_offsets(self._strips(range(y, y + 1))[0], self.scroll_offset.y + y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for painting. Past Textual's styles cache when no border or effect of its own is wanted: the
        painter keeps the strips of rows that didn't change, and with them their escape sequences."""
        styles = self.styles
        if styles.gutter != (0, 0, 0, 0) or self.opacity < 1 or styles.tint.a or styles.text_opacity < 1:
            return super().render_lines(crop)
        self._dirty_regions.clear()
        background = self.background_colors[1]
        strips = self._strips(crop.line_range)
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        left, right = crop.column_span
        return [strip.crop(left, right) for strip in strips]

    def _strips(self, view: range) -> list[Strip]:
        """The strips of some lines of the view, selection and the count of new lines drawn in."""
        width, top, palette, painter = self.size.width, self.scroll_offset.y, self._palette, self._painter
        if palette is None:
            return [Strip.blank(width, self.rich_style)] * len(view)
        rows = [self._feed.row(top + y) for y in view]
        strips = [painter.strip(row, width, palette.base) for row in rows]
        if (selection := self.text_selection) is not None:
            marked = Style(bgcolor=self.screen.get_component_rich_style("screen--selection").bgcolor)
            for index, (y, row) in enumerate(zip(view, rows, strict=True)):
                if row is not None and (span := selection.get_span(top + y)) is not None:
                    strips[index] = painter.selected(row, width, palette.base, span, marked)
        last = self._view_height() - 1
        if last in view and (count := self.new_lines):
            label = f" ↓ {count:,} new line{'s' if count > 1 else ''} "
            index = last - view.start
            strips[index] = painter.overlaid(strips[index], label, palette.style("more"))
        return strips

    def selection_updated(self, selection: Selection | None) -> None:
        """A reader who selects wants the text to stand still."""
        if selection is not None:
            self.following = False
        self.refresh(self.size.region)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, wrapped lines whole."""
        return selected_text(self._feed, selection), "\n"
