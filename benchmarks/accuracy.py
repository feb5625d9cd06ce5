"""How true the numbers are: measured against the simulated hosts' own clock, on loopback.

    python -m benchmarks.accuracy

Every row: lanes × tokens/s, tokens a chunk; the error of TTFT (median, p95) and of the output speed (p95);
how many texts, token counts and costs were exact.
"""

from __future__ import annotations

from benchmarks.screen import report
from osstui.engine.loop import run
from osstui.selftest.compare import Verdict, summarize
from osstui.selftest.headless import headless
from osstui.selftest.painted import painted
from osstui.selftest.scenario import Scenario
from osstui.simulator.process import SimulatorProcess

ROUNDS = 5
SPEEDS = ((100, 200, 1), (100, 400, 8), (486, 800, 1), (1000, 1500, 2), (3000, 3000, 4), (3000, 3000, 8))


def show(what: str, verdict: Verdict, ttft_bar: str) -> None:
    exact = f"{verdict.text_exact}/{verdict.tokens_exact}/{verdict.cost_exact} of {verdict.lanes} exact"
    report(f"{what}: TTFT", f"{verdict.ttft_p50:.2f} / {verdict.ttft_p95:.2f} ms", ttft_bar)
    report("  output speed, p95", f"{verdict.speed_p95:.3f} %", "≤ 0.5 %")
    report("  text, tokens, cost", exact, "all")


def main() -> None:
    with SimulatorProcess() as simulator:
        for tps, tokens, chunk in SPEEDS:
            scenario = Scenario(lanes=8, tps=tps, tokens=tokens, chunk=chunk)
            verdict = summarize(run(headless(scenario, simulator.url, ROUNDS)))
            show(f"8 × {tps} tok/s, {chunk} a chunk", verdict, "≤ 1 / 3 ms" if tps == 100 else "")
        scenario = Scenario(lanes=8, tps=100, tokens=200)
        errors = [error for _ in range(ROUNDS) for error in painted(scenario, simulator.url)]
        show("8 × 100 tok/s while the screen paints 8 panes", summarize(errors), "≤ 1.5 / 5 ms")


if __name__ == "__main__":
    main()
