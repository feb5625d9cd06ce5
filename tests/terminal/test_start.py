"""How the app opens: a first run, command lines, files that are wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from osstui.catalog import load_catalog
from osstui.store.journal import read_events
from osstui.store.replay import recordings
from tests.terminal.conftest import Open
from tests.terminal.terminal import ENTER, ESC, REPOSITORY, ctrl


def headless(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "osstui", *arguments],
        env=environment, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
    )  # fmt: skip


def local_servers() -> list[str]:
    """Providers on this machine that would answer, so that the app had something real to ask."""
    found = []
    for provider in load_catalog(user=Path("none")).providers.values():
        if provider.local:
            address = urlsplit(provider.base_url)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", address.port or 80)) == 0:
                    found.append(provider.id)
    return found


def test_a_first_run_opens_the_demo_says_so_and_answers_in_every_pane_with_numbers(
    osstui: Open, environment: dict[str, str]
) -> None:
    if servers := local_servers():
        pytest.skip(f"something answers at the ports of {', '.join(servers)}")
    t = osstui()
    t.until_shown("DEMO", "no key, no local server", "6 lanes")
    hosts = ("cerebras", "groq", "sambanova", "deepinfra", "together", "fireworks")
    assert all(f"{number} {host} " in t.text for number, host in enumerate(hosts, 1))
    assert t.text.count("simulated") >= len(hosts)
    t.ask("Name a colour [[sim: text=Teal, for once.;reasoning=0]]")
    t.until_shown("6/6 done", "cheapest")
    text = t.until(lambda text: text.count("✓ done") == 6, "six answers that are done")
    assert text.count("Teal, for once.") == 6
    assert text.count("TTFT") == 6
    assert text.count("$0.0") >= 7
    t.type(ctrl("q"))
    assert t.until_ended(5) == 0
    (run,) = json.loads(headless(environment, "history", "--json").stdout)
    assert run["prompt"].startswith("Name a colour")
    assert tuple(run["lanes"]) == hosts


def test_a_prompt_on_the_command_line_is_sent_at_once_recorded_and_played_back(
    osstui: Open, environment: dict[str, str], tmp_path: Path
) -> None:
    record = tmp_path / "session.jsonl"
    prompt = "Say it [[sim: text=Here it is.;tps=400;reasoning=10]]"
    t = osstui("--demo", "-p", "groq,cerebras", "--record", str(record), prompt)
    t.until_shown("2/2 done", "Ask every lane at once")
    t.until(lambda text: text.count("Here it is.") >= 2, "both answers")
    t.type(ctrl("q"))
    assert t.until_ended(5) == 0
    problems: list[str] = []
    with record.open("rb") as lines:
        (run,) = recordings(read_events(lines, problems.append))
    assert not problems
    assert {event.run for event in run} == {run[0].run}
    played = headless(environment, "replay", str(record), "--json")
    assert played.returncode == 0, played.stderr
    document = json.loads(played.stdout)
    assert document["prompt"] == prompt
    assert [(lane["lane"], lane["status"], lane["text"]) for lane in document["lanes"]] == [
        ("groq", "ok", "Here it is."),
        ("cerebras", "ok", "Here it is."),
    ]
    assert all(lane["ttft_ms"] > 0 and lane["cost_usd"] > 0 for lane in document["lanes"])


def test_a_name_that_no_provider_has_is_told_with_the_nearest_one(osstui: Open) -> None:
    t = osstui("--demo", "-p", "grok")
    t.until_shown('there is no provider "grok"; did you mean "groq"?')
    t.ask("Still typing?")
    t.until_shown("There are no lanes yet", "Still typing?")


def test_a_broken_file_of_the_user_is_told_on_screen_and_the_app_goes_on(osstui: Open, home: Path) -> None:
    folder = home / "config" / "osstui"
    folder.mkdir(parents=True)
    (folder / "providers.yaml").write_text("providers:\n  groq:\n    base_urll: https://example.org\n")
    t = osstui("--demo", "-p", "cerebras")
    t.until_shown("providers.yaml:3", "base_urll", "base_url")
    t.ask("Are you there? [[sim: text=Yes, here.]]")
    t.until_shown("Yes, here.", "1/1 done")
    (folder / "providers.yaml").write_text("providers: [\n")
    again = osstui("--demo", "-p", "cerebras")
    again.until_shown("providers.yaml:", "DEMO", "1 lane")


def test_without_a_terminal_the_app_is_one_line_and_no_screen(environment: dict[str, str]) -> None:
    done = headless(environment)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "osstui: the app needs a terminal; without one, use osstui ask PROMPT\n"


def test_help_and_the_palette_open_and_close(osstui: Open) -> None:
    t = osstui("--demo", "-p", "groq")
    t.until_shown("1 lane")
    t.type("\x1bOP")
    t.until_shown("In the prompt box", "Break the line")
    t.type(ESC)
    t.until_gone("Break the line")
    t.type(ctrl("p"))
    t.until_shown("Search for commands", "Retry the lane")
    t.type("zoom")
    t.until_gone("Retry the lane")
    t.type(ENTER)
    t.until_gone("Search for commands")


def test_what_is_piped_in_goes_with_the_prompt_and_keys_still_come_from_the_terminal(osstui: Open) -> None:
    t = osstui("--demo", "-p", "groq", "Say it: [[sim: text=Heard you.;reasoning=0]]", piped="one\ntwo\n")
    t.until_shown("1/1 done", "Heard you.", "one", "two")
    t.type("and this")
    t.until_shown("and this")


def test_what_is_piped_in_alone_is_a_draft(osstui: Open) -> None:
    t = osstui("--demo", "-p", "groq", piped="a line\n" * 3000)
    t.until_shown("[pasted text 1: 3,000 lines", "1 lane")
    t.type("What is this? [[sim: text=Lines.;reasoning=0]]", ENTER)
    t.until_shown("1/1 done", "Lines.")


def test_what_is_typed_before_the_first_screen_stands_is_not_lost(osstui: Open) -> None:
    t = osstui("--demo", "-p", "groq")
    t.until(lambda _: b"\x1b[?1049h" in t.raw, "the screen of the app")
    t.type("at once")
    t.until_shown("DEMO", "│ at once")
