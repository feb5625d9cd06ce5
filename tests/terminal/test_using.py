"""A sitting at the app: typing, moving, scrolling, cancelling, copying, resizing."""

from __future__ import annotations

import base64
import re

from tests.terminal.conftest import Open
from tests.terminal.terminal import (
    CTRL_DOWN,
    CTRL_LEFT,
    CTRL_RIGHT,
    END,
    ENTER,
    ESC,
    PAGE_UP,
    ctrl,
)  # fmt: skip

SLOW = "[[sim: tps=40;tokens=4000;reasoning=0;ttft=0.05]]"


def panes(text: str) -> list[int]:
    """The numbers of the panes on the screen, as their borders tell them."""
    return [int(number) for number in re.findall(r"[╭┏][─━] (\d) [a-z]+ gpt-oss-120b ", text)]


def test_a_prompt_of_several_lines_is_one_prompt(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.type("first line", ctrl("j"), "second line [[sim: echo=1]]")
    t.until_shown("first line", "second line")
    assert "done" not in t.text
    t.type(ENTER)
    t.until_shown("2/2 done", "Ask every lane at once")
    t.until(lambda text: text.count("second line") >= 4, "what was asked and its echo in both panes")
    t.type("\x1b[A")
    t.until_shown("second line [[sim: echo=1]]", "first line")


def test_panes_are_zoomed_and_walked_by_key(demo: Open) -> None:
    t = demo("groq", "cerebras", "together")
    t.ask("Walk [[sim: text=walked]]")
    t.until_shown("3/3 done")
    t.go_to_pane(2)
    t.type("z")
    t.until(lambda text: panes(text) == [2], "pane 2 alone")
    t.type(CTRL_RIGHT)
    t.until(lambda text: panes(text) == [3], "the zoom on the next pane")
    t.type(CTRL_LEFT)
    t.until(lambda text: panes(text) == [2], "the zoom back on pane 2")
    t.type(CTRL_LEFT)
    t.until(lambda text: panes(text) == [1], "the zoom on the first pane")
    t.type(ESC)
    t.until(lambda text: panes(text) == [1, 2, 3], "all panes")
    t.type(CTRL_RIGHT)
    t.until_shown("┏━ 2")
    t.type("i")
    t.until_shown("Esc closes")
    t.type(ESC)
    t.until_gone("Esc closes")
    t.type(CTRL_DOWN)
    t.until_shown("┏━ 3")
    t.type(CTRL_DOWN)
    t.until_shown("Send")
    t.type("zip zap")
    t.until_shown("zip zap")


def test_scrolling_up_stops_following_and_end_resumes(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.ask("Count from 1 to 4000. [[sim: tps=800;ttft=0.05;reasoning=0]]")
    t.until_shown(" 600 ")
    t.go_to_pane(1)
    t.type(PAGE_UP, PAGE_UP)
    t.until(lambda text: re.search(r"↓ \d+ new line", text), "the count of new lines")
    t.type(END)
    t.until_gone("new line")
    t.until_shown(" 1300 ")
    t.until(lambda text: "new line" not in text and " 1400 " in text, "the end, followed again")
    t.type(ctrl("c"))
    t.until(lambda text: text.count("■ cancelled after") == 2, "two that are cancelled")


def test_one_lane_is_cancelled_then_all_and_one_is_asked_again(demo: Open) -> None:
    t = demo("groq", "cerebras", "together")
    t.ask(f"Long {SLOW}")
    t.until(lambda text: text.count("● streaming") == 3, "three that stream")
    t.go_to_pane(2)
    t.type("x")
    t.until(
        lambda text: text.count("■ cancelled after") == 1 and text.count("● streaming") == 2,
        "one that is cancelled, two that stream",
    )
    t.type(ctrl("c"))
    t.until(lambda text: text.count("■ cancelled after") == 3, "three that are cancelled")
    t.go_to_pane(2)
    t.type("r")
    t.until(lambda text: text.count("● streaming") == 1, "one that streams again")
    t.type(ESC, ESC)
    t.until(lambda text: text.count("■ cancelled after") == 3, "three that are cancelled")
    assert t.process.poll() is None


def test_a_resize_while_answers_stream_re_flows_the_panes(demo: Open) -> None:
    t = demo("groq", "cerebras", "together", columns=60, rows=20)
    t.ask(f"Grow {SLOW}")
    t.until_shown("streaming")
    for columns, rows in ((300, 100), (60, 20), (200, 50), (38, 12), (10, 4), (120, 40)):
        t.resize(columns, rows)
        if columns >= 60:
            edge = re.compile(r"^╭─ 1 groq .*╮$" if columns > 60 else r"^╭─.*╮$", re.MULTILINE)

            def fills(text: str, columns: int = columns, edge: re.Pattern[str] = edge) -> bool:
                return any(len(line) == columns for line in edge.findall(text))

            t.until(fills, f"panes {columns} columns wide")
    t.until(lambda text: text.count("● streaming") == 3, "three that still stream")
    t.type(ctrl("c"))
    t.until(lambda text: text.count("■ cancelled after") == 3, "three that are cancelled")


def test_copying_hands_the_terminal_the_answer_made_safe_and_nothing_before(demo: Open) -> None:
    t = demo("groq")
    t.ask("Copy [[sim: text=Safe%1b%5d0%3bowned%07 text%e2%80%ae.;reasoning=0]]")
    t.until_shown("1/1 done")
    assert b"\x1b]52" not in t.raw
    t.go_to_pane(1)
    t.type("c")
    t.until_shown("Copied the answer of groq")
    (copied,) = re.findall(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)", t.raw)
    text = base64.b64decode(copied).decode()
    assert text.startswith("Safe")
    assert not set("\x1b\x07\u202e") & set(text)


def test_what_the_app_says_does_not_cover_the_prompt(demo: Open) -> None:
    t = demo("groq", "cerebras", columns=80, rows=24)
    t.type("my draft", ctrl("c"))
    text = t.until_shown("Nothing is streaming", "my draft")
    box = next(row for row in text.splitlines() if "my draft" in row)
    assert box == "│ " + "my draft".ljust(77) + "│"
    assert "2 lanes" in text
