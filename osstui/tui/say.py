"""What the app says in the corner of the screen: one plain line, whatever it holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.dom import DOMNode
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerState

from osstui.safe_text import visible_line

LONGEST = 400
"""Characters; a host's error page must not cover the screen."""
LONG = 12.0
"""Seconds for what takes a while to read."""


def say_what_broke(self: DOMNode, event: Worker.StateChanged) -> None:
    """For a class's `on_worker_state_changed`: what nobody caught in a worker is said, and ends nothing."""
    if event.state is WorkerState.ERROR:
        error = event.worker.error
        say(self.app, f"a fault of osstui's own: {type(error).__name__}: {error}", "error", timeout=LONG)


def say(
    app: App[Any], text: str, severity: SeverityLevel = "information", timeout: float | None = None
) -> None:
    """Never markup, never a control character, no name that blind mode hides. May be called from any
    thread."""
    masked: Callable[[str], str] = getattr(app, "masked", str)
    app.notify(visible_line(masked(text), LONGEST), severity=severity, timeout=timeout, markup=False)
