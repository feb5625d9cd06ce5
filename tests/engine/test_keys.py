from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from osstui.engine import keys
from osstui.engine.keys import Keyring, NoKeyError
from tests.engine.asking import target

SECRET = "secret-0123456789"


def by_command(command: str) -> object:
    return target("https://example.com/v1", api_key_env=(), api_key_command=command)


def python(code: str) -> str:
    return f"{sys.executable} -c {code!r}" if "'" not in code else f'{sys.executable} -c "{code}"'


async def refused(command: str) -> str:
    with pytest.raises(NoKeyError) as error:
        await Keyring({}).key(by_command(command))  # type: ignore[arg-type]
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)
    return str(error.value)


async def test_the_first_variable_that_is_set_wins() -> None:
    two = target("https://example.com", api_key_env=("ONE", "TWO"))
    assert await Keyring({"TWO": "second"}).key(two) == "second"
    assert await Keyring({"ONE": "first", "TWO": "second"}).key(two) == "first"
    assert await Keyring({"ONE": "  ", "TWO": " second\n"}).key(two) == "second"


async def test_a_missing_key_names_the_variables() -> None:
    with pytest.raises(NoKeyError, match="set ONE or TWO"):
        await Keyring({}).key(target("https://example.com", api_key_env=("ONE", "TWO")))


async def test_no_key_is_needed_where_none_is_asked_for() -> None:
    assert await Keyring({}).key(target("https://example.com", api_key_env=())) is None
    local = target("http://localhost", api_key_env=("ONE",), key_required=False)
    assert await Keyring({}).key(local) is None
    assert await Keyring({"ONE": "mine"}).key(local) == "mine"


async def test_a_command_prints_the_key() -> None:
    assert await Keyring({}).key(by_command(python(f"print('{SECRET}')"))) == SECRET  # type: ignore[arg-type]


async def test_a_variable_goes_before_the_command() -> None:
    both = target("https://example.com", api_key_env=("ONE",), api_key_command=python("print('command')"))
    assert await Keyring({"ONE": "variable"}).key(both) == "variable"


@pytest.mark.parametrize(
    "code",
    [
        f"import sys; print('{SECRET}'); sys.exit(3)",
        f"import sys; print('{SECRET}', file=sys.stderr); sys.exit(3)",
        "pass",
        f"print('{SECRET}'); print('{SECRET}')",
    ],
    ids=["fails", "fails aloud", "prints nothing", "prints two lines"],
)
async def test_a_command_that_prints_no_key_is_said_without_its_output(
    code: str, capfd: pytest.CaptureFixture[str]
) -> None:
    message = await refused(python(code))
    assert Path(sys.executable).name in message
    assert "printed no key" in message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("command", ["no-such-program-anywhere --now", "  ", "echo 'unclosed", "/", "\x00"])
async def test_a_command_that_can_not_be_started_is_said(command: str) -> None:
    assert "api_key_command" in await refused(command)


async def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(keys, "COMMAND_SECONDS", 0.3)
    assert "took more than 0.3 s" in await refused(
        python("import sys; sys.stdin.close(); import time; time.sleep(600)")
    )


async def test_a_command_that_nobody_waits_for_any_more_is_ended(tmp_path: Path) -> None:
    started = tmp_path / "started"
    os.mkfifo(started)
    command = python(f"import os, time; print(os.getpid(), file=open('{started}', 'w')); time.sleep(60)")
    asking = asyncio.create_task(keys._run(command))
    pid = int(await asyncio.to_thread(started.read_text))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_command_sees_no_terminal_input() -> None:
    assert "printed no key" in await refused(python("import sys; print(sys.stdin.read())"))


def counting(tmp_path: Path) -> tuple[str, Path]:
    """A command that prints token-1, token-2, …"""
    runs = tmp_path / "runs"
    script = tmp_path / "token.py"
    script.write_text(
        f"from pathlib import Path\np = Path({str(runs)!r})\n"
        "p.write_text((p.read_text() if p.exists() else '') + 'x')\nprint('token-%d' % len(p.read_text()))\n"
    )
    return f"{sys.executable} {script}", runs


async def test_a_token_is_fetched_once_for_all_lanes_and_kept(tmp_path: Path) -> None:
    command, runs = counting(tmp_path)
    ring, lane = Keyring({}), by_command(command)
    tokens = await asyncio.gather(*(ring.key(lane) for _ in range(4)))  # type: ignore[arg-type]
    assert set(tokens) == {"token-1"}
    assert await ring.key(lane) == "token-1"  # type: ignore[arg-type]
    assert runs.read_text() == "x"


async def test_a_forgotten_token_is_fetched_again(tmp_path: Path) -> None:
    command, _ = counting(tmp_path)
    ring, lane = Keyring({}), by_command(command)
    assert await ring.key(lane) == "token-1"  # type: ignore[arg-type]
    assert ring.forget(lane) is True  # type: ignore[arg-type]
    assert ring.forget(lane) is False, "there is no other token to hope for"  # type: ignore[arg-type]
    assert await ring.key(lane) == "token-2"  # type: ignore[arg-type]


async def test_a_failed_command_is_run_again_next_time(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    command = python(f"import os, sys; sys.exit(3) if not os.path.exists('{flag}') else print('{SECRET}')")
    ring, lane = Keyring({}), by_command(command)
    with pytest.raises(NoKeyError):
        await ring.key(lane)  # type: ignore[arg-type]
    flag.touch()
    assert await ring.key(lane) == SECRET  # type: ignore[arg-type]


async def test_a_lane_that_is_cancelled_does_not_stop_the_command_of_another(tmp_path: Path) -> None:
    command, runs = counting(tmp_path)
    ring, lane = Keyring({}), by_command(command)
    first = asyncio.create_task(ring.key(lane))  # type: ignore[arg-type]
    second = asyncio.create_task(ring.key(lane))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    first.cancel()
    assert await second == "token-1"
    assert runs.read_text() == "x"


def test_a_variable_outside_the_process_environment_is_not_a_forgotten_token() -> None:
    assert Keyring({"ONE": "x"}).forget(target("https://example.com", api_key_env=("ONE",))) is False


def test_statuses_tell_the_source_and_never_the_key() -> None:
    ring = Keyring({"TWO": SECRET})
    found = ring.statuses(
        [
            target("https://example.com", api_key_env=("ONE", "TWO")),
            target("https://example.com", api_key_env=("ONE",)),
            target("https://example.com", api_key_env=()),
            target("http://localhost", api_key_env=("ONE",), key_required=False),
            by_command(f"{sys.executable} -c pass"),  # type: ignore[list-item]
            by_command("no-such-program-anywhere"),  # type: ignore[list-item]
            by_command("echo 'unclosed"),  # type: ignore[list-item]
        ]
    )
    assert [(status.present, status.required, status.source) for status in found] == [
        (True, True, "TWO"),
        (False, True, None),
        (False, False, None),
        (False, False, None),
        (True, True, "command"),
        (False, True, None),
        (False, True, None),
    ]
    assert SECRET not in repr(found)
