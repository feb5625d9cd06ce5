"""Hosts × checks, filling in as the answers come, with the reason and the evidence behind each cell."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import DataTable, Static
from textual.worker import Worker, WorkerError

from osstui.checks.report import junit
from osstui.checks.showing import as_text, totals
from osstui.checks.table import BY_ID
from osstui.measure.format import show
from osstui.safe_text import visible, visible_line
from osstui.tui.checking import Checking
from osstui.tui.files import write_new
from osstui.tui.say import say, say_what_broke
from osstui.tui.screens.ask import ChoiceScreen
from osstui.tui.screens.checks_start import ChecksStart, Order
from osstui.tui.screens.evidence import of_cell, of_check, of_host
from osstui.tui.widgets.key_line import KeyLine
from osstui.tui.widgets.matrix import COLORS, Matrix, reads_better_across

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from osstui.checks.model import Check

FRAMES = 10
"""Per second."""
FORMATS = {"json": "what osstui check --json prints", "junit": "JUnit XML", "text": "tables and reasons"}
ENDINGS = {"json": "json", "junit": "xml", "text": "txt"}


class ChecksScreen(ModalScreen[None]):
    """`left` says what the session's budget leaves; `others` gives the checks of other hosts, by what is
    shown now: the app's lanes, or every host that can be asked."""

    CSS_PATH = "checks.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", show=False)]
    AUTO_FOCUS = "Matrix"
    matrix = getters.query_one(Matrix)
    head = getters.query_one("#head", Static)
    about = getters.query_one("#about", Static)
    line = getters.query_one("#line", Static)
    on_worker_state_changed = say_what_broke

    def __init__(
        self,
        checking: Checking,
        left: Callable[[], float | None],
        others: Callable[[Checking], Checking | None],
    ) -> None:
        super().__init__()
        self.checking = checking
        self._left, self._others = left, others
        self._timer: Timer | None = None
        self._worker: Worker[None] | None = None
        self._turned = False
        """The user has turned the table over: it stays as it is."""
        self._told = ""

    def compose(self) -> ComposeResult:
        yield Static(id="head", markup=False)
        yield Matrix(self.checking)
        yield Static(id="about", markup=False)
        yield Static(id="line", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        self._timer = self.set_interval(1 / FRAMES, self._frame, pause=not self.checking.live)
        self.watch(self.app, "theme", self._recolor, init=False)
        self.call_after_refresh(self._opened)

    def _opened(self) -> None:
        self._lay_out()
        if not self.checking.begun:
            self.action_run()

    def on_resize(self) -> None:
        if self._timer is not None:
            self.call_after_refresh(self._lay_out)

    # drawing

    def _recolor(self) -> None:
        self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        across = self.matrix.hosts_across
        if not self._turned:
            size = self.matrix.size
            across = reads_better_across(self.checking, size.width, size.height)
        self.matrix.fill(self.checking, hosts_across=across)
        self._frame()

    def _frame(self) -> None:
        if self.checking.changed:
            self.checking.changed = False
            self.matrix.redraw()
        self._describe()
        self._progress()
        if not self.checking.live and self._timer is not None:
            self._timer.pause()

    def _progress(self) -> None:
        checking = self.checking
        hosts = "1 host" if len(checking.lanes) == 1 else f"{len(checking.lanes)} hosts"
        simulated = " · simulated" if all(target.simulated for _, target in checking.lanes) else ""
        self.head.update(
            Content.assemble(
                ("Checks", "bold"), (f"  {checking.level} · {len(checking.checks)} checks · {hosts}", ""),
                (simulated, "$warning"),
            )
        )  # fmt: skip
        tally, budget = checking.tally(), checking.budget
        spent = show(budget.spent, "$")
        most = "" if budget.limit is None else f" of at most {show(budget.limit, '$')}"
        if checking.live:
            parts = [f"{tally.done}/{tally.all} checks"]
            parts += [f"{tally.failed} failed"] if tally.failed else []
            parts += [f"{tally.warned} warned"] if tally.warned else []
            text = " · ".join([*parts, f"{checking.seconds:.1f} s", f"{spent}{most} · x cancels"])
        elif checking.begun:
            text = f"{totals(checking.reports.values(), budget.spent)}{most} · {checking.seconds:.1f} s"
            text += f" · {self._told}" if self._told else ""
        else:
            text = "Nothing was checked yet: r starts"
        self.line.update(Content.styled(visible_line(text, 300), "$secondary"))

    @on(DataTable.CellHighlighted)
    def _describe(self) -> None:
        """The cell under the cursor in words."""
        place = self.matrix.place
        if place is None:
            return
        lane = visible_line(place.lane or "", 40)
        if place.check is None:
            hint = "Enter lists every reason" if lane else "The worst of a host's results"
            text = Content.assemble((lane or "verdict", "bold"), "  ", (hint, "$secondary"))
        elif place.lane is None:
            check = BY_ID[place.check]
            text = Content.assemble(
                (check.title, "bold"), "  ", (visible_line(check.rule, 500), "$secondary")
            )
        else:
            check, state = BY_ID[place.check], self.checking.state(place.lane, place.check)
            cell = self.checking.cell(place.lane, place.check)
            reason = visible_line(cell.verdict.reason, 300) if cell and state != "running" else state
            text = Content.assemble((f"{lane} {check.title}  ", "bold"), (reason, f"${COLORS[state]}"))
        self.about.update(text)

    # what the user does

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_run(self) -> None:
        """Asks how deep and how dear, then checks every host from the start."""
        if self._busy():
            return
        start = ChecksStart(self.checking.lanes, self.checking.level, self._left())
        order: Order | None = await self.app.push_screen_wait(start)
        if order is not None:
            self.checking.begin(order.level, order.limit)
            self._lay_out()
            self._begin(self.checking.run())

    def action_host(self) -> None:
        self._again(cell=False)

    def action_cell(self) -> None:
        self._again(cell=True)

    def _again(self, *, cell: bool) -> None:
        place = self.matrix.place
        if self._busy() or place is None or not self.checking.begun:
            return
        if place.lane is None or (cell and place.check is None):
            say(self.app, "Go to a cell of a host first")
            return
        check: Check | None = BY_ID[place.check] if cell and place.check else None
        self._begin(self.checking.again(place.lane, check))

    def _busy(self) -> bool:
        if self.checking.live:
            say(self.app, "Checks are running: wait, or cancel them with x")
        return self.checking.live

    def _begin(self, work: Coroutine[None, None, None]) -> None:
        self._told = ""
        self._worker = self.run_worker(self._watch(work), group="checks", exit_on_error=False)

    async def _watch(self, work: Coroutine[None, None, None]) -> None:
        if self._timer is not None:
            self._timer.resume()
        try:
            await work
        except asyncio.CancelledError:
            self._told = "cancelled"
            raise
        except Exception as error:
            why = visible_line(str(error) or type(error).__name__, 200)
            say(self.app, f"the checks broke off: {why}", "error")
        finally:
            if self.is_attached:
                self._frame()

    def action_cancel(self) -> None:
        if not self.checking.live:
            say(self.app, "No checks are running")
        elif self._worker is not None:
            self._worker.cancel()

    async def action_leave(self) -> None:
        """Running checks end here, and their cost is told."""
        if self.checking.live and self._worker is not None:
            self._worker.cancel()
            with contextlib.suppress(WorkerError):
                await self._worker.wait()
            say(self.app, f"The checks were cancelled; they cost {show(self.checking.budget.spent, '$')}")
        self.dismiss(None)

    def action_open(self) -> None:
        if (place := self.matrix.place) is None:
            return
        if place.lane is None:
            if place.check is not None:
                self.app.push_screen(of_check(BY_ID[place.check]))
        elif place.check is None:
            self.app.push_screen(of_host(self.checking.reports[place.lane]))
        else:
            cell = self.checking.cell(place.lane, place.check)
            self.app.push_screen(of_cell(place.lane, BY_ID[place.check], cell))

    @on(DataTable.CellSelected)
    def _clicked(self) -> None:
        self.action_open()

    def action_turn(self) -> None:
        """Rows become columns."""
        self._turned = True
        self.matrix.hosts_across = not self.matrix.hosts_across
        self._lay_out()

    def action_all(self) -> None:
        """From the app's lanes to every host that can be asked, and back."""
        if self._busy():
            return
        other = self._others(self.checking)
        if other is None:
            say(self.app, "There are no other hosts that can be asked from here")
            return
        self.checking = other
        self._lay_out()
        if not other.begun:
            self.action_run()

    # taking it along

    def action_copy(self) -> None:
        if self.checking.begun:
            self.app.copy_to_clipboard(visible(self._text()))
            say(self.app, "Copied the tables and every reason")

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_save(self) -> None:
        if not self.checking.begun:
            say(self.app, "Nothing was checked yet")
            return
        name = await self.app.push_screen_wait(ChoiceScreen("Save the report as", FORMATS))
        if name is None:
            return
        try:
            path = await asyncio.to_thread(
                write_new, Path.cwd(), "osstui-checks", ENDINGS[name], self._written(name)
            )
        except OSError as error:
            say(self.app, f"cannot save the report: {error.strerror or error}", "error")
            return
        say(self.app, f"Saved as {path}")

    def _written(self, name: str) -> bytes:
        if name == "junit":
            return junit(self.checking.reports.values(), self.checking.started_at)
        if name == "json":
            text = json.dumps(self.checking.document(), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
            return text.encode("utf-8", "replace")
        return visible(self._text()).encode("utf-8", "replace")

    def _text(self) -> str:
        checking = self.checking
        width = shutil.get_terminal_size().columns
        return as_text([*checking.reports.values()], checking.checks, width, checking.budget.spent)
