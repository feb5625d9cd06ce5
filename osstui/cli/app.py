"""`osstui [PROMPT]`: the app itself."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from osstui.cli.group import APP, COMMANDS, wrong
from osstui.cli.launch import in_a_terminal, launch
from osstui.cli.options import catalog_options, history_option, lane_options, one_choice, record_option
from osstui.cli.parameters import (
    asked_profile,
    budget,
    budget_options,
    file_option,
    profile_options,
    with_files,
)
from osstui.cli.stdin import piped_text
from osstui.tui.opening import Opening

_VERBATIM = "osstui.verbatim"


class AppCommand(click.Command):
    """Notes whether the prompt was written after two dashes: then it is a prompt whatever it looks like."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_VERBATIM] = "--" in args
        return super().parse_args(ctx, args)


@click.command(APP, cls=AppCommand, hidden=True)
@click.argument("words", nargs=-1, metavar="[PROMPT]")
@lane_options
@file_option
@profile_options
@budget_options
@catalog_options
@record_option
@history_option
@click.pass_context
def app(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    lanes: tuple[str, ...],
    preset: str | None,
    demo: bool,
    files: tuple[str, ...],
    extra: Path | None,
    only: Path | None,
    record: Path | None,
    history: bool,
    **how: Any,
) -> None:
    """Opens the app; a prompt is sent at once, with what is piped in. That alone is a draft."""
    prompt = one_prompt(words, verbatim=ctx.meta[_VERBATIM])
    one_choice(lanes, preset)
    piped = "" if in_a_terminal() else piped_text()
    opening = Opening(
        lanes=lanes,
        preset=preset,
        demo=demo or "auto",
        prompt=prompt,
        piped=piped,
        draft=_mentions(files),
        profile=asked_profile(how),
        budget=budget(how),
        record=record,
    )
    launch(opening, extra=extra, only=only, history=history)


def _mentions(files: tuple[str, ...]) -> str:
    """How the prompt box names these files. Ends the command for one that can't be used."""
    with_files("", files)
    return " ".join(f'@"{file}"' for file in files)


def one_prompt(words: tuple[str, ...], *, verbatim: bool) -> str | None:
    """The prompt, if there is one.

    A prompt costs money at every lane, so what looks like a mistyped command is asked back. Ends the command
    with a usage error then, and for several words without quotes.
    """
    if not words:
        return None
    word, *more = words
    if verbatim:
        return " ".join(words)
    commands = [name for name in COMMANDS if name != APP]
    near = get_close_matches(word, commands, n=1, cutoff=0.8)
    if word in commands:
        wrong(f"a command comes first: osstui {word} …; to send it as a prompt: osstui -- {word}")
    if near and " " not in word:
        wrong(f'there is no command "{word}", did you mean {near[0]}? As a prompt: osstui -- {word}')
    if more:
        wrong(f'put the prompt in quotes: osstui "{" ".join(words)}"')
    if not word.strip():
        wrong("the prompt is empty")
    return word
