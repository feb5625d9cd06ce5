from __future__ import annotations

import subprocess
import sys
import urllib.request

import pytest

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
