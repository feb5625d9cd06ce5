"""Keys typed faster than they are handled: one that moves the focus takes those behind it along."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.widget import Widget

from osstui.tui.commands import COMMANDS

MOVES: Final = {
    key: command.binding.action
    for command in COMMANDS
    if command.action.startswith(("focus_", "move_focus", "step_back"))
    for key in command.keys.split(",")
}
"""By key, the actions among the panes that move the focus. They are run where the key arrives: found after
bubbling, as others are, they would be overtaken by the keys behind them."""


def passed_on(widget: Widget, event: events.Key) -> bool:
    """Whether the focus has gone elsewhere since the key was typed; then the key follows it."""
    there = widget.app.focused or widget.app.screen
    if there is widget:
        return False
    event.stop()
    event.prevent_default()
    there._forward_event(events.Key(event.key, event.character))
    return True
