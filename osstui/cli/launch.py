"""Opens the app. Without click: `osstui` alone is the commonest command line and has nothing to parse."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from osstui.catalog import Catalog
    from osstui.tui.opening import Opening


def in_a_terminal() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def launch(
    opening: Opening | None = None,
    *,
    extra: Path | None = None,
    only: Path | None = None,
    history: bool = True,
) -> None:
    """Runs the app to its end. The engine process starts first, beside the imports of the screen.

    `extra` and `only` are catalog files, see `load_catalog`; settings and history are the user's.
    """
    gc.disable()  # the app turns it on again when the first screen stands: imports make no garbage
    from osstui.engine.client import EngineProcess

    engine = EngineProcess(log=_log_file())
    engine.start()

    def catalog() -> Catalog:
        from osstui.catalog import load_catalog

        return load_catalog(extra=extra, only=only)

    from dataclasses import replace

    from osstui.settings import Settings, settings_path
    from osstui.tui.app import OsstuiApp
    from osstui.tui.opening import Opening

    opening = replace(
        opening or Opening(),
        settings=Settings(settings_path()),
        history=_history_file if history else lambda: None,
    )
    app = OsstuiApp(engine, catalog, opening)
    app.run()
    if app.return_code:
        sys.exit(app.return_code)


def _history_file() -> Path | None:
    from osstui.store.schema import history_path

    return history_path()


def _log_file() -> Path | None:
    """Where the engine process may complain; None where no such place can be made."""
    from platformdirs import user_log_path

    try:
        return user_log_path("osstui", ensure_exists=True) / "engine.log"
    except OSError:
        return None
