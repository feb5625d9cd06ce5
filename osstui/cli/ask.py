"""`osstui ask PROMPT`: the same race without a screen. stdout is data, stderr is narration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from osstui.cli.group import wrong
from osstui.cli.options import (
    Finite,
    catalog_options,
    history_option,
    lane_options,
    load,
    one_choice,
    record_option,
    together,
)
from osstui.job import Effort, Params

Form = Literal["plain", "json", "jsonl"]
_DEFAULT = Params()
_SECONDS = Finite(min=0, min_open=True)


@dataclass(frozen=True, slots=True)
class Question:
    """What a command line asks for, checked as far as it goes without the catalog."""

    prompt: str
    system: str | None
    params: Params
    lanes: tuple[str, ...]
    preset: str | None
    demo: bool
    form: Form
    record: Path | None
    history: bool


param_options = together(
    click.option("--system", metavar="TEXT", help="A system message before the prompt."),
    click.option("--effort", type=click.Choice(["low", "medium", "high"]), help="How long to reason."),
    click.option("--max-tokens", type=click.IntRange(min=1), metavar="N",
                 help="Output limit, reasoning included."),
    click.option("--temperature", type=Finite(min=0), metavar="X"),
    click.option("--top-p", type=Finite(min=0, max=1), metavar="X"),
    click.option("--seed", type=int, metavar="N"),
    click.option("--stop", multiple=True, metavar="S", help="End before this text; may be repeated."),
    click.option("--timeout", type=_SECONDS, default=_DEFAULT.timeout, metavar="S", show_default=True,
                 help="Seconds for a whole lane, retries included."),
    click.option("--first-token-timeout", type=_SECONDS, default=_DEFAULT.first_token_timeout, metavar="S",
                 show_default=True, help="Seconds until the first token."),
    click.option("--idle-timeout", type=_SECONDS, default=_DEFAULT.idle_timeout, metavar="S",
                 show_default=True, help="Longest silence between two pieces, in seconds."),
    click.option("--retries", type=click.IntRange(min=0), default=_DEFAULT.retries, metavar="N",
                 show_default=True, help="Attempts after a first one that got nothing."),
)  # fmt: skip


@click.command(short_help="Ask without a screen: text, --json or --jsonl on stdout.")
@click.argument("prompt", required=False)
@lane_options
@param_options
@click.option("--json", "as_json", is_flag=True, help="One document at the end.")
@click.option("--jsonl", "as_jsonl", is_flag=True, help="Event lines as they come.")
@record_option
@history_option
@catalog_options
def ask(
    prompt: str | None,
    lanes: tuple[str, ...],
    preset: str | None,
    demo: bool,
    system: str | None,
    effort: Effort | None,
    max_tokens: int | None,
    temperature: float | None,
    top_p: float | None,
    seed: int | None,
    stop: tuple[str, ...],
    timeout: float,
    first_token_timeout: float,
    idle_timeout: float,
    retries: int,
    as_json: bool,
    as_jsonl: bool,
    record: Path | None,
    history: bool,
    extra: Path | None,
    only: Path | None,
) -> int:
    """Ask PROMPT (or stdin, with -) at several hosts and print the answers with their numbers.

    Without -p or --preset the hosts are asked that have a key here, at most six.

    Exit codes: 0 every lane ended well, 1 a lane failed or was cut, 2 wrong usage or configuration,
    3 nothing could be asked, 130 interrupted.
    """
    if as_json and as_jsonl:
        wrong("--json and --jsonl exclude each other")
    one_choice(lanes, preset)
    from osstui.cli.stdin import whole_prompt

    params = Params(
        effort=effort,
        max_tokens=max_tokens,
        temperature=temperature,
        top_p=top_p,
        seed=seed,
        stop=stop,
        timeout=timeout,
        first_token_timeout=first_token_timeout,
        idle_timeout=idle_timeout,
        retries=retries,
    )
    form: Form = "json" if as_json else "jsonl" if as_jsonl else "plain"
    question = Question(whole_prompt(prompt), system, params, lanes, preset, demo, form, record, history)
    catalog = load(extra, only)
    from osstui.cli.race import answer

    return answer(question, catalog)
