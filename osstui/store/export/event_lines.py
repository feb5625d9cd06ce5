"""The run as event lines, byte by byte as they were recorded."""

from __future__ import annotations

from osstui.store.export import ExportError, Past


def write(past: Past) -> str:
    if past.lines is None:
        raise ExportError("this run has no events, for it was imported as a document; export it as json")
    return "".join(line.decode() + "\n" for line in past.lines)
