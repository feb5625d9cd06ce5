"""Runs as event lines, byte by byte as they were recorded."""

from __future__ import annotations

from collections.abc import Sequence

from osstui.store.export import ExportError, Past, PastConversation


def write(past: Past) -> str:
    return _lines([past])


def write_all(whole: PastConversation) -> str:
    return _lines([run for _, run in whole.runs])


def _lines(runs: Sequence[Past]) -> str:
    known = [run.lines for run in runs if run.lines is not None]
    if not known:
        raise ExportError("this run has no events, for it was imported as a document; export it as json")
    return "".join(line.decode() + "\n" for lines in known for line in lines)
