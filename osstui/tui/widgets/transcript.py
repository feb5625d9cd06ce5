"""The streaming transcript: prompts, thinking, answers and notices of one lane, on Textual's line API.

`append` only buffers. `flush`, called by the screen's one frame timer, parses and renders what has come,
within a time budget; finished pieces are rendered once, the open end of the text again at every flush, so
the cost of a frame depends neither on the length of the answer nor on that of one block. Work that is left
(a resize, a backlog) goes on by itself in the widget's own timer, so nothing waits for a flush that never
comes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import ClassVar, Literal

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from osstui.events import DeltaKind
from osstui.safe_text import visible_line
from osstui.tui.markdown.blocks import Mark, Unit
from osstui.tui.markdown.document import Document
from osstui.tui.markdown.render import ROLES, Palette, Row
from osstui.tui.markdown.source import Source
from osstui.tui.widgets.transcript_strips import MARGIN, Painter

Severity = Literal["info", "warning", "error"]
_Op = Literal["reasoning", "text", "tool", "prompt", "info", "warning", "error", "end"]

BUDGET = 0.008
"""Seconds that one flush may render by default."""
TICK = 0.05
"""Seconds between the widget's own flushes while work is left and nobody else flushes."""
_HOW: dict[str, Literal["markdown", "plain", "code"]] = {"text": "markdown", "tool": "code"}
_SIGNS = {"info": "", "warning": "⚠ ", "error": "✗ "}


