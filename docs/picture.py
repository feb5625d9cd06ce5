"""Takes the README's picture, the app in its demo in the middle of an answer:
`python docs/picture.py docs/compare.svg`."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from osstui.catalog import load_catalog
from osstui.engine.client import EngineProcess
from osstui.tui.app import OsstuiApp
from osstui.tui.exporting import svg
from osstui.tui.opening import Opening

PROMPT = "Which of my two caches should I keep? Compare them in a table."
SECONDS = 1.4


async def picture() -> str:
    """As SVG."""
    os.environ["COLORTERM"] = "truecolor"  # the picture does not depend on who takes it
    engine = EngineProcess()
    engine.start()
    app = OsstuiApp(engine, load_catalog, Opening(demo=True))
    async with app.run_test(size=(150, 46)) as pilot:
        while not app.screen.query("LanePane"):
            await pilot.pause(0.05)
        await pilot.pause(0.5)
        app.screen.query_one("PromptBox").text = PROMPT
        await pilot.press("enter")
        await pilot.pause(SECONDS)
        shown = svg(app)
    await engine.close()
    return shown


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(asyncio.run(picture()), encoding="utf-8")
