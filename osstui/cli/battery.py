"""Carries out `osstui check`: lanes, the estimate, the battery once or on a schedule, and the exit code."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from osstui.catalog import CatalogError
from osstui.checks.asking import Budget
from osstui.checks.report import changes, document, junit, lanes_of
from osstui.checks.run import Battery
from osstui.checks.showing import ASK_ABOVE_USD, as_text, estimate, estimate_text
from osstui.cli.demo import simulator
from osstui.cli.group import INTERRUPTED, narrate, wrong
from osstui.cli.matrix import Live
from osstui.cli.output import Stdout, json_document, safe_json
from osstui.cli.stopping import Stop
from osstui.engine.loop import loop_factory
from osstui.measure.format import show
from osstui.safe_text import visible

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.checks.otel import Telemetry
    from osstui.cli.check import Order
    from osstui.engine.api import InspectingEngine
    from osstui.job import Target

NOTHING_CHECKED = 3
PLAIN_WIDTH = 120
"""Where stdout is no terminal."""

Lanes = list[tuple[str, "Target"]]


def carry_out(order: Order, catalog: Catalog) -> int:
    """Checks, prints, and returns the exit code. A file that can't be written ends it before it begins."""
    for path in (order.jsonl, order.junit):
        if path is not None:
            try:
                path.open("ab").close()
            except OSError as error:
                wrong(f"cannot write {path}: {error.strerror or error}")
    with contextlib.ExitStack() as stack:
        telemetry = _telemetry(stack) if order.otel else None
        if order.demo:
            catalog = catalog.simulated(stack.enter_context(simulator()))
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            return runner.run(_carry_out(order, catalog, telemetry))


async def _carry_out(order: Order, catalog: Catalog, telemetry: Telemetry | None) -> int:
    from osstui.engine.local import LocalEngine

    engine = LocalEngine()
    try:
        lanes = await choose_lanes(order, catalog, engine)
        if not lanes:
            narrate("nothing to check: no host has a key here and no local server answers; try --demo")
            return NOTHING_CHECKED
        if not _agreed(order, lanes):
            return NOTHING_CHECKED
        return await Rounds(order, lanes, engine, telemetry).run()
    except CatalogError as error:
        wrong(str(error))
    finally:
        await engine.close()


async def choose_lanes(order: Order, catalog: Catalog, engine: InspectingEngine) -> Lanes:
    """Those named, else a preset's, else every host that can be used here (a handful in the demo)."""
    if order.lanes:
        return catalog.targets(catalog.lanes(order.lanes))
    from osstui.store.own import own_figures
    from osstui.store.schema import history_path
    from osstui.surroundings import look_around, opening_specs, usable_specs

    around = await look_around(catalog, engine)
    if order.preset is None and not order.demo:
        return catalog.targets(usable_specs(catalog, around))
    specs = opening_specs(catalog, around, order.preset, measured=lambda: own_figures(history_path()))
    return catalog.targets(specs)


def _agreed(order: Order, lanes: Lanes) -> bool:
    usd = estimate(order.checks, lanes).usd
    narrate(estimate_text(order.checks, lanes) + (" each time" if order.watch else ""))
    if usd <= ASK_ABOVE_USD or order.yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    return click.confirm("Go on?", default=True, err=True)