class Transcript(ScrollView, can_focus=True):
    """What one lane said, as it says it. Text from outside is never markup and never reaches the terminal
    raw."""

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"transcript--{role}" for role in ROLES}
    DEFAULT_CSS = """
    Transcript {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & > .transcript--heading { color: $text-primary; text-style: bold; }
        & > .transcript--heading-1 { color: $text-primary; text-style: bold underline; }
        & > .transcript--code { color: $text-warning; background: $boost; }
        & > .transcript--link { text-style: underline; }
        & > .transcript--address { color: $text-muted; }
        & > .transcript--math { color: $text-accent; }
        & > .transcript--quote { color: $primary; }
        & > .transcript--marker { color: $text-primary; }
        & > .transcript--border { color: $foreground 40%; }
        & > .transcript--label { color: $text-primary; text-style: bold; }
        & > .transcript--code-block { color: $foreground; background: $panel; }
        & > .transcript--code-label { color: $text-muted; background: $panel; text-style: italic; }
        & > .transcript--token-comment { color: $text-muted; background: $panel; text-style: italic; }
        & > .transcript--token-keyword { color: $text-accent; background: $panel; }
        & > .transcript--token-string { color: $text-success; background: $panel; }
        & > .transcript--token-number { color: $text-warning; background: $panel; }
        & > .transcript--token-name { color: $text-primary; background: $panel; }
        & > .transcript--token-deleted { color: $text-error; background: $panel; }
        & > .transcript--reasoning { color: $text-muted; }
        & > .transcript--reasoning-header { color: $text-muted; text-style: italic; }
        & > .transcript--prompt { color: $foreground; text-style: bold; }
        & > .transcript--prompt-bar { color: $accent; }
        & > .transcript--info { color: $text-muted; }
        & > .transcript--warning { color: $text-warning; }
        & > .transcript--error { color: $text-error; }
        & > .transcript--footer { color: $text-muted; text-style: italic; }
        & > .transcript--more { color: $background; background: $primary; }
    }
    """

    class FollowChanged(Message):
        """The transcript began or ceased to keep its end in view. `new_lines` stand below the view."""

        def __init__(self, transcript: Transcript, following: bool, new_lines: int) -> None:
            super().__init__()
            self.transcript = transcript
            self.following = following
            self.new_lines = new_lines

        @property
        def control(self) -> Widget:
            return self.transcript

    reasoning_folded: var[bool] = var(False, init=False)
    """Thinking takes one line, its header."""
    following: var[bool] = var(True, init=False)
    """The end stays in view as text arrives; false once the reader has scrolled up or selected something."""

    def __init__(
        self,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self._timer: Timer | None = None
        self._painter = Painter()
        self._palette: Palette | None = None
        self._columns = 0
        self._moving = False
        self._flushed = 0.0
        self._reset()

    def _reset(self) -> None:
        self._document = Document()
        if self.reasoning_folded:
            self._document.hide({"reasoning"})
        self._queue: deque[tuple[_Op, list[str]]] = deque()
        self._raw: dict[str, list[str]] = {}
        self._source: Source | None = None
        self._kind: _Op = "end"
        self._dirty = self._moved = False
        self._tail: list[Row] = []
        self._footer: Unit | None = None
        self._header: int | None = None
        self._label: str | None = None
        self._place: tuple[int, int] | None = None
        self._seen = 0
        if self._palette is not None:
            self._document.restyle(self._columns, self._palette)

    # what the screen calls

    def begin_turn(self, prompt: str) -> None:
        """Show the user's prompt and start a new answer."""
        self.finish()
        self._raw = {}
        self._label = None
        self._put("prompt", prompt)
        self._put("end", "")
        self._wake()

    def append(self, kind: DeltaKind, text: str) -> None:
        """A piece of the answer has come. Buffers only; `flush` shows it."""
        if text:
            self._raw.setdefault(kind, []).append(text)
            self._put(kind, text)

    def note(self, text: str, severity: Severity = "info") -> None:
        """A notice at the end: a retry, an error, a cut. Plain text, line ends kept."""
        self._put(severity, _SIGNS[severity] + text)
        self._put("end", "")
        self._wake()

    def set_footer(self, text: str | None) -> None:
        """A last line that is replaced as often as you like (a countdown), or None for none."""
        self._footer = None if not text else Unit("literal", visible_line(text, 500), role="footer")
        self._dirty = True
        self._wake()

    def set_reasoning_label(self, text: str) -> None:
        """What the header of this turn's thinking says ("thought for 312 tokens")."""
        if text != self._label:
            self._label = text
            self._draw_header()

    def finish(self) -> None:
        """The answer is over. What is still buffered is rendered by the flushes to come, or by the widget
        itself."""
        self._put("end", "")
        self._wake()

    def clear(self) -> None:
        """Empty, as new; folding stays as it is."""
        self._reset()
        self._painter.clear()
        self.following = True
        self._resize_virtual()
        self.refresh()

    @property
    def answer(self) -> str:
        """This turn's answer exactly as it came, for copying as data: not made safe for a terminal."""
        return self.plain_text("text")

    @property
    def reasoning(self) -> str:
        """This turn's thinking exactly as it came."""
        return self.plain_text("reasoning")

    def plain_text(self, kind: DeltaKind) -> str:
        """Everything of one kind that this turn received, exactly as it came."""
        return "".join(self._raw.get(kind, ()))

    @property
    def pending(self) -> bool:
        """Work is left for another flush."""
        return self._dirty or self._moved or self._document.stale or self._backlog()

    @property
    def new_lines(self) -> int:
        """Lines that have come below the view since the reader left the end."""
        return 0 if self.following else max(0, self.line_count - self._seen)

    @property
    def line_count(self) -> int:
        return self._document.height + len(self._tail)

    # rendering

    def flush(self, budget: float = BUDGET) -> None:
        """Render what has come, for about `budget` seconds; `pending` tells whether some is left."""
        if not self.pending or self._palette is None or self._columns <= 0:
            return
        self._flushed = perf_counter()
        deadline = self._flushed + budget

        def more() -> bool:
            return perf_counter() < deadline

        settled, lines, old = self._document.height, self.line_count, self._tail
        if self._document.stale:
            self._refresh_stale(more)
        while more() and self._advance():
            pass
        if self._backlog():
            self._tail = self._document.tail(self._footer_units())
        elif self._dirty:
            self._dirty = False
            preview = self._source.preview() if self._source is not None else []
            self._tail = self._document.tail([*preview, *self._footer_units()])
        self._show(settled, old, lines)
        if self.pending:
            self._wake()

    def _backlog(self) -> bool:
        return bool(self._queue) or (self._source is not None and self._source.waiting)

    def _footer_units(self) -> list[Unit]:
        return [self._footer] if self._footer is not None else []

    def _put(self, kind: _Op, text: str) -> None:
        if self._queue and self._queue[-1][0] == kind:
            self._queue[-1][1].append(text)
        else:
            self._queue.append((kind, [text]))

    def _advance(self) -> bool:
        """One small piece of work; False when there is none."""
        if self._source is not None and self._source.step():
            self._settle()
            return True
        if not self._queue:
            return False
        kind, texts = self._queue.popleft()
        if kind != self._kind:
            self._close_source()
            self._open_source(kind)
        if self._source is not None:
            self._source.push("".join(texts))
        self._dirty = True
        return True

    def _open_source(self, kind: _Op) -> None:
        if kind == "prompt":
            self._header = None
        self._kind = kind
        if kind == "end":
            return
        lead = len(self._document) > 0
        if kind == "reasoning":
            self._header = len(self._document)
            self._document.append(self._header_unit(gap=lead))
            lead = False
        self._source = Source(_HOW.get(kind, "plain"), kind, lead=lead)

    def _close_source(self) -> None:
        if self._source is None:
            return
        self._source.close()
        self._settle()
        self._source = None
        if self._kind == "reasoning" and self._label is None:
            self._kind = "end"
            self._draw_header()

    def _settle(self) -> None:
        assert self._source is not None
        for unit in self._source.out:
            self._document.append(unit)
        self._source.out.clear()

    def _header_unit(self, gap: bool) -> Unit:
        label = self._label or ("thinking…" if self._kind == "reasoning" else "thought")
        return Unit("literal", visible_line(label, 200), self._arrow(), gap, role="reasoning-header")

    def _arrow(self) -> tuple[Mark, ...]:
        return (Mark("item", "▸" if self.reasoning_folded else "▾", first=True),)

    def _draw_header(self) -> None:
        if self._header is not None:
            self._document.units[self._header] = self._header_unit(self._document.units[self._header].gap)
            self._redraw(self._header)

    def _redraw(self, index: int) -> None:
        self._document.draw(index)
        self._moved = True
        self._wake()

    def _refresh_stale(self, more: Callable[[], bool]) -> None:
        """Draw again what a resize, other colours or unfolding left behind: what is in view first."""
        while True:
            end = self._document.height - self._view_height()
            top = max(0, end) if self.following else self._held_line()
            if not self._document.refresh(top, top + self._view_height(), more):
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
            if not self._document.stale:
                self._place = None
            self.refresh(self.size.region)
            return
        new = [*self._document.rows(settled), *self._tail]
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
        here = self._document.offset(min(index, len(self._document)))
        if index < len(self._document):
            line = min(line, max(0, self._document.offset(index + 1) - here - 1))
        return here + line

    def _resize_virtual(self) -> None:
        """Tell Textual the new height without the layout pass that assigning `virtual_size` brings."""
        size = Size(self.scrollable_content_region.width, self.line_count)
        self._moving = True
        try:
            if size != self.virtual_size:
                self.set_reactive(Widget.virtual_size, size)
                self._scroll_update(size)
        finally:
            self._moving = False
        if self.following:
            self._scroll_quietly(self.max_scroll_y)

    def _scroll_quietly(self, y: int) -> None:
        self._moving = True
        try:
            self.set_reactive(Widget.scroll_target_y, y)
            self.scroll_y = y
        finally:
            self._moving = False

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self._moving:
            return
        self._place = self._document.locate(round(new_value)) if self._document.stale else None
        self._seen = max(self._seen, round(new_value) + self._view_height())
        self.following = round(new_value) >= self.max_scroll_y

    def watch_following(self, following: bool) -> None:
        if not following:
            self._seen = self.line_count
        self.post_message(self.FollowChanged(self, following, self.new_lines))

    def action_scroll_end(self) -> None:
        """Go to the end and stay there as text arrives."""
        self.following = True
        self._scroll_quietly(self.max_scroll_y)
        self.refresh(self.size.region)

    def action_scroll_home(self) -> None:
        """Go to the start."""
        self.scroll_to(y=0, animate=False)

    # folding

    def action_toggle_reasoning(self) -> None:
        """Fold or unfold the thinking."""
        self.reasoning_folded = not self.reasoning_folded

    def watch_reasoning_folded(self, folded: bool) -> None:
        self._hold_place()
        self._document.hide({"reasoning"} if folded else frozenset())
        for index, unit in enumerate(self._document.units):
            if unit.role == "reasoning-header":
                unit.marks = self._arrow()
                if self._palette is not None:
                    self._document.draw(index)
        self._moved = self._dirty = True
        self.flush()
        self._wake()

    def _hold_place(self) -> None:
        if not self.following and self._place is None:
            self._place = self._document.locate(self.scroll_offset.y)

    def on_click(self, event: events.Click) -> None:
        if self.new_lines and event.y == self._view_height() - 1:
            self.action_scroll_end()
            return
        index = self._document.locate(self.scroll_offset.y + event.y)[0]
        if index < len(self._document) and self._document.units[index].role == "reasoning-header":
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
        styles = {role: self._role_style(role) for role in ROLES[1:]}
        palette = Palette(self.rich_style, styles)
        if columns == self._columns and palette == self._palette:
            if self.following:
                self._scroll_quietly(self.max_scroll_y)
            return
        if columns != self._columns and self in self.screen.selections:
            self.screen.clear_selection()
        self._hold_place()
        self._columns, self._palette = columns, palette
        self._document.restyle(columns, palette)
        self._moved = self._dirty = True
        self.flush()
        self._wake()

    def _role_style(self, role: str) -> Style:
        """What the style sheet sets for a role, with half-transparent colours blended."""
        partial = self.get_component_rich_style(f"transcript--{role}", partial=True)
        whole = self.get_component_rich_style(f"transcript--{role}")
        return partial + Style(
            color=whole.color if partial.color else None, bgcolor=whole.bgcolor if partial.bgcolor else None
        )

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

    # painting and selection

    def _row(self, y: int) -> Row | None:
        settled = self._document.height
        if y < settled:
            return self._document.row(y)
        return self._tail[y - settled] if y - settled < len(self._tail) else None

    def render_line(self, y: int) -> Strip:
        """One line of the view with the offsets that mouse selection reads."""
        line = self.scroll_offset.y + y
        return self._painter.with_offsets(self._strip(y), line)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines for painting. Past Textual's styles cache when no border or effect of its own is wanted: the
        painter keeps the strips of rows that didn't change, and with them their escape sequences."""
        styles = self.styles
        if styles.gutter != (0, 0, 0, 0) or self.opacity < 1 or styles.tint.a or styles.text_opacity < 1:
            return super().render_lines(crop)
        self._dirty_regions.clear()
        background = self.background_colors[1]
        strips = [self._strip(y) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        left, right = crop.column_span
        return [strip.crop(left, right) for strip in strips]

    def _strip(self, y: int) -> Strip:
        width, line = self.size.width, self.scroll_offset.y + y
        palette = self._palette
        if palette is None:
            return Strip.blank(width, self.rich_style)
        selection = self.text_selection
        span = selection.get_span(line) if selection is not None else None
        row = self._row(line)
        if span is not None and row is not None:
            marked = self.screen.get_component_rich_style("screen--selection")
            strip = self._painter.selected(row, width, palette.base, span, marked)
        else:
            strip = self._painter.strip(row, width, palette.base)
        if y == self._view_height() - 1 and (count := self.new_lines):
            label = f" ↓ {count} new line{'s' if count > 1 else ''} "
            strip = self._painter.overlaid(strip, label, palette.style("more"))
        return strip

    def selection_updated(self, selection: Selection | None) -> None:
        """A reader who selects wants the text to stand still."""
        if selection is not None:
            self.following = False
        self.refresh(self.size.region)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it is shown, without the spaces that fill lines."""
        start = selection.start.y if selection.start is not None else 0
        end = selection.end.y if selection.end is not None else self.line_count
        lines = []
        for y in range(max(0, start), min(end + 1, self.line_count)):
            row, span = self._row(y), selection.get_span(y)
            if row is not None and span is not None:
                text = row.text
                lines.append(text[span[0] : len(text) if span[1] < 0 else span[1]].rstrip())
        return "\n".join(lines), "\n"
