"""`osstui export RUN`: a past run as a file."""

from __future__ import annotations

import os
from pathlib import Path

import click

from osstui.cli.group import wrong
from osstui.cli.output import Stdout, safe_json
from osstui.cli.past import opened
from osstui.safe_text import visible

NAMES = ("md", "json", "jsonl", "csv", "html")
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(short_help="Write a past run or conversation as Markdown, JSON, CSV or one HTML page.")
@click.argument("run")
@click.option("--format", "name", type=click.Choice(NAMES), help="By default what FILE ends with, or md.")
@click.option("-o", "--output", "file", type=_FILE, metavar="FILE", help="Write here instead of stdout.")
@click.option("--conversation", is_flag=True, help="All turns of the conversation of RUN in one file.")
def export(run: str, name: str | None, file: Path | None, conversation: bool) -> None:
    """Write RUN (an id, the beginning of one, or `last`) in one of the formats.

    \b
    md     Markdown with the numbers as YAML front matter
    json   the --json document
    jsonl  event lines as they came; osstui replay plays them
    csv    every number, a row for each lane
    html   one page with all answers side by side
    """
    from osstui.store import export as formats

    name = name or _by_ending(file)
    with opened() as history:
        what = formats.past_conversation(history, run) if conversation else formats.past(history, run)
    try:
        content = formats.export(what, name)
    except formats.ExportError as error:
        wrong(str(error))
    if file is not None:
        _write(file, content)
        return
    out, text = Stdout(), content.decode()
    if formats.FORMATS[name].is_json:
        text = safe_json(text)
    out.write(visible(text) if out.is_terminal else text)


def _by_ending(file: Path | None) -> str:
    ending = file.suffix.lstrip(".").lower() if file else ""
    return ending if ending in NAMES else "md"


def _write(file: Path, content: bytes) -> None:
    """For its owner alone, where the file is new."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(descriptor, "wb") as opened_file:
            opened_file.write(content)
    except OSError as error:
        wrong(f"cannot write {file}: {error.strerror or error}")
