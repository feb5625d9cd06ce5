"""`osstui import FILE…`: files of `--json`, `--jsonl` and `--record` into the history."""

from __future__ import annotations

from pathlib import Path

import click

from osstui.cli.group import narrate, wrong
from osstui.cli.past import opened
from osstui.safe_text import visible_line


@click.command("import", short_help="Take --json and --jsonl files into the history.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
def import_(files: tuple[Path, ...]) -> None:
    """Take runs out of FILEs that osstui wrote with --json, --jsonl, --record or export.

    Prints the ids of the runs that are new. A run that is in the history already stays as it is.
    """
    from osstui.store.importing import ImportFileError, import_file

    failed = []
    with opened() as history:
        for file in files:
            try:
                done = import_file(history, file, narrate)
            except ImportFileError as error:
                failed.append(str(error))
                continue
            for run in done.new:
                click.echo(visible_line(run))
            if done.known:
                narrate(f"{file}: already in the history: {', '.join(done.known)}")
    if failed:
        for line in failed[:-1]:
            narrate(line)
        wrong(failed[-1])
