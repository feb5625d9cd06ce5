"""Building blocks of the simulated answers. `{a}`, `{b}`, `{c}` stand for words of the prompt.

Every block is Markdown of its own that begins with neither white space nor a slash, so that blocks joined
by blank lines tokenise as they do alone. The texts are plain files in `texts/`; `%%` parts the blocks.
"""

from __future__ import annotations

from importlib.resources import files

_TEXTS = files("osstui.simulator") / "texts"


def _read(name: str, separator: str) -> tuple[str, ...]:
    return tuple((_TEXTS / name).read_text("utf-8").removesuffix("\n").split(separator))


THOUGHTS = _read("thoughts.txt", "\n")
"""Sentences of reasoning; the first one always opens it."""
OPENINGS = _read("openings.txt", "\n")
BLOCKS = _read("blocks.md", "\n%%\n")
CLOSINGS = _read("closings.txt", "\n")
COMMON = frozenset(_read("common.txt", "\n"))
"""Words of a prompt that it is not about."""

HOSTILE = (
    "Title: \x1b]0;owned\x07 clipboard: \x1b]52;c;b3duZWQ=\x07 colour: \x1b[31mred\x1b[0m "
    "clear: \x1b[2J\x1b[H C1: \x9b31m \x9d0;c1\x9c bell: \x07 backspace: abc\x08\x08\x08 return: safe\rEVIL "
    "null: \x00 delete: \x7f\n\n"
    "Markup: [/x] [b]bold[/b] a[i] [link=https://example.org]x[/link] "
    "[@click=app.quit]quit[/] $variable {braces} %s\n\n"
    "Bidi: \u202egnp.exe\u202c \u2066isolate\u2069 mark \u200e\u200f\u061c; "
    "zero width: a\u200bb; tags: \U000e0041\U000e0042\n\n"
    "Separators: one\u2028two\u2029three\u0085four\x0bfive\x0csix\n\n"
    "| a | b |\n|---|---|\n| \x1b[5mblink | `\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\` |\n\n"
    "```sh\nprintf '\x1b[?1049h'\n```\n\n" + "z\u0351\u036b\u0343" * 12 + " " + "W" * 300
)
"""What a terminal must survive."""
