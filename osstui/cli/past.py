"""The history as commands open it: its errors are said on one line, with exit code 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from osstui.cli.group import wrong

if TYPE_CHECKING:
    from osstui.store.history import History


@contextmanager
def opened() -> Iterator[History]:
    """The user's history. What programs that died have left there is closed first, where it can be written;
    where it can't, it is read as cut all the same."""
    from osstui.store.history import History
    from osstui.store.schema import VARIABLE, HistoryError, history_path

    path = history_path()
    if path is None:
        wrong(f"the history is switched off by {VARIABLE}")
    try:
        with History(path) as history:
            with suppress(HistoryError):
                history.close_unfinished()
            yield history
    except HistoryError as error:
        wrong(str(error))
