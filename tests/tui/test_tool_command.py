"""Commands that answer tool calls: real processes."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from osstui.tui.tool_command import LARGEST_OUTPUT, environment, run_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the commands are written for a POSIX system")


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_a_command_gets_the_arguments_on_stdin_and_gives_its_output(tmp_path: Path) -> None:
    code = "import json, sys; print('city:', json.load(sys.stdin)['city'])"
    outcome = await run_command(python(code), tmp_path, '{"city": "Zürich"}')
    assert (outcome.text, outcome.ok) == ("city: Zürich\n", True)
    assert outcome.told.startswith("exit code 0 after ")


async def test_there_is_no_shell(tmp_path: Path) -> None:
    outcome = await run_command(("echo", "$HOME", ";", "touch", "here"), tmp_path, "{}")
    assert outcome.text == "$HOME ; touch here\n"
    assert list(tmp_path.iterdir()) == []


async def test_it_runs_in_the_folder_of_the_tools_file(tmp_path: Path) -> None:
    assert (await run_command(("pwd",), tmp_path, "{}")).text.strip() == str(tmp_path.resolve())


async def test_a_provider_s_key_is_not_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-secret")
    monkeypatch.setenv("HARMLESS", "yes")
    outcome = await run_command(("env",), tmp_path, "{}", hidden={"GROQ_API_KEY"})
    assert "HARMLESS=yes" in outcome.text
    assert "gsk-secret" not in outcome.text
    assert environment({"Groq_Api_Key": "x", "A": "b"}, {"GROQ_API_KEY"}) == {"A": "b"}


async def test_an_exit_code_and_stderr_are_told_on_one_safe_line(tmp_path: Path) -> None:
    code = r"import sys; print('half'); sys.stderr.write('no\nsuch \x1b[31mcity'); sys.exit(3)"
    outcome = await run_command(python(code), tmp_path, "{}")
    assert (outcome.text, outcome.ok) == ("half\n", False)
    assert outcome.told.startswith("exit code 3 after ")
    assert "such" in outcome.told
    assert outcome.told.isprintable()


async def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    outcome = await run_command(("no-such-program-here",), tmp_path, "{}")
    assert (outcome.ok, outcome.told) == (
        False,
        "no-such-program-here can't be run: No such file or directory",
    )


async def test_a_command_that_does_not_read_its_arguments_is_fine(tmp_path: Path) -> None:
    big = json.dumps({"text": "x" * 1_000_000})
    assert (await run_command(("true",), tmp_path, big)).ok


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    outcome = await run_command(python(code), tmp_path, "{}", seconds=1.0)
    assert (outcome.ok, outcome.told) == (False, "ended after 1 s")
    await gone(int(outcome.text))


async def test_a_flood_is_ended_and_what_was_kept_has_its_limit(tmp_path: Path) -> None:
    outcome = await run_command(("yes",), tmp_path, "{}")
    assert (len(outcome.text), outcome.ok) == (LARGEST_OUTPUT, False)
    assert outcome.told == "ended: it wrote more than 64 KiB"


async def test_a_cancelled_command_is_ended(tmp_path: Path) -> None:
    mark = tmp_path / "pid"
    code = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    task = asyncio.create_task(run_command(python(code), tmp_path, "{}"))
    async with asyncio.timeout(20):
        while not mark.exists() or not mark.read_text():
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await gone(int(mark.read_text()))


async def gone(pid: int) -> None:
    """Waits until the process is no more, or only its name is left."""
    status = Path(f"/proc/{pid}/stat")
    async with asyncio.timeout(10):
        while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
            await asyncio.sleep(0.01)
