"""What is wrong with a catalog file, said in one line: the place, the thing and the way out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class CatalogError(Exception):
    """A catalog that can't be used, or a lane that it doesn't know; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake in a catalog file. What it stands in is disabled; the rest of the file is used."""

    file: str
    line: int | None
    """Counted from 1; None when the file as a whole is meant."""
    message: str
    entry: str | None = None
    """The entry that is disabled by it, such as `providers.groq` or `presets.cheap`."""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.message}"


class BrokenFileError(CatalogError):
    """A file that can't be used at all."""

    def __init__(self, file: str, line: int | None, message: str) -> None:
        self.problem = Problem(file, line, message)
        super().__init__(str(self.problem))


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that looks most like this one, None when nothing does."""
    folded = {candidate.casefold(): candidate for candidate in known}
    found = get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`; did you mean "…"?`, or the list of what is known, or nothing when nothing is."""
    choices = sorted(known)
    if (near := nearest(name, choices)) is not None:
        return f'; did you mean "{near}"?'
    return f"; known: {', '.join(choices)}" if choices else ""
