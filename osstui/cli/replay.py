"""`osstui replay RUN|FILE`: a recorded run again, without a host and with the same numbers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from osstui.cli.group import INTERRUPTED, narrate, wrong
from osstui.cli.launch import in_a_terminal, launch
from osstui.cli.options import Finite
from osstui.cli.output import Stdout
from osstui.cli.past import opened

if TYPE_CHECKING:
    from osstui.cli.ask import Form
    from osstui.events import AnyEvent


@click.command(short_help="Play a recorded run again, with the same numbers.")
@click.argument("recording", metavar="RUN|FILE")
@click.option(
    "--speed",
    type=Finite(min=0, min_open=True),
    metavar="X",
    help="2 is twice as fast. By default 1, and at once with --json.",
)
@click.option("--plain", is_flag=True, help="As `osstui ask` prints it, in a terminal too.")
@click.option("--json", "as_json", is_flag=True, help="One document at the end.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Event lines at their pace.")  # fmt: skip
def replay(recording: str, speed: float | None, plain: bool, as_json: bool, as_jsonl: bool) -> int:
    """Play a run of the history, or every run of a file of event lines, with the same numbers.

    In a terminal it is played on the screen of the app; else, or with --plain, it is printed as `osstui ask`
    would print it. Lanes that the recording leaves without an ending are cut.
    """
    if plain + as_json + as_jsonl > 1:
        wrong("--plain, --json and --jsonl exclude each other")
    form: Form = "json" if as_json else "jsonl" if as_jsonl else "plain"
    runs = _of_file(Path(recording)) if Path(recording).is_file() else iter(_of_history(recording))
    if not (plain or as_json or as_jsonl) and in_a_terminal() and sys.stdout.isatty():
        from osstui.tui.opening import Opening, Recorded

        launch(Opening(play=Recorded([*runs], speed or 1.0)))
        return 0
    from osstui.engine.loop import loop_factory
    from osstui.store.replay import AT_ONCE

    pace = speed or (AT_ONCE if as_json else 1.0)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        return runner.run(_play(runs, form, pace))


async def _play(runs: Iterable[list[AnyEvent]], form: Form, speed: float) -> int:
    from osstui.cli.race import Output, ask
    from osstui.job import Job
    from osstui.store.replay import ReplayEngine

    output = Output(form, Stdout())
    for events in runs:
        engine = ReplayEngine(events, speed)
        job = Job(engine.started.run, engine.started.prompt, ())
        if await ask(job, engine, output) == INTERRUPTED:
            return INTERRUPTED
    return 0


def _of_history(name: str) -> list[list[AnyEvent]]:
    with opened() as history:
        history.open(name)
        return [list(history.events(name))]


def _of_file(path: Path) -> Iterator[list[AnyEvent]]:
    """Run after run, each read when it is needed."""
    from osstui.store.journal import Problems, read_events
    from osstui.store.replay import recordings

    problems = Problems(lambda line: narrate(f"{path}: {line}"))
    found = False
    try:
        with path.open("rb") as lines:
            for run in recordings(read_events(lines, problems)):
                found = True
                yield run
    except OSError as error:
        wrong(f"cannot read {path}: {error.strerror or error}")
    if not found:
        wrong(f"{path} holds no event lines of osstui; a --json document has no events to replay")
    problems.tell()
