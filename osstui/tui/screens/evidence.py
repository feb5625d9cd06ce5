"""What stands behind a cell of the checks: the rule, the reason, and each exchange as it went."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from textual.binding import Binding, BindingType
from textual.content import Content

from osstui.checks.report import cell_document
from osstui.checks.showing import GLYPHS, worst_first
from osstui.safe_text import visible, visible_line
from osstui.tui.say import say
from osstui.tui.screens.page import PageScreen
from osstui.tui.widgets.matrix import COLORS

if TYPE_CHECKING:
    from osstui.checks.model import Check
    from osstui.checks.run import Cell, HostReport

NAMES = 16
"""Cells of the column of names."""


class Row(NamedTuple):
    name: str
    value: str
    style: str = "$secondary"
    """Of the name."""


Line = Content | Row


class EvidenceScreen(PageScreen):
    """A page to read. `plain` is what `c` copies."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("c,y", "copy", "Copy")]

    def __init__(self, title: str, lines: list[Line], plain: str) -> None:
        super().__init__(title, "c copies")
        self._lines, self._plain = lines, plain

    def text(self) -> Content:
        room = max(12, self.page.content_size.width - NAMES - 1)
        drawn = [line if isinstance(line, Content) else _drawn(line, room) for line in self._lines]
        return Content("\n").join(drawn)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(visible(self._plain))
        say(self.app, "Copied")


def of_cell(lane: str, check: Check, cell: Cell | None) -> EvidenceScreen:
    """One check at one host; None where it has not been carried out yet."""
    lines: list[Line] = [] if cell is None else [*_verdict(cell)]
    lines += [Content.styled(visible(check.rule), "$secondary")]
    if cell is None:
        return EvidenceScreen(
            f"{lane} · {check.title}", [Content("Not carried out yet."), *lines], check.rule
        )
    found = cell_document(cell)
    evidence: dict[str, Any] = found["evidence"]
    exchanges = evidence["exchanges"]
    numbers = {name: value for name, value in evidence.items() if name != "exchanges" and value is not None}
    if numbers:
        lines += [Content(""), *_rows(numbers)]
    for number, exchange in enumerate(exchanges, 1):
        lines += _exchange(exchange, f"Exchange {number} of {len(exchanges)}" if len(exchanges) > 1 else "")
    plain = json.dumps({"lane": lane, **found}, ensure_ascii=False, indent=2)
    return EvidenceScreen(f"{lane} · {check.title}", lines, plain)


def of_host(report: HostReport) -> EvidenceScreen:
    """Every result of a host in a line each, the worst first."""
    found = worst_first(report)
    lines = [
        Row(f"{GLYPHS[result]} {check}", reason, f"${COLORS[result]}") for result, check, reason in found
    ]
    target = report.target
    where = Row("host", f"{target.provider_name} · {target.base_url}")
    model = Row("model", f"{target.model} · {target.model_id}")
    plain = "\n".join(f"{result:4}  {check}: {reason}" for result, check, reason in found)
    return EvidenceScreen(report.lane, [where, model, Content(""), *lines], plain)


def of_check(check: Check) -> EvidenceScreen:
    """What a check does, and from when on it passes."""
    return EvidenceScreen(
        f"{check.id} · {check.title}",
        [Row("level", check.level), Row("group", check.group), Content(""), Content(visible(check.rule))],
        check.rule,
    )


def _verdict(cell: Cell) -> Iterator[Content]:
    result = cell.verdict.result
    words = {"pass": "PASS", "warn": "WARN", "fail": "FAIL", "n/a": "N/A"}[result]
    yield Content.assemble(
        (f"{GLYPHS[result]} {words} ", f"bold ${COLORS[result]}"),
        visible(" ".join(cell.verdict.reason.split())),
    )
    count = {0: "no request", 1: "1 request"}.get(cell.requests, f"{cell.requests} requests")
    asked = f"{count} of its own"
    cost = "" if cell.cost_usd is None else f" · ${cell.cost_usd:.6f}"
    yield Content.styled(f"{cell.ms:,.0f} ms · {asked}{cost}", "$secondary")
    yield Content("")


def _exchange(exchange: Mapping[str, Any], title: str) -> Iterator[Line]:
    """The request as it was built, then the response; a key is part of neither."""
    rest = dict(exchange)
    request = rest.pop("request", {})
    yield Content("")
    heading = "Request" + (" with a made-up key" if rest.pop("wrong_key", None) else "")
    yield Content.styled(f"{title} · {heading}" if title else heading, "bold")
    yield Content(visible(json.dumps(request, ensure_ascii=False, indent=2)))
    yield Content("")
    yield Content.styled("Response", "bold")
    yield from _rows(rest)


def _rows(values: Mapping[str, Any]) -> Iterator[Row]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            for part, inner in value.items():
                if inner is not None:
                    yield Row(f"{name}.{part}", _said(inner))
        else:
            yield Row(name, _said(value))


def _said(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:,.6g}"
    return json.dumps(value, ensure_ascii=False, default=str)


def _drawn(row: Row, room: int) -> Content:
    """The name, and the value beside it in as many lines as it takes."""
    lines = [part for line in visible(row.value).split("\n") for part in wrap(line, room) or [""]]
    indent = "\n" + " " * (NAMES + 1)
    name = visible_line(row.name, 40).ljust(NAMES)
    return Content.assemble((f"{name} ", row.style), indent.join(lines))
