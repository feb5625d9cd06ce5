"""Nothing that an answer, an error, a prompt or a file says is acted on by the terminal."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from osstui.simulator.corpus import HOSTILE
from tests.terminal import escapes
from tests.terminal.conftest import Open
from tests.terminal.terminal import Terminal, ctrl

NASTY = "\x1b]0;owned\x07\x1b[31mred\x9b31m\u202eexe.gpj\u2066"


def assert_harmless(t: Terminal) -> None:
    found = escapes.find(bytes(t.raw))
    assert found.sequences <= escapes.OURS
    assert found.colours <= escapes.STYLES
    assert not found.characters
    assert all(said.startswith(escapes.POINTER) for said in found.strings), found.strings


def test_the_bytes_of_a_hostile_answer_are_shown_and_never_obeyed(demo: Open) -> None:
    t = demo("groq", "cerebras", "together", columns=200)
    t.ask("Attack [[sim: hostile;tps=3000;chars=3]]")
    t.until(lambda text: text.count("✓ done") == 3, "three answers that are done")
    t.go_to_pane(1)
    t.type("z", "\x1b[H")
    text = t.until_shown("␛]0;owned␇", "[/x] [b]bold[/b] a[i]", "$variable {braces} %s")
    assert "EVIL" in text
    t.type("i", ctrl("q"))
    assert t.until_ended(5) == 0
    assert_harmless(t)


def test_every_hostile_character_is_one_that_the_search_for_them_would_find() -> None:
    found = escapes.find(HOSTILE.encode())
    assert {"[2J", "[?1049h"} <= {"[" + kind for kind in found.sequences}
    assert "]0;owned" in found.strings
    assert {"\u202e", "\u2066", "\x07", "\x9b", "\U000e0041", "\u2028", "\x85"} <= found.characters
    assert {"31", "5"} <= found.colours


def test_hostile_names_prompts_and_errors_are_shown_and_never_obeyed(osstui: Open, tmp_path: Path) -> None:
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(
        "providers:\n  groq:\n    name: " + '"' + "".join(f"\\U{ord(c):08x}" for c in NASTY) + '"\n'
    )
    prompt = f"Prompt {NASTY} [[sim: text={quote(NASTY)}]]"
    t = osstui("--demo", "--catalog", str(catalog), "-p", f"groq:{NASTY}", "-p", "cerebras", prompt)
    t.until(lambda text: text.count("✓ done") + text.count("✗ failed") == 2, "both lanes over")
    t.go_to_pane(1)
    t.type("i")
    t.until_shown("Esc closes")
    t.type(ctrl("q"))
    assert t.until_ended(5) == 0
    assert_harmless(t)


def test_a_pasted_log_with_escape_sequences_presses_no_key(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.paste("log \x1b[31mred\x1b[0m \x07\x11\x0e \x1b]0;title\x07 end")
    t.until_shown("pasted text 1: 35 characters")
    t.type(" and mine")
    t.until_shown("] and mine")
    assert "History" not in "\n".join(t.text.splitlines()[:5])


def test_a_byte_that_is_no_text_does_not_end_the_app(demo: Open) -> None:
    t = demo("groq", "cerebras")
    t.type("before ")
    t.until_shown("before")
    t.send(b"\xff\xfe")
    t.type(" after")
    t.until_shown("before", "after")
