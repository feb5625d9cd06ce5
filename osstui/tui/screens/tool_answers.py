"""The open tool calls of a lane, each with its arguments and a place for its result."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static, TextArea
from textual.worker import Worker

from osstui.safe_text import visible, visible_line
from osstui.tui.screens.ask import YesScreen
from osstui.tui.screens.dialog import Dialog, dressed
from osstui.tui.tool_command import run_command
from osstui.tui.wording_tools import pretty

LONGEST_COMMAND = 4_000
"""Characters of a command that are shown; a longer one is not run."""


class Asked(NamedTuple):
    """A call as the screen shows it. `command`: the words that would answer it, run in `folder`."""

    name: str
    arguments: str
    problem: str | None
    command: tuple[str, ...]
    folder: Path | None


class ToolAnswersScreen(Dialog[list[str] | None]):
    """Gives back the results in the order of the calls; None when it was left, with what was written kept in
    `drafts`."""

    CSS_PATH = dressed("tool_answers.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave"),
        Binding("ctrl+s", "send", "Send", priority=True),
        Binding("ctrl+r", "run", "Run the command", priority=True),
    ]

    def __init__(self, lane: str, calls: Sequence[Asked], drafts: list[str], hidden: Collection[str]) -> None:
        super().__init__()
        self._lane, self._calls, self._drafts, self._hidden = lane, calls, drafts, hidden
        self._command: Worker[None] | None = None
        self._doubted = False

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            for at, call in enumerate(self._calls):
                yield Static(_heading(call), classes="call", markup=False)
                yield Static(Content(pretty(call.arguments)), classes="arguments", markup=False)
                if call.command:
                    yield Static(Content.styled(f"Ctrl+R runs: {_shown(call)}", "$secondary"), markup=False)
                yield TextArea(
                    visible(self._drafts[at]),
                    id=f"result-{at}",
                    tab_behavior="focus",
                    compact=True,
                    placeholder=Content(f"what {visible_line(call.name, 64)} gives"),
                )
                yield Static(id=f"said-{at}", markup=False)

    def on_mount(self) -> None:
        box = self.query_one(VerticalScroll)
        box.border_title = Content(f"What the tools give to {visible_line(self._lane, 40)}")
        box.border_subtitle = Content("Ctrl+S sends · Tab the next · Esc closes, and keeps what you wrote")
        self._area(next((at for at, text in enumerate(self._drafts) if not text), 0)).focus()

    def _area(self, at: int) -> TextArea:
        return self.query_one(f"#result-{at}", TextArea)

    def _say(self, at: int, text: str, color: str) -> None:
        self.query_one(f"#said-{at}", Static).update(Content.styled(visible_line(text, 400), color))

    def _keep(self) -> None:
        """What a command wrote stays as it came unless it was edited."""
        for at, draft in enumerate(self._drafts):
            if (text := self._area(at).text) != visible(draft):
                self._drafts[at] = text

    def action_send(self) -> None:
        if self._command is not None:
            return
        self._keep()
        empty = next((at for at, text in enumerate(self._drafts) if not text), None)
        if empty is None or self._doubted:
            self.dismiss([*self._drafts])
            return
        self._doubted = True
        self._area(empty).focus()
        self._say(empty, "This result is empty: Ctrl+S again sends it so", "$warning")

    def action_leave(self) -> None:
        """While a command runs: ends it."""
        if self._command is not None:
            self._command.cancel()
        else:
            self._keep()
            self.dismiss(None)

    def action_run(self) -> None:
        if self._command is not None:
            return
        focused = self.focused.id if isinstance(self.focused, TextArea) else None
        at = int((focused or "-0").rpartition("-")[2])
        if not self._calls[at].command:
            self._say(at, "The tools file names no command for this tool: write its result", "$warning")
        elif len(_shown(self._calls[at])) >= LONGEST_COMMAND:
            self._say(at, "This command is too long to be shown, so it is not run", "$error")
        else:
            self._command = self._run(at)

    @work(exit_on_error=False)
    async def _run(self, at: int) -> None:
        """Asks first, and shows all that will be run."""
        call = self._calls[at]
        assert call.folder is not None
        try:
            doubt = f" Its arguments do not fit: {call.problem}." if call.problem else ""
            question = f"Run {_shown(call)} with the arguments on its stdin?{doubt}"
            if not await self.app.push_screen_wait(YesScreen(question, LONGEST_COMMAND + 400)):
                return
            self._say(at, "running… Esc ends it", "$accent")
            outcome = await run_command(call.command, call.folder, call.arguments, hidden=self._hidden)
            self._drafts[at] = outcome.text
            self._area(at).text = visible(outcome.text)
            self._say(at, outcome.told, "$success" if outcome.ok else "$error")
        except asyncio.CancelledError:
            if self.is_mounted:
                self._say(at, "the command was ended", "$warning")
            raise
        finally:
            self._command = None


def _heading(call: Asked) -> Content:
    name = visible_line(call.name, 64)
    if call.problem is not None:
        return Content.assemble((f"✗ {name}", "bold $error"), f"  {visible_line(call.problem, 300)}")
    return Content.styled(name, "bold")


def _shown(call: Asked) -> str:
    return visible_line(f"{shlex.join(call.command)} (in {call.folder})", LONGEST_COMMAND)
