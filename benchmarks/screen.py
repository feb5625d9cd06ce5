"""Does the screen keep up? The app in a real terminal against the simulated hosts on loopback.

    python -m benchmarks.screen [NAME …]      without names, all of them

Each row: what was measured, the figure, and the bar it is held against.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

from benchmarks.terminal import Terminal, osstui
from osstui import events
from osstui.measure.run import RunState
from osstui.selftest.compare import Truth, fetch_truths
from osstui.selftest.scenario import PROMPT, Scenario
from osstui.simulator.process import SimulatorProcess

BARE = """
from textual.app import App
from textual.widgets import Input
class Bare(App):
    def compose(self): yield Input()
Bare().run()
"""
NUMBERS = ("tok/s", "TTFT", "done", "prompt", "streaming", "thinking", "waiting")


def content(rows: list[str]) -> list[str]:
    """The rows that hold answers, without those that hold numbers."""
    return [row for row in rows if not any(word in row for word in NUMBERS)]


@contextmanager
def running(scenario: Scenario, url: str, columns: int, rows: int) -> Iterator[tuple[Terminal, str, Path]]:
    mark = uuid4().hex[:8]
    with tempfile.TemporaryDirectory(prefix="osstui-bench-") as folder:
        catalog, record = Path(folder) / "catalog.yaml", Path(folder) / "record.jsonl"
        scenario.write_catalog(catalog, url, mark)
        lanes = [option for name in scenario.lane_names() for option in ("-p", name)]
        command = osstui("--catalog-only", str(catalog), "--record", str(record), *lanes, PROMPT)
        terminal = Terminal(command, columns, rows)
        try:
            yield terminal, mark, record
        finally:
            terminal.close()


def wait_until_done(record: Path, seconds: float) -> RunState:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.2)
        if record.exists():
            state = RunState()
            for line in record.read_bytes().split(b"\n")[:-1]:
                state.apply(events.decode(line))
            if state.done:
                return state
    raise TimeoutError(f"not done after {seconds:.0f} s")


def last_write(truths: dict[str, Truth], mark: str) -> int:
    return max(truth["t_last"] for name, truth in truths.items() if name.startswith(mark))


def lag(scenario: Scenario, url: str, columns: int = 120, rows: int = 40) -> tuple[float, float, float]:
    """Seconds from the last server token until the screen is settled; CPU-seconds; MB."""
    with running(scenario, url, columns, rows) as (terminal, mark, record):
        wait_until_done(record, 30 + 2 * scenario.seconds)
        time.sleep(1.5)
        cpu, memory = terminal.cpu_seconds(), terminal.memory_mb()
    ended = last_write(fetch_truths(url), mark)
    return (terminal.settled(content) - ended) / 1e9, cpu, memory


def one_pane(url: str) -> None:
    for tps, bar in ((100, 0.15), (500, 0.15), (3000, 0.5)):
        seconds, cpu, _ = lag(Scenario(lanes=1, tps=tps, tokens=4000), url)
        report(f"4,000 tokens at {tps} tok/s: end visible after", f"{seconds:.3f} s", f"≤ {bar} s")
        if tps == 500:
            report("  CPU of all processes, start included", f"{cpu:.2f} s", "≤ 4 s")


def eight_panes(url: str) -> None:
    seconds, cpu, _ = lag(Scenario(lanes=8, tps=200, tokens=2000), url, 200, 60)
    report("8 panes × 200 tok/s × 2,000 tokens: all ends visible after", f"{seconds:.3f} s", "≤ 0.5 s")
    report("  CPU of all processes, start included", f"{cpu:.2f} s", "")
    _, _, memory = lag(Scenario(lanes=8, tps=1000, tokens=4000), url, 200, 60)
    report("8 × 4,000 tokens: resident memory of both processes", f"{memory:.0f} MB", "≤ 260 MB")


def long_answer(url: str) -> None:
    scenario = Scenario(lanes=1, tps=2000, tokens=20_000)
    with running(scenario, url, 120, 40) as (terminal, mark, record):
        while not record.exists():
            time.sleep(0.01)
        time.sleep(scenario.ttft + 0.1)
        marks = []
        for _ in range(5):
            marks.append(terminal.cpu_seconds())
            time.sleep(20_000 / 2000 / 4)
        wait_until_done(record, 60)
        time.sleep(1.0)
    ended = last_write(fetch_truths(url), mark)
    seconds = (terminal.settled(content) - ended) / 1e9
    quarters = [later - earlier for earlier, later in pairwise(marks)]
    report("20,000 tokens at 2,000 tok/s: end visible after", f"{seconds:.3f} s", "≤ 0.3 s")
    report("  CPU per token, last quarter to first", f"{quarters[3] / quarters[0]:.2f}", "≤ 1.25")


def typing_echo(url: str) -> None:
    scenario = Scenario(lanes=8, tps=200, tokens=2000)
    typed, stamps = "the quick brown fox jumps over the lazy dog again and again", []
    with running(scenario, url, 200, 60) as (terminal, _, record):
        while not record.exists():
            time.sleep(0.05)
        time.sleep(1.5)
        for letter in typed:
            stamps.append(terminal.type(letter))
            time.sleep(0.083)
        time.sleep(0.5)
    shown: dict[int, int] = {}
    for stamp, rows in terminal.screens():
        text = "\n".join(rows)
        for length in range(len(shown) + 1, len(typed) + 1):
            if stamps[length - 1] > stamp or typed[:length].rstrip() not in text:
                break
            shown[length] = stamp
    late = sorted((stamp - stamps[length - 1]) / 1e6 for length, stamp in shown.items())
    p95 = late[int(0.95 * (len(late) - 1))]
    report(
        f"typing echo while 8 panes stream, p95 of {len(late)} (p50 {late[len(late) // 2]:.0f} ms)",
        f"{p95:.0f} ms",
        "≤ 60 ms",
    )


def first_screen(url: str) -> None:
    def usable(command: list[str]) -> float:
        best = []
        for _ in range(7):
            terminal = Terminal(command, typed="zqx")
            time.sleep(2.0)
            terminal.close()
            time.sleep(2.0)
            seen = terminal.first(lambda rows: any("zqx" in row for row in rows), terminal.opened())
            assert seen is not None, "what was typed at once is not on the screen"
            best.append((seen - terminal.started) / 1e9)
        return sorted(best)[len(best) // 2]

    bare = usable([sys.executable, "-c", BARE])
    ours = usable(osstui("--demo"))
    report(
        f"first usable screen {ours:.2f} s, a bare Textual app {bare:.2f} s",
        f"{ours / bare:.2f} ×",
        "≤ 1.5 ×",
    )


def idle(url: str) -> None:
    scenario = Scenario(lanes=4, tps=1000, tokens=500)
    with running(scenario, url, 160, 50) as (terminal, _, record):
        wait_until_done(record, 30)
        time.sleep(2)
        before = terminal.cpu_seconds()
        time.sleep(10)
        share = (terminal.cpu_seconds() - before) / 10
    report("idle, four answers on the screen", f"{share * 100:.1f} % of a core", "≤ 1 %")


def report(what: str, figure: str, bar: str) -> None:
    print(f"{what:<72} {figure:>14}   {bar}", flush=True)


ALL: dict[str, Callable[[str], None]] = {
    "one_pane": one_pane,
    "eight_panes": eight_panes,
    "long_answer": long_answer,
    "typing_echo": typing_echo,
    "first_screen": first_screen,
    "idle": idle,
}


def main() -> None:
    with SimulatorProcess() as simulator:
        for name in sys.argv[1:] or ALL:
            ALL[name](simulator.url)


if __name__ == "__main__":
    main()
