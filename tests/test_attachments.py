"""Text files in a prompt: which are meant, what is refused, how they are written into it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.attachments import (
    LARGEST,
    AttachmentError,
    attach,
    completed,
    completions,
    doubtful,
    meant,
    mentions,
    read,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes.md").write_text("# Notes\r\n\n```py\nx\n```\n", newline="")
    (tmp_path / "two words.txt").write_text("zwei Wörter")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("a = 1\n")
    (tmp_path / ".hidden").write_text("h")
    return tmp_path


def test_files_are_fenced_behind_the_prompt_and_their_text_is_whole(folder: Path) -> None:
    prompt, files = attach("Shorten.", ["notes.md", "src/a.py", "notes.md"], folder)
    assert prompt == (
        "Shorten.\n\nnotes.md:\n````\n# Notes\n\n```py\nx\n```\n````\n\nsrc/a.py:\n```\na = 1\n```"
    )
    assert [(file.name, file.size) for file in files] == [("notes.md", 22), ("src/a.py", 6)]
    assert attach("as it is ", [], folder) == ("as it is ", [])


def test_paths_that_exist_and_quoted_ones_are_meant(folder: Path) -> None:
    text = 'Compare @notes.md, @"two words.txt" and @src/a.py. Mail me@notes.md; @alice @app.route @"gone"'
    assert meant(text, folder) == ["notes.md", "two words.txt", "src/a.py", "gone"]
    assert doubtful(text, folder) == ["app.route"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("b.bin", b"\x00\x01", "b.bin is binary"),
        ("l.txt", b"caf\xe9", "l.txt is not UTF-8 text: byte 4"),
        ("big.txt", b"x" * (LARGEST + 1), "big.txt is larger than 1.0 MiB"),
        ("src", None, "src is a folder"),
        ("none.txt", None, "there is no file none.txt"),
    ],
)
def test_what_is_no_text_file_is_refused_by_name(
    name: str, content: bytes | None, said: str, folder: Path
) -> None:
    if content is not None:
        (folder / name).write_bytes(content)
    with pytest.raises(AttachmentError, match=said):
        attach("hi", [name], folder)


@pytest.mark.skipif(os.name != "posix", reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(AttachmentError, match="no regular file"):
        read("pipe", folder)


def test_paths_are_completed(folder: Path) -> None:
    assert completions("", folder) == ["notes.md", "src/", "two words.txt"]
    assert completions(".h", folder) == [".hidden"]
    assert completions("src/", folder) == ["src/a.py"]
    assert completions("nowhere/x", folder) == []
    assert completed("see @tw now", 7, folder) == (4, ['@"two words.txt"'])
    assert completed('see @"two w', 11, folder) == (4, ['@"two words.txt"'])
    assert completed("mail me@n", 9, folder) is None


@given(st.text())
def test_every_mention_stands_where_it_says(text: str) -> None:
    for start, end, path, plain in mentions(text):
        assert text[start:end] == (f"@{path}" if plain else f'@"{path}"')
