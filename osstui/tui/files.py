"""Files that the app writes on the user's word: new ones only, for their owner alone."""

from __future__ import annotations

import os
import re
from itertools import count
from pathlib import Path


def write_new(folder: Path, stem: str, ending: str, content: bytes) -> Path:
    """Writes `stem.ending`, or `stem-2.ending` and so on where that exists. Raises OSError; then there is no
    file, not even a part of one."""
    for number in count(1):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.{ending}"
        try:
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
        except FileExistsError:
            continue
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise AssertionError("the numbers don't end")


def file_stem(title: str) -> str:
    """A title as a file's name: letters, digits and dashes.

    >>> file_stem("Why is /etc/passwd so *large*?")
    'osstui-why-is-etc-passwd-so-large'
    """
    words = "-".join(re.findall(r"[^\W_]+", title.casefold()))
    return f"osstui-{words[:40].strip('-')}" if words else "osstui"
