"""Emoji on terminals that take them for narrower or wider than they were laid out."""

from __future__ import annotations

import pyte
import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from osstui.tui.widgets.anchored import AnchoredStrip, anchored

CONSOLE = Console(color_system="truecolor", force_terminal=True)
LOOK = Style(color="#ffffff", bgcolor="#112233")


def painted(*strips: Strip) -> list[str]:
    """The cells of a terminal that knows no grapheme clusters, where `#` is what stood there before."""
    screen = pyte.Screen(40, 1)
    stream = pyte.Stream(screen)
    stream.feed("#" * 40 + "\r" + "".join(strip.render(CONSOLE) for strip in strips))
    return [screen.buffer[0][x].data for x in range(40)]


@pytest.mark.parametrize("emoji", ["⚠️", "❤️", "1️⃣", "👍🏽", "👩🏽‍💻", "🏳️‍🌈", "🇨🇭", "नि", "✅", "ä"])
def test_text_behind_an_emoji_stands_in_its_column(emoji: str) -> None:
    text = f"a {emoji} {emoji} end│"
    strip = anchored(Strip([Segment(text, LOOK)]))
    cells = painted(strip)
    assert cells[strip.cell_length - 5 : strip.cell_length + 1] == [*" end│", "#"]
    assert "#" not in cells[: strip.cell_length]


def test_a_part_of_a_row_stays_in_its_columns_too() -> None:
    strip = anchored(Strip([Segment("one ⚠️ two ", LOOK), Segment("👍🏽 three", LOOK)]))
    left, right = strip.divide([8, strip.cell_length])
    assert painted(left, right)[strip.cell_length - 6 :][:7] == [*" three", "#"]
    assert painted(strip.crop(4, 10))[2:7] == [*" two", "#"]


def test_where_terminals_agree_a_strip_is_left_alone() -> None:
    for text in ("plain", "日本語 – Größe │ ▁▂▃"):
        strip = Strip([Segment(text, LOOK)])
        assert anchored(strip) is strip
    assert isinstance(anchored(Strip([Segment("⚠️", LOOK)])), AnchoredStrip)
