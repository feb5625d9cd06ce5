"""What was typed at other sittings: older prompts, out of the history, and drafts that stood in the box when
the terminal went away or the app failed. Where no history is kept, neither is any of this."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from osstui.safe_text import encodable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from osstui.conversation.keeping import Keeper
    from osstui.tui.widgets.prompt import PromptBox

MOST_PROMPTS = 100
MOST_RUNS = 400
"""That are looked through for them: a prompt may have been asked again and again."""
_STEM = "draft"


async def give_back(keeper: Keeper, box: PromptBox) -> str | None:
    """Older prompts and drafts into the box; a draft is given back once. Returns what is to be said of it."""
    prompts, kept = await asyncio.to_thread(_read, keeper)
    drafts = [*kept.values()]
    told = None
    if drafts and not box.text:
        box.begin_with(drafts.pop())
        told = "Here is the prompt that you had not sent when osstui ended"
    elif drafts:
        told = "A prompt that osstui ended with unsent is among the older prompts: Up brings it back"
    box.remember([*prompts, *drafts])
    await asyncio.to_thread(_remove, kept)
    return told


def _read(keeper: Keeper) -> tuple[list[str], dict[Path, str]]:
    """In a thread: prompts, and drafts by their files, oldest first. Makes no file."""
    from osstui.store.schema import HistoryError

    if (path := keeper.path) is None:
        return [], {}
    prompts: list[str] = []
    with suppress(HistoryError):  # the writer says what is wrong with the file when it first needs it
        if path.exists() and (history := keeper.history()) is not None:
            prompts = _distinct(history.prompts(MOST_RUNS))
    return prompts, kept_drafts(path.parent)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()


def _distinct(newest_first: Iterable[tuple[str, str | None]]) -> list[str]:
    """Each once, where it was asked last; as it was typed, where it named files."""
    from osstui.conversation.kept import read_talk

    found: dict[str, None] = {}
    for prompt, written in newest_first:
        talk = read_talk(written)
        found.setdefault((talk.turns[-1].draft if talk and talk.turns else "") or prompt)
        if len(found) == MOST_PROMPTS:
            break
    return [*reversed(found)]


def keep_draft(keeper: Keeper, text: str) -> None:
    """Into a file beside the history, for its owner alone. Where that can't be written it is lost."""
    from osstui.tui.files import write_new

    with suppress(OSError):
        if text.strip() and (path := keeper.path) is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_new(path.parent, _STEM, "txt", encodable(text).encode())


def kept_drafts(folder: Path) -> dict[Path, str]:
    """By file, oldest first."""
    found: list[tuple[float, Path, str]] = []
    for path in folder.glob(f"{_STEM}*.txt"):
        with suppress(OSError):
            found.append((path.stat().st_mtime, path, path.read_text(encoding="utf-8", errors="replace")))
    return {path: text for _, path, text in sorted(found)}
