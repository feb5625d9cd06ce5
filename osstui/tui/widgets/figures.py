"""Lines of figures."""

from __future__ import annotations

from textual.selection import Selection
from textual.widget import Widget


class Figures(Widget):
    """They change while they are read: a selection that is drawn over them leaves them out."""

    ALLOW_SELECT = False

    @property
    def text_selection(self) -> Selection | None:
        return None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return None
