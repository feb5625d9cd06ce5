"""What a killed app leaves is offered by the next one, and comes back marked cut."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

from tests.terminal.conftest import Open
from tests.terminal.processes import Watch, family
from tests.terminal.terminal import PAGE_UP, Terminal, ctrl

F7 = "\x1b[18~"
COUNTING = "Count from 1 to 4000. [[sim: tps=200;ttft=0.05;reasoning=0]]"
OFFER = "osstui ended before the answers to “Count from 1 to 4000."


def killed(demo: Open) -> int:
    """Kills an app in the middle of two answers. Returns a number of which both had got a second before."""
    t = demo("groq", "cerebras")
    t.ask(COUNTING)
    t.until(lambda text: text.count("● streaming") == 2, "two that stream")
    t.until(lambda _: len(last_numbers(t)) == 2, "two that count")
    safe = min(last_numbers(t))
    t.until(lambda _: min(last_numbers(t)) > safe + 150, "a second's worth of answers more")
    watch = Watch(family(t.process.pid))
    os.kill(t.process.pid, signal.SIGKILL)
    watch.until_all_ended(3.0)
    return safe


def last_numbers(t: Terminal) -> list[int]:
    """The highest number counted to in each of the two panes."""
    rows = [row for row in t.text.splitlines() if row.startswith("│")]
    panes = [[row[1:57] for row in rows], [row[61:117] for row in rows]]
    counted = [" ".join(line for line in pane if re.fullmatch(r"[\d ]*", line)).split() for pane in panes]
    return [max(map(int, numbers)) for numbers in counted if numbers]


def test_answers_of_a_killed_app_are_offered_and_come_back_marked_cut(demo: Open, home: Path) -> None:
    safe = killed(demo)
    files = [path for path in (home / "data").rglob("*") if path.exists()]
    assert {path.stat().st_mode & 0o777 for path in files if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in files if path.is_dir()} == {0o700}
    t = demo("together")
    t.until_shown(OFFER, "F7 reopens them")
    t.type(F7)
    text = t.until(lambda text: text.count("! cut") == 2, "both answers, marked cut")
    assert "1 groq" in text
    assert "2 cerebras" in text
    t.until(lambda _: min(last_numbers(t), default=0) >= safe, "all but the last second's answers")
    t.until_gone(OFFER)
    t.go_to_pane(1)
    t.type(PAGE_UP * 20)
    t.until_shown("Count from 1 to 4000.", "1 2 3 4")
    t.type("p")
    t.until_shown("⏎ Send")
    t.ask("And now? [[sim: text=Here.;reasoning=0]]")
    t.until(lambda text: text.count("✓ done") == 2, "both answers")
    t.type(ctrl("q"))
    assert t.until_ended(10.0) == 0
    again = demo("groq")
    again.type(ctrl("g"))
    again.until_shown("Count from 1 to 4000.", "2 turns")
    assert OFFER not in again.text


def test_the_next_prompt_dismisses_the_offer_for_good(demo: Open) -> None:
    killed(demo)
    t = demo("groq")
    t.until_shown(OFFER)
    t.ask("Something else [[sim: text=Else.;reasoning=0]]")
    t.until_gone(OFFER)
    t.until_shown("Else.")
    t.type(F7)
    t.until_shown("No answer was cut by an end of osstui")
    t.type(ctrl("q"))
    assert t.until_ended(10.0) == 0
    t = demo("groq")
    t.type(ctrl("g"))
    t.until_shown("Something else", "Count from 1 to 4000.")
    assert OFFER not in t.text


def test_a_run_is_replayed_on_the_screen_and_printed_when_asked_for(demo: Open, osstui: Open) -> None:
    t = demo("groq", "cerebras")
    t.ask("Once [[sim: text=Only+once.;reasoning=0]]")
    text = t.until(lambda text: text.count("✓ done") == 2, "both answers")
    numbers = re.findall(r"TTFT .*", text)
    t.type(ctrl("q"))
    assert t.until_ended(10.0) == 0
    replayed = osstui("replay", "last", "--speed", "20")
    text = replayed.until(lambda text: text.count("✓ done") == 2, "both answers again")
    replayed.until_shown("RECORDING", "20×")
    assert re.findall(r"TTFT .*", replayed.text) == numbers
    replayed.type(ctrl("q"))
    assert replayed.until_ended(10.0) == 0
    plain = osstui("replay", "last", "--plain", "--speed", "20")
    assert plain.until_ended(10.0) == 0
    assert b"\x1b[?1049h" not in plain.raw
    assert b"groq" in plain.raw
    listed = osstui("history")
    assert listed.until_ended(10.0) == 0
    assert listed.raw.count(b"Once") == 1, "a replay is no run of its own"
