"""Runs a question in this process: lanes, events to stdout or a fold, interrupts, and the exit code."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from msgspec import structs

from osstui.catalog import CatalogError
from osstui.cli import plain
from osstui.cli.demo import simulator
from osstui.cli.group import INTERRUPTED, narrate, wrong
from osstui.cli.output import Behind, Stdout, json_document, safe_json
from osstui.cli.progress import progress
from osstui.cli.stopping import Stop
from osstui.engine.loop import loop_factory
from osstui.events import Started, encode
from osstui.job import Job, Message, new_run_id
from osstui.measure.document import document
from osstui.measure.run import RunState
from osstui.safe_text import visible
from osstui.store.journal import Journal, JournalError
from osstui.store.schema import history_path
from osstui.store.statements import Place
from osstui.store.tee import recording, tee

if TYPE_CHECKING:
    from osstui.catalog import Catalog, Offer
    from osstui.cli.ask import Form, Question
    from osstui.engine.api import Engine
    from osstui.job import Target
    from osstui.measure.forecast import Budget
    from osstui.store.writer import HistoryWriter

    Way = Callable[[Job, Engine, "Output"], Awaitable[int]]

NOTHING_ASKED = 3


def answer(question: Question, catalog: Catalog, way: Way | None = None) -> int:
    """Asks in that way, by default once, prints, and returns the exit code."""
    with contextlib.ExitStack() as stack:
        if question.demo:
            catalog = catalog.simulated(stack.enter_context(simulator()))
        journal = stack.enter_context(_journal(question)) if question.record else None
        history = stack.enter_context(recording(narrate, wanted=question.history))
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            output = Output(question.form, Stdout(), journal, history)
            return runner.run(_answer(question, catalog, output, way or ask))


async def _answer(question: Question, catalog: Catalog, output: Output, way: Way) -> int:
    from osstui.engine.local import LocalEngine

    engine = LocalEngine()
    try:
        lanes = await choose(question, catalog, engine)
        if not lanes:
            narrate(_nobody(question))
            return NOTHING_ASKED
        job, refused = await within_budget(make_job(question, lanes), question.budget, engine)
        if not job.lanes:
            return NOTHING_ASKED
        for name, target in lanes:
            for line in question.profile.unmet(target):
                narrate(f"{name}: {line}")
        if output.history is not None:
            output.history.place(job.run, Place(system=question.profile.system))
        offers = {name: offer for name, target in lanes if (offer := catalog.offer_of(target)) is not None}
        return await way(job, engine, replace(output, offers=offers)) or int(refused)
    except CatalogError as error:
        wrong(str(error))
    finally:
        await engine.close()


async def within_budget(job: Job, budget: Budget, engine: Engine, spent_usd: float = 0.0) -> tuple[Job, bool]:
    """The job without the lanes that might pass the budget, each told, and whether there were any."""
    from osstui.engine.dialects.request import token_limit
    from osstui.measure.forecast import forecast, refused

    if (left := budget.left(spent_usd)) is None:
        return job, False
    first = job.lanes[0]
    counted = await engine.count(first.messages, first.params.effort)
    no = refused([forecast(lane, counted, token_limit(lane)) for lane in job.lanes], left)
    for lane, why in no.items():
        narrate(f"{lane}: {why}")
    return structs.replace(job, lanes=tuple(lane for lane in job.lanes if lane.lane not in no)), bool(no)


async def choose(question: Question, catalog: Catalog, engine: Engine) -> list[tuple[str, Target]]:
    """The lanes to ask: those named, else a preset's, else the best of what can be used here."""
    if question.lanes:
        return catalog.targets(catalog.lanes(question.lanes))
    from osstui.store.own import own_figures
    from osstui.surroundings import look_around, opening_specs

    around = await look_around(catalog, engine)
    specs = opening_specs(catalog, around, question.preset, measured=lambda: own_figures(history_path()))
    return catalog.targets(specs)


def _nobody(question: Question) -> str:
    ways = "osstui providers --keys lists the keys to get, --demo needs none"
    if question.preset is not None:
        return f"nothing to ask: no host of the preset {question.preset} can be asked from here; {ways}"
    return f"nothing to ask: no host has a key here and no local server answers; {ways}"


def make_job(question: Question, lanes: list[tuple[str, Target]]) -> Job:
    """The same messages and parameters for every lane."""
    talk = (Message("user", question.prompt),)
    return Job(
        new_run_id(),
        question.prompt,
        tuple(question.profile.lane(name, target, talk, question.params) for name, target in lanes),
    )


@dataclass(frozen=True, slots=True)
class Output:
    """Where a run goes: stdout, in one form, and what else is to keep its events."""

    form: Form
    out: Stdout
    journal: Journal | None = None
    history: HistoryWriter | None = None
    offers: Mapping[str, Offer] = field(default_factory=dict)
    """What the catalog says of each lane that it lists: published figures stand beside measured ones."""


async def ask(job: Job, engine: Engine, output: Output) -> int:
    """Runs the job to its end, prints it, and returns the exit code.

    An interrupt cancels the lanes and waits for their endings, so that what had arrived is printed;
    a reader who leaves stdout cancels them too.
    """
    out = output.out
    stop = Stop(lambda: engine.cancel(job.run))
    with Behind(out) as lines, stop.on_signals():
        run = await follow(job, engine, output, lines, stop)
    if output.form == "json":
        out.write(json_document(document(run)))
    elif output.form == "plain":
        text = plain.report(run) + plain.published(output.offers, plain.figures(run))
        out.write(visible(text) if out.is_terminal else text)
    for line in plain.remarks(run):
        narrate(line)
    return INTERRUPTED if stop.wanted else exit_code(run)


async def follow(
    job: Job, engine: Engine, output: Output, lines: Behind, stop: Stop, heading: str = ""
) -> RunState:
    """The fold of the job's run, when it is over; `heading` stands before the line of progress."""
    run = RunState()
    wanted = not (output.form == "jsonl" and output.out.is_terminal)
    async with progress(run, wanted=wanted, heading=heading):
        async for event in tee(engine.run(job), output.history):
            run.apply(event)
            if output.journal is not None:
                output.journal.append(event)
            if output.form == "jsonl":
                lines.write(safe_json(encode(event).decode()))
            if output.out.closed or (stop.wanted and isinstance(event, Started)):
                engine.cancel(job.run)
    return run


def exit_code(run: RunState) -> int:
    """0 every lane ended well · 1 one failed or was cut · 3 not one could be asked for want of a key."""
    errors = [lane.error for lane in run.lanes.values()]
    if all(error is not None and error.kind == "no_key" for error in errors):
        return NOTHING_ASKED
    return int(any(lane.status in ("failed", "cut") for lane in run.lanes.values()))


def _journal(question: Question) -> Journal:
    assert question.record is not None
    try:
        return Journal(question.record, narrate)
    except JournalError as error:
        return wrong(str(error))
