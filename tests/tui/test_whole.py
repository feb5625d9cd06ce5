"""The app with its real engine process and the real simulated fleet."""

from __future__ import annotations

import os
import signal

from osstui.engine.client import EngineProcess
from osstui.simulator.process import SimulatorProcess
from osstui.tui.app import OsstuiApp
from tests.tui.scripted import ScriptedEngine, Terminal, catalog


async def test_answers_stream_and_a_dead_engine_is_told_and_started_again() -> None:
    engine = EngineProcess()
    app = OsstuiApp(
        engine=engine,
        catalog=catalog,
        lanes=["groq", "cerebras"],
        demo=True,
        simulator=lambda: SimulatorProcess(faults=["groq=tps=20;ttft=0.1;tokens=400"]),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        t = Terminal(app, ScriptedEngine(), pilot)
        await t.until(lambda: app.compare.prepared)
        app.compare.prompt.text = "Count"
        await t.press("enter")
        await t.until_shown("● streaming")
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await t.until_quiet()
        await t.until_shown("the engine process died")
        turn = app.compare.session.turn
        assert turn is not None
        kept = turn.states["groq"]
        assert kept.pieces
        app.compare.prompt.text = "Again"
        await t.press("enter")
        await t.until(lambda: len(app.compare.session.turns) == 2)
        await t.until(lambda: (s := app.compare.session.turns[1].lane("cerebras")) and s.status == "ok")
        await t.press("ctrl+c")
        await t.until_quiet()
        assert "■ cancelled" in t.screen
        await t.press("ctrl+q")
