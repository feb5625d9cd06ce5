"""`osstui selftest`: osstui's own error on this machine, against simulated hosts that know what they did."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from osstui.cli.group import narrate, wrong
from osstui.cli.plain import aligned

if TYPE_CHECKING:
    from osstui.selftest.compare import Verdict
    from osstui.selftest.scenario import Scenario

Row = tuple[str, Callable[["Verdict"], str]]


def _number(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.3g} {unit}"


ROWS: tuple[Row, ...] = (
    ("TTFT error, median", lambda v: _number(v.ttft_p50, "ms")),
    ("TTFT error, p95", lambda v: _number(v.ttft_p95, "ms")),
    ("output speed error, p95", lambda v: _number(v.speed_p95, "%")),
    ("text and reasoning exact", lambda v: f"{v.text_exact}/{v.lanes}"),
    ("token counts exact", lambda v: f"{v.tokens_exact}/{v.lanes}"),
    ("costs exact", lambda v: f"{v.cost_exact}/{v.lanes}"),
)


@click.command(context_settings={"show_default": True})
@click.option("--lanes", type=click.IntRange(1, 32), default=8, metavar="N", help="Hosts at once.")
@click.option("--tps", type=click.FloatRange(1, 10_000), default=100.0, metavar="X", help="Tokens/s of each.")
@click.option(
    "--tokens", type=click.IntRange(1, 50_000), default=200, metavar="N", help="Length of each answer."
)
@click.option(
    "--chunk", type=click.IntRange(1, 64), default=1, metavar="N", help="Tokens that come together."
)
@click.option(
    "--rounds", type=click.IntRange(1, 100), default=3, metavar="N", help="Rounds without a screen."
)
@click.option("--no-screen", is_flag=True, help="Leave out the round with the screen painting.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def selftest(
    lanes: int, tps: float, tokens: int, chunk: int, rounds: int, *, no_screen: bool, as_json: bool
) -> int:
    """Measure osstui's own error on this machine.

    Simulated hosts on loopback answer at a known pace; what osstui measures is held against their own clock,
    first without a screen and then with the app painting every answer in a terminal that nobody sees.
    Exit code 1 when a text, a token count or a cost was not exact.
    """
    from osstui.selftest.scenario import Scenario

    scenario = Scenario(lanes=lanes, tps=tps, tokens=tokens, chunk=chunk)
    with_screen = not no_screen and sys.platform != "win32"
    total = scenario.seconds * (rounds + with_screen)
    narrate(f"about {total + 3:.0f} s …")
    verdicts = _measure(scenario, rounds, with_screen=with_screen)
    if as_json:
        measured = {name: asdict(verdict) for name, verdict in verdicts.items()}
        click.echo(json.dumps({"v": 1, "scenario": asdict(scenario), "measured": measured}, indent=2))
    else:
        click.echo(f"{lanes} simulated hosts × {tps:g} tok/s × {tokens} tokens, {chunk} a chunk, loopback\n")
        rows = [[title, *(show(verdict) for verdict in verdicts.values())] for title, show in ROWS]
        for line in aligned([["", *verdicts], *rows]):
            click.echo(line)
    return 0 if all(verdict.exact for verdict in verdicts.values()) else 1


def _measure(scenario: Scenario, rounds: int, *, with_screen: bool) -> dict[str, Verdict]:
    from osstui.engine.loop import run
    from osstui.selftest.compare import summarize
    from osstui.selftest.headless import headless
    from osstui.selftest.painted import PaintedError, painted
    from osstui.simulator.process import SimulatorError, SimulatorProcess

    try:
        with SimulatorProcess() as simulator:
            verdicts = {"no screen": summarize(run(headless(scenario, simulator.url, rounds)))}
            if with_screen:
                verdicts["screen painting"] = summarize(painted(scenario, simulator.url))
    except (SimulatorError, PaintedError) as error:
        wrong(str(error))
    except OSError as error:
        wrong(f"the simulated providers went away: {error}")
    return verdicts
