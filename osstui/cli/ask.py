"""`osstui ask PROMPT`: the same race without a screen. stdout is data, stderr is narration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from osstui.cli.group import wrong
from osstui.cli.options import (
    catalog_options,
    history_option,
    lane_options,
    load,
    one_choice,
    record_option,
)
from osstui.cli.parameters import (
    asked_profile,
    budget,
    budget_options,
    file_option,
    profile_options,
    time_options,
    times,
    with_files,
)
from osstui.job import Params
from osstui.measure.forecast import Budget
from osstui.profile import Profile

Form = Literal["plain", "json", "jsonl"]


@dataclass(frozen=True, slots=True)
class Question:
    """What a command line asks for, checked as far as it goes without the catalog."""

    prompt: str
    profile: Profile
    params: Params
    lanes: tuple[str, ...]
    preset: str | None
    demo: bool
    form: Form
    budget: Budget
    record: Path | None
    history: bool


@click.command(short_help="Ask without a screen: text, --json or --jsonl on stdout.")
@click.argument("prompt", required=False)
@lane_options
@file_option
@profile_options
@budget_options
@time_options
@click.option("--json", "as_json", is_flag=True, help="One document at the end.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Event lines as they come.")
@click.option(
    "--repeat", type=click.IntRange(2, 100), metavar="N",
    help="Ask N times, one run after the other: medians, spread, which differences are real.",
)  # fmt: skip
@record_option
@history_option
@catalog_options
def ask(
    prompt: str | None,
    lanes: tuple[str, ...],
    preset: str | None,
    demo: bool,
    files: tuple[str, ...],
    as_json: bool,
    as_jsonl: bool,
    repeat: int | None,
    record: Path | None,
    history: bool,
    extra: Path | None,
    only: Path | None,
    **how: Any,
) -> int:
    """Ask PROMPT (or stdin, with -) at several hosts and print the answers with their numbers.

    Without -p or --preset the hosts are asked that have a key here, at most six.

    With --repeat the first run's answers are printed, and a table of the medians of all runs.

    Exit codes: 0 every lane of every run ended well, 1 a lane failed or was cut, or --max-cost ended the
    repeats, 2 wrong usage or configuration, 3 nothing could be asked, 130 interrupted.
    """
    if as_json and as_jsonl:
        wrong("--json and --jsonl exclude each other")
    one_choice(lanes, preset)
    from osstui.cli.stdin import whole_prompt

    form: Form = "json" if as_json else "jsonl" if as_jsonl else "plain"
    profile = asked_profile(how)
    text = with_files(whole_prompt(prompt, files=bool(files)), files)
    question = Question(text, profile, times(how), lanes, preset, demo, form, budget(how), record, history)
    catalog = load(extra, only)
    from osstui.cli.race import answer

    if repeat is None:
        return answer(question, catalog)
    from osstui.cli.repeat import Repeated

    return answer(question, catalog, Repeated(question, repeat))
