"""Which keys osstui would use, best first, with the line that sets each; and the local servers found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.style import Style

from osstui.catalog import DEFAULT_MODEL
from osstui.catalog.first_run import FirstRun, WantedKey, first_run
from osstui.catalog.rows import STALE_DAYS, freshness
from osstui.catalog.shells import Shell, shell_of
from osstui.catalog.table import MARKS
from osstui.measure.format import show
from osstui.safe_text import visible_line
from osstui.tui.say import say
from osstui.tui.screens.page import PageScreen

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.surroundings import Surroundings

WIDE = 100
"""Columns from which on a key and its figures share a line."""
LINE = 40
"""Cells of the longest line that sets a key."""
NAMES, PRICE, SPEED = 25, 9, 13
"""Cells of what stands beside it."""


class KeysScreen(PageScreen):
    """A quiet page: nothing on it is secret, nothing is changed by it. A click copies a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "dismiss(None)", "Close", show=False),
        Binding("c", "copy(0)", "Copy the first line"),
    ]

    def __init__(
        self, catalog: Catalog, around: Surroundings, *, today: date, shell: Shell | None = None
    ) -> None:
        super().__init__("Keys and local servers", "c or a click copies")
        self.catalog, self.today = replace(catalog, simulator=None), today
        shell = shell or shell_of(os.environ, windows=sys.platform == "win32")
        self.found: FirstRun = first_run(
            self.catalog, around.keys, list(around.servers.values()), shell=shell
        )
        self.to_set = [line for key in self.found.keys for line in key.lines]
        """Every line that there is to type, best first."""

    def text(self) -> Content:
        return Content("\n").join(self._lines(self.app.size.width >= WIDE))

    def action_copy(self, number: int) -> None:
        if number < len(self.to_set):
            self.app.copy_to_clipboard(self.to_set[number])
            say(self.app, f"Copied: {self.to_set[number]}")

    def _lines(self, wide: bool) -> Iterator[Content]:
        yield Content.styled("Local servers", "bold $primary")
        yield from self._servers()
        yield Content("")
        yield Content.styled(f"Keys for {DEFAULT_MODEL}, best first by price and speed", "bold $primary")
        yield Content.styled(
            "Type one of these lines in your shell, with your key for …, and start osstui again.",
            "$secondary",
        )
        number = 0
        for key in self.found.keys:
            yield self._key(key, number, wide)
            number += len(key.lines)
        yield Content.styled(
            f"$ per 1M tokens at 3 in : 1 out · ! price older than {STALE_DAYS} days · ? without a date "
            "· tok/s as published",
            "$secondary",
        )

    def _servers(self) -> Iterator[Content]:
        for provider, models in self.found.servers:
            shown = ", ".join(models[:5]) or "it lists no model"
            more = f" and {len(models) - 5} more" if len(models) > 5 else ""
            yield Content.assemble(
                ("✓ ", "$success"),
                (visible_line(provider, 40), "bold"),
                (f" answers here: {visible_line(shown, 300)}{more}", ""),
            )
        if not self.found.servers:
            known = ", ".join(p.id for p in self.catalog.providers.values() if p.local and not p.route_of)
            yield Content.styled(f"none answers here (looked for {visible_line(known, 300)})", "$secondary")

    def _key(self, key: WantedKey, number: int, wide: bool) -> Content:
        """Variables on lines of their own, each to be copied by a click, then what they open."""
        lines: list[Content] = []
        for at, text in enumerate(key.lines):
            click = Style.from_meta({"@click": f"screen.copy({number + at})"})
            lines.append(Content.assemble((visible_line(text, 200), Style(bold=True) + click)))
        if not lines:
            glyph, color = ("✓", "$success") if key.present else ("·", "$secondary")
            verb = "" if key.present else "needs "
            lines.append(Content.styled(f"{glyph} {verb}{visible_line(key.source, 80)}", color))
        elif not key.present and not key.source.isupper():
            lines.append(Content.styled(f"· needs {visible_line(key.source, 80)}", "$secondary"))
        names, price, speed = self._figures(key)
        if wide:
            told = f"{names:<{NAMES}}{price:>{PRICE}}{speed:>{SPEED}}"
            *first, last = lines
            last = last.pad_right(LINE - last.cell_length) + Content.styled(told, "$secondary")
            return Content("\n").join([*first, last])
        told = "  ".join(filter(None, (names, price, speed)))
        return Content("\n").join([*lines, Content.styled(f"    {told}", "$secondary")])

    def _figures(self, key: WantedKey) -> tuple[str, str, str]:
        """Hosts, price and speed, the latter two empty where they are not known."""
        first = self.catalog.providers[key.providers[0]].models[DEFAULT_MODEL]
        price = speed = ""
        if key.blended is not None and first.price is not None:
            price = MARKS.get(freshness(first.price.as_of, self.today), "") + show(key.blended, "$")
        if key.output_tps is not None:
            speed = f"{key.output_tps:,.0f} tok/s"
        return ", ".join(visible_line(name, 40) for name in key.providers), price, speed
