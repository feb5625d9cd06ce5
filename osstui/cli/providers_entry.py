"""`osstui providers show|test`: one host whole, and a catalog file looked through for mistakes."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from osstui.cli.group import wrong
from osstui.cli.options import catalog_options, json_option, today_option
from osstui.cli.output import Stdout, json_document
from osstui.cli.providers import Catalogs, look_around, measured
from osstui.safe_text import visible, visible_line

if TYPE_CHECKING:
    from osstui.job import Target


@click.command(short_help="Everything about one host.")
@click.argument("provider_id", metavar="ID")
@json_option
@catalog_options
@today_option
@click.pass_obj
def show(
    catalogs: Catalogs,
    provider_id: str,
    as_json: bool,
    extra: Path | None,
    only: Path | None,
    today: date,
) -> None:
    """Print an entry whole: address, variables, quirks, every price and published figure with its source."""
    from osstui.catalog import CatalogError
    from osstui.catalog.entry import describe
    from osstui.catalog.shells import shell_of
    from osstui.surroundings import default_spec

    catalog = catalogs.load(extra, only)
    try:
        provider = catalog.provider(provider_id)
        target = catalog.target(default_spec(provider))
    except CatalogError as error:
        wrong(str(error))
    out = Stdout()
    if as_json:
        out.write(json_document(provider.model_dump(mode="json")))
        return
    around = asyncio.run(look_around(catalog, only=provider))
    shell = shell_of(os.environ, windows=sys.platform == "win32")
    lines = describe(provider, target, _address(target), around.here(today, measured()), shell)
    if out.is_terminal:
        lines = [part for line in lines for part in _folded(visible(line))]
    out.write("\n".join(lines) + "\n")


def _folded(line: str) -> list[str]:
    """The line in as many as the terminal's width wants, the further ones below the first one's text."""
    from osstui.catalog.entry import INDENT

    start = len(line) - len(line.lstrip())
    below = start if start > 2 else INDENT
    width = max(shutil.get_terminal_size().columns, INDENT + 20)
    return wrap(
        line, width, subsequent_indent=" " * below, break_on_hyphens=False, break_long_words=False
    ) or [""]


@click.command(short_help="Check a catalog file of your own.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--alone", is_flag=True, help="Check it for --catalog-only: nothing is taken from the shipped one."
)
def test(file: Path, alone: bool) -> int:
    """Name every mistake with file and line. Exit code 0: none, 1: some, 2: the file can't be read."""
    from osstui.catalog import check_catalog
    from osstui.catalog.problems import BrokenFileError

    try:
        file.read_bytes()
    except OSError as error:
        wrong(f"{file}: can't be read: {error.strerror or error}")
    try:
        catalog = check_catalog(file, alone=alone)
    except BrokenFileError as error:
        problems = [error.problem]
    else:
        problems = list(catalog.problems)
    out = Stdout()
    for problem in problems:
        out.write(f"{visible_line(str(problem))}\n")
    if not problems:
        out.write(f"{visible_line(str(file))}: no mistakes\n")
    return 1 if problems else 0


def _address(target: Target) -> str:
    """What a request is posted to, as far as variables are known."""
    from osstui.engine.address import AddressError, base_url
    from osstui.engine.dialects import DIALECTS
    from osstui.job import Lane

    path = DIALECTS[target.dialect].build(Lane(target.provider, target, ())).path
    try:
        return base_url(target) + path
    except AddressError:
        return target.base_url.rstrip("/") + path
