"""What a terminal would act on in a stream of bytes."""

from __future__ import annotations

import re
from typing import NamedTuple

_SEQUENCE = re.compile(
    "\x1b\\[(?P<params>[0-?]*)(?P<final>[ -/]*[@-~])"
    "|\x1b(?P<string>[\\]PX^_])(?P<said>.*?)(?:\x07|\x1b\\\\|\\Z)"
    "|\x1b(?P<other>[ -/]*.?)",
    re.DOTALL,
)
_ACTS = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)

OURS = {
    *(f"?{mode}{way}" for mode in (1049, 1000, 1003, 1015, 1006, 25, 1004, 2004, 7) for way in "hl"),
    "?2026$p", "?2048$p", ">25u", "<u", "H", "m",
}  # fmt: skip
"""Every kind of control sequence that the app has a use for: modes, queries, the keyboard's protocol, the
cursor's place, colours. Places and colours without their numbers."""
POINTER = "]22;"
"""The shape of the mouse pointer: the one command to the terminal that the app gives unasked."""
STYLES = {"", "0", "1", "2", "3", "4", "7", "9"}
"""Bold, dim, italic, underlined, reversed, struck out; neither blinking nor colours of the 16."""


class Found(NamedTuple):
    sequences: set[str]
    """Control sequences by kind."""
    strings: list[str]
    """Operating system commands and their like: titles, clipboards, hyperlinks."""
    characters: set[str]
    """Characters outside sequences that a terminal acts on or that reorder or hide text."""
    colours: set[str]
    """The parameters of every `m` that are no 24-bit colours."""


def find(raw: bytes) -> Found:
    text = raw.decode("utf-8")
    found = Found(set(), [], set(), set())
    for match in _SEQUENCE.finditer(text):
        if match["final"] is not None:
            params = match["params"]
            found.sequences.add(match["final"] if match["final"] in "Hm" else params + match["final"])
            if match["final"] == "m":
                found.colours.update(re.sub(r"[34]8;2;\d+;\d+;\d+", "", params).split(";"))
        elif match["string"]:
            found.strings.append(match["string"] + match["said"])
        else:
            found.sequences.add(match["other"])
    found.characters.update(_ACTS.findall(_SEQUENCE.sub("", text)))
    return found
