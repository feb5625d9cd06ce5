"""Text files in a prompt: `@path` in what the user types, `-f FILE` on the command line.

A file's text is put behind the prompt, between fences that name it. What is no text, too large or not there
is refused by name; nothing is sent in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from os.path import expanduser
from pathlib import Path
from typing import NamedTuple

LARGEST = 1024 * 1024
"""Bytes of one file: about 250,000 tokens, twice the window of gpt-oss."""
LARGEST_IN_ALL = 4 * LARGEST
MOST_NAMES = 200
"""Entries of a folder that are looked at to complete a path."""

_MENTION = re.compile(r"""(?:(?<=\s)|^)@(?:"([^"\n]+)"|([^\s"]\S*))""")
_BEGUN = re.compile(r"""(?:(?<=\s)|^)@(?:"([^"\n]*)"?|([^\s"]*))$""")
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
"""Control bytes that no text holds; ESC is allowed, as logs have it."""
_FENCE = re.compile(r"^(`{3,})", re.MULTILINE)


class AttachmentError(ValueError):
    """A file that can't be put into the prompt; the text is one line for the user."""


class Mention(NamedTuple):
    start: int
    """Of the @ in the text."""
    end: int
    path: str
    plain: bool
    """Written without quotes: it may be somebody's @name as well as a file."""


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    text: str
    size: int
    """Bytes."""

    @property
    def words(self) -> str:
        """`notes.md (1.2 KiB)`"""
        return f"{self.name} ({_size(self.size)})"


def mentions(text: str) -> list[Mention]:
    """Every `@path` and `@"path with spaces"` that begins a word, without punctuation behind it."""
    found = []
    for match in _MENTION.finditer(text):
        quoted, plain = match.groups()
        path = quoted or plain.rstrip(".,;:!?)]}'")
        if path:
            end = match.end() if quoted else match.start() + 1 + len(path)
            found.append(Mention(match.start(), end, path, quoted is None))
    return found


def meant(text: str, folder: Path) -> list[str]:
    """The paths that a prompt attaches, each once: every quoted one, and of the others those that exist."""
    paths = [
        mention.path
        for mention in mentions(text)
        if not mention.plain or _is_file(_located(mention.path, folder))
    ]
    return list(dict.fromkeys(paths))


def doubtful(text: str, folder: Path) -> list[str]:
    """Paths that look like files and are none: mistyped, or no paths at all (`@app.route`, `@types/node`)."""
    return [
        mention.path
        for mention in mentions(text)
        if mention.plain
        and ("/" in mention.path or re.search(r"\w\.\w", mention.path))
        and not _is_file(_located(mention.path, folder))
    ]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def read(path: str, folder: Path) -> Attachment:
    """One text file. Raises AttachmentError that names it: missing, a folder, too large, binary."""
    file = _located(path, folder)
    try:
        if file.is_dir():
            raise AttachmentError(f"{path} is a folder, not a file")
        if file.exists() and not file.is_file():
            raise AttachmentError(f"{path} is no regular file")
        with file.open("rb") as opened:
            raw = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise AttachmentError(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise AttachmentError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from None
    if len(raw) > LARGEST:
        raise AttachmentError(f"{path} is larger than {_size(LARGEST)}")
    if _BINARY.search(raw):
        raise AttachmentError(f"{path} is binary: only text files can be put into a prompt")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise AttachmentError(f"{path} is not UTF-8 text: byte {error.start + 1} can't be read") from None
    return Attachment(path, text.replace("\r\n", "\n"), len(raw))


def attach(prompt: str, paths: Iterable[str], folder: Path) -> tuple[str, list[Attachment]]:
    """The prompt with the files' texts behind it, and the files. Raises AttachmentError for the first that
    can't be used."""
    files = [read(path, folder) for path in dict.fromkeys(paths)]
    if sum(file.size for file in files) > LARGEST_IN_ALL:
        raise AttachmentError(f"the files are larger than {_size(LARGEST_IN_ALL)} in all")
    parts = [prompt] if prompt.strip() or not files else []
    return "\n\n".join([*parts, *map(_fenced, files)]), files


def _fenced(file: Attachment) -> str:
    longest = max((len(fence) for fence in _FENCE.findall(file.text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{' '.join(file.name.split())}:\n{fence}\n{file.text.removesuffix(chr(10))}\n{fence}"


def completed(line: str, column: int, folder: Path) -> tuple[int, list[str]] | None:
    """Where the mention before `column` begins, and what may stand there instead; None without a mention."""
    begun = _BEGUN.search(line[:column])
    if begun is None:
        return None
    paths = completions(begun[1] if begun[1] is not None else begun[2], folder)
    return begun.start(), [f'@"{path}"' if " " in path else f"@{path}" for path in paths]


def completions(begun: str, folder: Path) -> list[str]:
    """Paths that begin so, folders with a slash at their end, in order of name. Hidden ones only when a dot
    is typed."""
    head, slash, tail = begun.rpartition("/")
    where = _located(head + slash, folder) if slash else folder
    try:
        entries = sorted(where.iterdir(), key=lambda entry: entry.name)[: MOST_NAMES * 10]
    except (OSError, ValueError):
        return []
    fitting = [
        entry
        for entry in entries
        if entry.name.startswith(tail) and (tail.startswith(".") or not entry.name.startswith("."))
    ]
    return [f"{head}{slash}{entry.name}{'/' if entry.is_dir() else ''}" for entry in fitting[:MOST_NAMES]]


def _located(path: str, folder: Path) -> Path:
    return folder / expanduser(path)


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} bytes"
    return f"{count / 1024:.1f} KiB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MiB"
