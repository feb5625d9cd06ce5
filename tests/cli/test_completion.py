"""What Tab completes in a shell."""

from __future__ import annotations

import pytest
from click.shell_completion import ShellComplete

from osstui.cli.group import osstui


def completed(*words: str) -> list[str]:
    *before, incomplete = words
    complete = ShellComplete(osstui, {}, "osstui", "_OSSTUI_COMPLETE")
    return [item.value for item in complete.get_completions(before, incomplete)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("as",), ["ask"]),
        (("--pre",), ["--preset"]),
        (("ask", "--preset", "bal"), ["balanced"]),
        (("-p", "gro"), ["groq"]),
        (("ask", "-p", "groq,cer"), ["groq,cerebras"]),
        (("history", "sea"), ["search"]),
        (("-p", "groq", "--dem"), ["--demo"]),
    ],
)
def test_commands_options_hosts_and_presets_are_completed(words: tuple[str, ...], found: list[str]) -> None:
    assert completed(*words) == found


def test_nothing_typed_offers_every_command() -> None:
    assert {"ask", "check", "simulate"} <= {*completed("")}
    assert "app" not in completed("")
