"""`osstui ask --repeat N`: one question N times, one run after the other, and the statistics of the runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import structs

from osstui.cli import plain
from osstui.cli.group import INTERRUPTED, narrate
from osstui.cli.output import Behind, json_document
from osstui.cli.race import NOTHING_ASKED, Output, exit_code, follow, within_budget
from osstui.cli.repeat_table import medians, table
from osstui.cli.stopping import Stop
from osstui.job import Job, new_run_id
from osstui.measure.document import document
from osstui.measure.repeats import Repeats
from osstui.measure.repeats import document as repeats_document
from osstui.safe_text import visible
from osstui.store.statements import Place

if TYPE_CHECKING:
    from osstui.cli.ask import Form, Question
    from osstui.engine.api import Engine
    from osstui.measure.run import RunState
    from osstui.store.writer import HistoryWriter


@dataclass(slots=True)
class Repeated:
    """Takes the place of `race.ask`: each run is one of its own in files and history."""

    question: Question
    times: int
    repeats: Repeats = field(default_factory=Repeats)
    answers: str = ""
    """Of the first run, for people."""
    documents: list[dict[str, object]] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    async def __call__(self, job: Job, engine: Engine, output: Output) -> int:
        """Runs, prints and returns the exit code: 0 only when every lane of every run ended well.

        An interrupt cancels the run that is going on and prints what there is; a reader who leaves ends it.
        """
        upcoming: Job | None = job
        running = job
        stop = Stop(lambda: engine.cancel(running.run))
        nothing = False
        with Behind(output.out) as lines, stop.on_signals():
            while upcoming is not None and not stop.wanted:
                running = upcoming
                heading = f"run {self.repeats.runs + 1}/{self.times}"
                run = await follow(running, engine, output, lines, stop, heading)
                self._take(run, output.form)
                nothing = self.repeats.runs == 1 and exit_code(run) == NOTHING_ASKED
                if nothing or stop.wanted or output.out.closed or self.repeats.runs == self.times:
                    break
                upcoming = await self._next(job, engine, output.history)
        self._print(output)
        if stop.wanted:
            return INTERRUPTED
        if nothing:
            return NOTHING_ASKED
        return int(self.repeats.runs < self.times or not self.repeats.all_ok)

    async def _next(self, job: Job, engine: Engine, history: HistoryWriter | None) -> Job | None:
        """The same job as a run of its own; None when it might pass the budget, whose lanes are told."""
        again = structs.replace(job, run=new_run_id())
        again, refused = await within_budget(again, self.question.budget, engine, self.repeats.spent_usd)
        if refused:
            narrate(f"stopped after {self.repeats.runs} of {self.times} runs: the budget is used up")
            return None
        if history is not None:
            history.place(again.run, Place(system=self.question.profile.system))
        return again

    def _take(self, run: RunState, form: Form) -> None:
        self.repeats.add(run)
        first = self.repeats.runs == 1
        if form == "json":
            self.documents.append(document(run))
        elif first and form == "plain":
            self.answers = plain.answers(run)
        failures = [] if first else [f"{name}: {why}" for name, lane in run.lanes.items()
                                     if (why := plain.failure(lane)) is not None]  # fmt: skip
        for line in [*failures, *plain.remarks(run)]:
            if line not in self._told:
                self._told.add(line)
                narrate(line if first else f"run {self.repeats.runs}: {line}")

    def _print(self, output: Output) -> None:
        out = output.out
        if output.form == "json":
            out.write(json_document(repeats_document(self.repeats, self.times, self.documents)))
        elif output.form == "plain":
            published = plain.published(output.offers, medians(self.repeats))
            text = self.answers + table(self.repeats) + published
            out.write(visible(text) if out.is_terminal else text)
