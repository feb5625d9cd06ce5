"""One line on the whole run: who is done, what it cost, who leads."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from osstui.measure.format import show
from osstui.measure.run import RunState
from osstui.safe_text import visible_line
from osstui.tui.widgets.figures import Figures

if TYPE_CHECKING:
    from osstui.conversation.session import Session
    from osstui.conversation.turn import Turn

BEGINNING = ("one prompt goes to all of them", "Ctrl+L chooses others", "Tab goes to the panes")
"""Before the first prompt; a narrow screen leaves the last ones out."""
RACES = (("ttft", "first"), ("speed", "fastest"), ("cost", "cheapest"))
WIDE, NARROW = "   ·   ", " · "


class TotalsLine(Figures):
    """Draws the session's figures as they are when `update` is called."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._signs: list[Content] = []
        self._full: list[Content] = []
        self._short: list[Content] = []

    def show_signs(self, signs: Iterable[str]) -> None:
        """What is switched on, before the figures."""
        self._signs = [Content.styled(sign, "bold $accent") for sign in signs]
        self.refresh()

    def update(self, session: Session) -> None:
        if session.turn is None:
            self._full = self._short = _beginning(session)
        else:
            self._full, self._short = _figures(session, session.turn)
        self.refresh()

    def render(self) -> Content:
        """In full, else with small gaps, else in short, else as many parts as fit, whole."""
        full, short = self._signs + self._full, self._signs + self._short
        width = self.size.width
        for gap, parts in ((WIDE, full), (NARROW, full), (NARROW, short)):
            if (line := Content(gap).join(parts)).cell_length <= width:
                return line
        while short and Content(NARROW).join(short).cell_length > width:
            short.pop()
        return Content(NARROW).join(short)


def _beginning(session: Session) -> list[Content]:
    count = len(session.lanes)
    spent = [_spent(session)] if session.spent_usd else []
    if not count:
        return spent
    lanes = "1 lane" if count == 1 else f"{count} lanes"
    hints = BEGINNING[1:] if count == 1 else BEGINNING
    return [_dim(lanes), *spent, *map(_dim, hints)]


def _figures(session: Session, turn: Turn) -> tuple[list[Content], list[Content]]:
    """In full and in short."""
    from osstui.measure.cost import cost_of
    from osstui.measure.leaders import leaders, totals
    from osstui.measure.metrics import BY_KEY

    merged = RunState(run="turn", prompt=turn.prompt, lanes=turn.states)
    figures = totals(merged)
    done = [Content.assemble((f"{figures.ok}/{len(turn.runs)}", "bold"), (" done", "$secondary"))]
    if figures.failed:
        done.append(Content.styled(f"{figures.failed} failed", "$error"))
    if figures.cut:
        done.append(Content.styled(f"{figures.cut} cut", "$warning"))
    if session.blind.hidden:
        return done, done
    usd = figures.cost_usd
    if usd is not None:
        usd += sum(cost_of(state).usd or 0.0 for part in turn.parts.values() for state in part.called)
    more = "+?" if figures.cost_unknown and figures.cost_usd is not None else ""
    cost = Content.styled(show(usd, "$", approximate=figures.cost_approximate) + more, "bold")
    full, won = [*done, cost + _dim(" this prompt")], dict[str, list[str]]()
    races = leaders(merged)
    for key, word in RACES:
        if names := races[key]:
            who = visible_line(names[0], 24) + (f" +{len(names) - 1}" if len(names) > 1 else "")
            value = BY_KEY[key].show(merged.lanes[names[0]])
            full.append(Content.assemble((f"{word} ", "$secondary"), (who, "bold"), f" {value}"))
            won.setdefault(who, []).append(word)
    full.append(_spent(session))
    return full, [*done, cost, *(_dim(f"{', '.join(words)} ") + Content(who) for who, words in won.items())]


def _spent(session: Session) -> Content:
    return Content(show(session.spent_usd, "$")) + _dim(" this session")


def _dim(text: str) -> Content:
    return Content.styled(text, "$secondary")
