"""One line on the whole run: who is done, what it cost, who leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from osstui.measure.format import show
from osstui.measure.run import RunState
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from osstui.conversation.session import Session

BEGINNING = ("one prompt goes to all of them", "Ctrl+L chooses others", "Tab goes to the panes")
"""Before the first prompt; a narrow screen leaves the last ones out."""
RACES = (("ttft", "first"), ("speed", "fastest"), ("cost", "cheapest"))


class TotalsLine(Widget):
    """Draws the session's figures as they are when `update` is called."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: list[Content] = []
        self._signs: list[Content] = []

    def show_signs(self, signs: Iterable[str]) -> None:
        """What is switched on, before the figures."""
        self._signs = [Content.styled(sign, "bold $accent") for sign in signs]
        self.refresh()

    def update(self, session: Session) -> None:
        self._parts = list(_parts(session))
        self.refresh()

    def render(self) -> Content:
        """As many parts as fit, whole."""
        line = Content("")
        gap = " · " if self.size.width < 100 else "   ·   "
        for part in (*self._signs, *self._parts):
            longer = line + gap + part if line.plain else part
            if longer.cell_length > self.size.width:
                break
            line = longer
        return line


def _parts(session: Session) -> list[Content]:
    turn = session.turn
    if turn is None:
        if not (count := len(session.lanes)):
            return [_session(session)] if session.spent_usd else []
        several = count > 1
        return [
            Content.styled(f"{count} lane{'s' * several}", "$secondary"),
            *([_session(session)] if session.spent_usd else []),
            *(Content.styled(hint, "$secondary") for hint in BEGINNING[not several :]),
        ]
    from osstui.measure.cost import cost_of
    from osstui.measure.leaders import leaders, totals
    from osstui.measure.metrics import BY_KEY

    merged = RunState(run="turn", prompt=turn.prompt, lanes=turn.states)
    figures = totals(merged)
    parts = [Content.assemble((f"{figures.ok}/{len(turn.runs)}", "bold"), (" done", "$secondary"))]
    if figures.failed:
        parts.append(Content.styled(f"{figures.failed} failed", "$error"))
    if figures.cut:
        parts.append(Content.styled(f"{figures.cut} cut", "$warning"))
    if session.blind.hidden:
        return parts
    usd = figures.cost_usd
    if usd is not None:
        usd += sum(cost_of(state).usd or 0.0 for states in turn.called.values() for state in states)
    cost = show(usd, "$", approximate=figures.cost_approximate)
    more = "+?" if figures.cost_unknown and figures.cost_usd is not None else ""
    parts.append(Content.assemble((cost + more, "bold"), (" this prompt", "$secondary")))
    races = leaders(merged)
    for key, word in RACES:
        if names := races[key]:
            lane = merged.lanes[names[0]]
            who = visible_line(names[0], 24) + (f" +{len(names) - 1}" if len(names) > 1 else "")
            parts.append(
                Content.assemble((f"{word} ", "$secondary"), (who, "bold"), " ", (BY_KEY[key].show(lane), ""))
            )
    parts.append(_session(session))
    return parts


def _session(session: Session) -> Content:
    return Content.assemble((show(session.spent_usd, "$"), ""), (" this session", "$secondary"))
