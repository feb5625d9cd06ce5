"""How a transcript looks: its style sheet, of theme colours only, and the palette that follows from it."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from textual.widget import Widget

from osstui.tui.markdown.render import ROLES, Palette

CLASSES: Final = {f"transcript--{role}" for role in ROLES}
"""Component classes, one a role of the palette; a theme's style sheet may set any of them."""

CSS: Final = """
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
    & > .transcript--more { color: $background; background: $primary; }
}
"""


def palette_of(widget: Widget) -> Palette:
    """The palette that the style sheet gives a transcript now, half-transparent colours blended."""
    return Palette(widget.rich_style, {role: _style(widget, f"transcript--{role}") for role in ROLES[1:]})


def _style(widget: Widget, name: str) -> Style:
    """What is set for a component class and nothing that it inherits."""
    partial = widget.get_component_rich_style(name, partial=True)
    whole = widget.get_component_rich_style(name)
    return partial + Style(
        color=whole.color if partial.color else None, bgcolor=whole.bgcolor if partial.bgcolor else None
    )
