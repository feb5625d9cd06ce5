"""The lane picker's lines: safe text and colours, made from the catalog's table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from textual.content import Content
from textual.style import Style

from osstui.catalog.entry import price_text
from osstui.catalog.published import speeds
from osstui.catalog.table import COLUMNS, GAP, UNKNOWN, Column, Fit, fit
from osstui.safe_text import visible_line
from osstui.tui.picking import Choice, Picker

_COLORS = {"good": "$success", "missing": "$secondary", "stale": "$warning", "dim": "$secondary"}
_TICKED, _FREE = "● ", "○ "


def table_fit(choices: Sequence[Choice], width: int) -> Fit:
    """The table's own columns, the first of them with the lanes' labels, as far as `width` cells go."""
    labels = {id(choice.row): choice.label for choice in choices}
    return fit([choice.row for choice in choices], width, _columns(labels))


def _columns(labels: Mapping[int, str]) -> list[Column]:
    return [
        replace(column, text=lambda row: labels.get(id(row), row.provider))
        if column.key == "name"
        else column
        for column in COLUMNS
    ]


def line(choice: Choice, fitted: Fit, ticks: int) -> Content:
    """One lane: its tick, green where it can be asked at once, and the cells that fit."""
    tick = f"{ticks}×" if ticks > 1 else _TICKED if ticks else _FREE
    usable = "$success" if choice.row.usable else "$secondary"
    cells = fitted.cells(choice.row)
    parts: list[tuple[str, str]] = [(f"{tick} ", usable)]
    for column, (text, kind) in zip(fitted.columns, cells, strict=True):
        name = column.key == "name"
        shown = _relabelled(choice, fitted.doubt(choice.row), text) if name else text
        parts.append((f"{shown}{GAP}", "bold" if name and ticks else _COLORS.get(kind, "")))
    return Content.assemble(*parts)


def _relabelled(choice: Choice, doubt: str, text: str) -> str:
    """A route's label changes when the filter hides its host; the column's width does not."""
    return visible_line(choice.label + doubt, len(text)).ljust(len(text))


def heading(fitted: Fit, picker: Picker) -> Content:
    """The columns' titles; each sorts when it is clicked, and the one that does is marked."""
    parts: list[str | tuple[str, str | Style]] = ["   "]
    for text, key in fitted.head():
        click = Style.from_meta({"@click": f"screen.sort('{key}')"})
        mark = ("▼" if picker.reverse else "▲") if key == picker.sort else " "
        style = Style(bold=True) + click if key == picker.sort else click
        parts += [(text, style), f"{mark} "]
    return Content.assemble(*parts)


def bar(picker: Picker, presets: Sequence[str], *, short: bool) -> Content:
    """The model that the table is of and the presets, with their keys; both can be clicked."""
    gap = " " if short else "  "
    parts: list[str | tuple[str, str | Style]] = [
        ("F2 ", "$secondary"),
        (
            f"{'' if short else 'Model '}{visible_line(picker.model, 40)}",
            Style(bold=True) + Style.from_meta({"@click": "screen.next_model"}),
        ),
    ]
    parts.append((f" {gap}Alt+", "$secondary"))
    for n, name in enumerate(presets[:9], 1):
        click = Style.from_meta({"@click": f"screen.preset({n})"})
        parts += [(f"{n} ", "$secondary"), (visible_line(name, 20), click), gap]
    return Content.assemble(*parts)


def details(choice: Choice, picker: Picker, *, short: bool) -> Content:
    """Paragraphs on one lane: what the columns leave out, the price with its source and age, and what is
    published of its speed beside what the user measured."""
    row = choice.row
    offer = picker.catalog.providers[row.provider].models.get(picker.catalog.target(choice.spec).model)
    price = price_text(offer.price, picker.today) if offer and offer.price else f"price {UNKNOWN}"
    route = f"another route to {row.route_of}" if row.route_of else ""
    facts = [row.name, row.key, row.status, *([] if short else [row.dialect, row.model_id]), route]
    first = visible_line(" · ".join(fact for fact in facts if fact), 300)
    stale = row.freshness in ("stale", "undated")
    lines = [
        Content.styled(first, "$foreground"),
        Content.styled(visible_line(price, 300), "$warning" if stale else "$secondary"),
    ]
    if told := speeds(offer, row.own, picker.today):
        lines.append(Content.styled(visible_line(told, 300), "$secondary"))
    return Content("\n").join(lines)