class Rounds:
    """The battery once, or again and again, from one beginning to the next. `--max-cost` is for all rounds
    together."""

    def __init__(
        self, order: Order, lanes: Lanes, engine: InspectingEngine, telemetry: Telemetry | None
    ) -> None:
        self._order, self._lanes, self._engine, self._telemetry = order, lanes, engine, telemetry
        self._budget, self._before = Budget(order.max_cost), order.baseline
        self._task: asyncio.Task[None] | None = None
        self._stop = Stop(self._cancel)

    async def run(self) -> int:
        """The exit code."""
        every, most, clock = self._order.watch, self._order.max_cost, asyncio.get_running_loop().time
        with self._stop.on_signals():
            while True:
                begun, spent = clock(), self._budget.spent
                code = await self._round()
                if every is None or code == INTERRUPTED:
                    return code
                if most is not None and self._budget.spent + (self._budget.spent - spent) > most:
                    narrate(f"ends here: another round could pass {show(most, '$')}")
                    return code
                if not await self._whole(asyncio.sleep(begun + every - clock())):
                    return INTERRUPTED

    async def _round(self) -> int:
        """One run of the battery, printed."""
        started_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        order, telemetry, spent = self._order, self._telemetry, self._budget.spent
        live = Live([lane for lane, _ in self._lanes], order.checks, narrate)
        saw = {"saw": telemetry.saw} if telemetry else {}
        battery = Battery(self._engine, self._lanes, order.checks, budget=self._budget, told=live.told, **saw)
        async with live.painting():
            whole = await self._whole(battery.run())
        reports = list(battery.reports.values())
        now = document(reports, started_at, self._budget.spent - spent)
        if self._before is not None:
            now["changes"] = _say_changes(self._before, now)
        self._before = now if order.watch is not None else None
        _print(order, battery, now, self._budget.spent - spent)
        if telemetry is not None:
            telemetry.judged(reports)
            if where := await asyncio.to_thread(telemetry.send):
                narrate(
                    f"the metrics could not be sent to {where}; OTEL_EXPORTER_OTLP_ENDPOINT names another"
                )
        if not whole:
            return INTERRUPTED
        if all(one.unchecked for one in reports):
            return NOTHING_CHECKED
        return int(any(one.verdict == "fail" for one in reports))

    async def _whole(self, work: Coroutine[None, None, None]) -> bool:
        """To its end, or until somebody interrupts: then false."""
        self._task = asyncio.create_task(work)
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        return not self._stop.wanted

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()


def _print(order: Order, battery: Battery, now: dict[str, Any], cost_usd: float) -> None:
    out = Stdout()
    reports = list(battery.reports.values())
    if order.as_json:
        out.write(json_document(now))
    else:
        width = shutil.get_terminal_size().columns if out.is_terminal else PLAIN_WIDTH
        out.write(visible(as_text(reports, order.checks, width, cost_usd)))
    if order.jsonl is not None:
        line = safe_json(json.dumps(now, ensure_ascii=False, allow_nan=False)) + "\n"
        _write(order.jsonl, line.encode(), append=True)
    if order.junit is not None:
        _write(order.junit, junit(reports, now["started_at"]), append=False)


def _say_changes(before: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    found = changes(before, now)
    for change in found:
        what = f"{change['lane']}: {change['check']}: {change['was']} → {change['now']}"
        narrate(f"changed: {what}: {change['reason']}")
    for lane in sorted(lanes_of(before) - lanes_of(now)):
        narrate(f"not checked this time: {lane}")
    if not found:
        narrate("nothing changed")
    return found


def read_baseline(path: Path) -> dict[str, Any]:
    """The document of a `--json` file, or the last one of a `--jsonl` file. Another file ends the command."""
    try:
        text = path.read_text("utf-8").strip()
        try:
            found = json.loads(text)
        except ValueError:
            found = json.loads(text.splitlines()[-1])
        changes(found, found)
    except (OSError, ValueError, IndexError) as error:
        wrong(f"{path}: can't be compared with: {error}")
    assert isinstance(found, dict)
    return found


def _write(path: Path, data: bytes, *, append: bool) -> None:
    try:
        with path.open("ab" if append else "wb") as file:
            file.write(data)
    except OSError as error:
        narrate(f"cannot write {path}: {error.strerror or error}")


def _telemetry(stack: contextlib.ExitStack) -> Telemetry:
    try:
        from osstui.checks.otel import Telemetry
    except ImportError:
        wrong("--otel needs OpenTelemetry: pip install 'osstui[otel]'")
    telemetry = Telemetry()
    stack.callback(telemetry.close)
    return telemetry
