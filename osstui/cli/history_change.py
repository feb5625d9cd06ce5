"""`osstui history rename|tag|untag|pin|unpin|delete`: what can be changed about the past."""

from __future__ import annotations

import sys

import click

from osstui.cli.past import opened
from osstui.safe_text import visible_line

_run = click.argument("run")
_runs = click.argument("runs", nargs=-1, required=True, metavar="RUN...")


@click.command()
@_run
@click.argument("title")
def rename(run: str, title: str) -> None:
    """Give the conversation of RUN another TITLE."""
    with opened() as past:
        past.rename(run, title)


@click.command()
@_run
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
def tag(run: str, tags: tuple[str, ...]) -> None:
    """Tag the conversation of RUN."""
    with opened() as past:
        for name in tags:
            past.tag(run, name)


@click.command()
@_run
@click.argument("tags", nargs=-1, required=True, metavar="TAG...")
def untag(run: str, tags: tuple[str, ...]) -> None:
    """Take tags off the conversation of RUN."""
    with opened() as past:
        for name in tags:
            past.untag(run, name)


@click.command()
@_runs
def pin(runs: tuple[str, ...]) -> None:
    """Pin the conversation of each RUN."""
    with opened() as past:
        for run in runs:
            past.pin(run)


@click.command()
@_runs
def unpin(runs: tuple[str, ...]) -> None:
    """Unpin the conversation of each RUN."""
    with opened() as past:
        for run in runs:
            past.pin(run, False)


@click.command()
@_runs
@click.option("--conversation", is_flag=True, help="The whole conversation of each RUN.")
@click.option("-y", "--yes", is_flag=True, help="Without asking; only a terminal is asked.")
def delete(runs: tuple[str, ...], conversation: bool, yes: bool) -> None:
    """Delete each RUN for good. Every RUN is looked up before the first one goes."""
    with opened() as past:
        if conversation:
            ids = list(dict.fromkeys(past.conversation_of(run) for run in runs))
            titles = [past.conversation(id).row.title for id in ids]
        else:
            rows = {row.run: row for row in map(past.run, runs)}
            ids, titles = [*rows], [row.prompt for row in rows.values()]
        if not yes and answers():
            for id, title in zip(ids, titles, strict=True):
                click.echo(visible_line(f"{id} {title}", 100), err=True)
            what = "conversation" if conversation else "run"
            click.confirm(f"Delete {len(ids)} {what}{'s' * (len(ids) > 1)} for good?", abort=True, err=True)
        for id in ids:
            past.delete_conversation(id) if conversation else past.delete(id)


def answers() -> bool:
    """Somebody sits there who can say no."""
    return sys.stdin.isatty()
