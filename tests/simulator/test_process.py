from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from osstui.simulator.__main__ import main
from osstui.simulator.hosts import HOSTS
from osstui.simulator.process import SimulatorError, SimulatorProcess


def test_the_child_ends_with_its_parent() -> None:
    parent = (
        "from osstui.simulator.process import SimulatorProcess as S; import os;"
        "from pathlib import Path;"
        "s = S(log=Path('/dev/stdout')); s.start(); print(s.pid, flush=True); os._exit(0)"
    )
    out = subprocess.run([sys.executable, "-c", parent], capture_output=True, check=True, timeout=10)
    # run() reads to the end of the pipe, which the simulator holds open as its stderr for as long as it lives
    assert int(out.stdout)


def test_the_child_ends_when_stdin_does() -> None:
    command = [sys.executable, "-m", "osstui.simulator", "--until-eof"]
    out = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=10)
    assert out.returncode == 0
    assert out.stdout.startswith(b'{"port": ')


async def test_a_started_simulator_answers_and_closes_twice() -> None:
    simulator = SimulatorProcess()
    with pytest.raises(SimulatorError):
        _ = simulator.url
    url = await simulator.start_async()
    with urllib.request.urlopen(f"{url}/health") as response:
        assert response.status == 200
    simulator.close()
    simulator.close()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"{url}/health")


def test_a_wrong_fault_is_told_in_one_line() -> None:
    command = [sys.executable, "-m", "osstui.simulator", "--fault", "groq=stal"]
    out = subprocess.run(command, capture_output=True, check=False, timeout=10, text=True)
    assert out.returncode == 2
    assert out.stderr == "osstui simulator: no fault is called 'stal'; did you mean 'stall'?\n"


def test_a_simulator_that_cannot_start_says_so() -> None:
    with pytest.raises(SimulatorError, match="exit code 2"):
        SimulatorProcess(faults=["nonsense"]).start()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "99999"], "'99999' is no port: 0 to 65535"),
        (["--port", "-1"], "'-1' is no port: 0 to 65535"),
        (["--speed", "0"], "'0' is no speed: more than 0, at most 1000"),
        (["--speed", "fast"], "'fast' is no speed: more than 0, at most 1000"),
    ],
)
def test_a_number_that_cannot_be_is_told_before_anything_listens(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert told in capsys.readouterr().err


def test_a_stranger_is_told_where_to_point_a_client_and_can_end_it() -> None:
    command = [sys.executable, "-m", "osstui.simulator", "--fault", "grok=429"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        port = json.loads(child.stdout.readline())["port"]
        warning, address = child.stderr.readline(), child.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as response:
            listed = response.read().decode().splitlines()
        child.send_signal(signal.SIGINT)
        assert child.wait(10) == 0
    assert "did you mean 'groq'" in warning
    assert f"http://127.0.0.1:{port}/groq/v1" in address
    assert "Ctrl+C ends" in address
    bases = [line.split()[0] for line in listed if line.startswith("http")]
    assert bases == [f"http://127.0.0.1:{port}/{h}/{'api' if 'ollama' in h else 'v1'}" for h in HOSTS]


def test_the_request_of_the_readme_is_answered_as_it_stands() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    asked = re.search(r"curl localhost:8900(/\S+) \\\n  -d '(.*)'", text)
    assert asked is not None
    with SimulatorProcess(speed=50) as simulator:
        request = urllib.request.Request(f"{simulator.url}{asked[1]}", data=asked[2].encode())
        with urllib.request.urlopen(request) as response:
            assert response.readline().startswith(b"data: {")
