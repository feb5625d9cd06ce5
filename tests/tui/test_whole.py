"""The app with its real engine process and the real simulated fleet."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from textual.widgets import TextArea

from osstui.engine.client import EngineProcess
from osstui.profile import Profile
from osstui.simulator.process import SimulatorProcess
from osstui.tui.app import OsstuiApp
from osstui.tui.opening import Opening
from osstui.tui.screens.tool_answers import ToolAnswersScreen
from tests.tui.scripted import ScriptedEngine, Terminal, catalog


async def test_answers_stream_and_a_dead_engine_is_told_and_started_again() -> None:
    engine = EngineProcess()
    opening = Opening(
        lanes=["groq", "cerebras"],
        demo=True,
        simulator=lambda: SimulatorProcess(faults=["groq=tps=20;ttft=0.1;tokens=400"]),
    )
    app = OsstuiApp(engine, catalog, opening)
    async with app.run_test(size=(120, 40)) as pilot:
        t = Terminal(app, ScriptedEngine(), pilot)
        await t.until(lambda: app.compare.draft.lanes_known)
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


async def test_a_tool_is_called_answered_and_used_by_real_processes(tmp_path: Path) -> None:
    tools = tmp_path / "tools.yaml"
    tools.write_text("- {name: get_weather, parameters: {type: object, properties: {city: {type: string}}}}")
    opening = Opening(
        lanes=["groq", "ollama"],
        demo=True,
        simulator=SimulatorProcess,
        profile=Profile(tools=str(tools)),
        prompt="What is the weather in Oslo? [[sim: reasoning=5;tps=500;ttft=0.1]]",
    )
    app = OsstuiApp(EngineProcess(), catalog, opening)
    async with app.run_test(size=(120, 40)) as pilot:
        t = Terminal(app, ScriptedEngine(), pilot)
        await t.until_shown("✓ get_weather fits its schema")
        await t.until_quiet()
        for key, result in (("alt+1", "17.3 °C"), ("alt+2", "-2.5 °C")):
            await t.press(key, "t")
            await t.until(lambda: isinstance(app.screen, ToolAnswersScreen))
            app.screen.query_one("#result-0", TextArea).text = result
            await t.press("ctrl+s")
            await t.until_shown(f"The tool answered: {result}")
            await t.until_quiet()
        await t.press("ctrl+q")
