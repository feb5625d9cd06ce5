"""`--since`, `--lane`, `--tag`, `--pinned`: which runs of the history are meant."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any

import click

from osstui.store.only import Only

_AGE = re.compile(r"(\d{1,6})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Since(click.ParamType[datetime]):
    """A date, a date with a time, or an age; a time without a zone is local."""

    name = "since"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        text = str(value).strip()
        try:
            if age := _AGE.fullmatch(text):
                return datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
            return datetime.fromisoformat(text).astimezone()
        except (ValueError, OverflowError):
            return self.fail(f"{text!r} is no date like 2026-11-01 and no age like 12h, 7d or 4w", param, ctx)


def choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options, handed over as one `only`."""

    @click.option(
        "--since", type=Since(), metavar="WHEN", help="Asked since 2026-11-01, or in the last 12h, 7d, 4w."
    )
    @click.option(
        "--lane", metavar="LANE", help="Only runs with this lane, provider, PROVIDER:MODEL or model."
    )
    @click.option("--tag", metavar="TAG", help="Only conversations with this tag.")
    @click.option("--pinned", is_flag=True, help="Only pinned conversations.")
    @wraps(command)
    def chosen(
        *args: Any, since: datetime | None, lane: str | None, tag: str | None, pinned: bool, **rest: Any
    ) -> Any:
        only = Only(tag, pinned or None, None if since is None else since.timestamp(), lane)
        return command(*args, only=only, **rest)

    return chosen
