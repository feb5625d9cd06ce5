"""An app whose themes are YAML files: those shipped, and those in the user's config folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.app import App

from osstui.tui.say import LONG, say
from osstui.tui.themes import (
    DEFAULT_THEME,
    SIXTEEN_COLORS,
    ThemeError,
    load_theme,
    load_themes,
    shipped_themes,
)

if TYPE_CHECKING:
    from osstui.settings import Settings


class ThemedApp(App[None]):
    """The first paint needs one theme; the others are read after it. The last choice is remembered."""

    def __init__(self, settings: Settings | None, shipped: Path | None) -> None:
        """`shipped` stands for the themes that come with osstui."""
        super().__init__()
        self.settings = settings
        self._shipped = shipped
        self._names: list[str] = []
        self._problem: str | None = None
        self._use_first_theme()

    def _use_first_theme(self) -> None:
        wanted = self.settings.theme() if self.settings else None
        try:
            folder = self._shipped or shipped_themes()
            default = SIXTEEN_COLORS if self.console.color_system == "standard" else DEFAULT_THEME
            file = folder / f"{(wanted or default).removeprefix('osstui-')}.yaml"
            theme = load_theme(file if file.exists() else folder / "dusk.yaml")
            self.register_theme(theme)
            self.theme = theme.name
        except (ThemeError, FileNotFoundError) as problem:
            self._problem = str(problem)
        self._remembered = wanted or self.theme

    async def load_other_themes(self) -> None:
        """All of them, read in a thread; a file that can't be used is said, and is no theme."""
        problems = [self._problem] if self._problem else []
        folders = self._theme_folders(problems)
        found = await asyncio.to_thread(lambda: [load_themes(folder) for folder in folders])
        for folder, (themes, wrong) in zip(folders, found, strict=True):
            problems += [f"{folder}: {problem}" for problem in wrong if problem != self._problem]
            for theme in themes:
                self.register_theme(theme)
                if theme.name not in self._names:
                    self._names.append(theme.name)
        for problem in problems:
            say(self, problem, "warning", timeout=LONG)
        if self._remembered in self.available_themes:
            self.theme = self._remembered

    def _theme_folders(self, problems: list[str]) -> list[Path]:
        """The later one wins where both have a theme of the same name."""
        folders: list[Path] = []
        try:
            folders.append(self._shipped or shipped_themes())
        except FileNotFoundError as missing:
            if str(missing) not in problems:
                problems.append(str(missing))
        if self.settings is not None:
            folders.append(self.settings.path.parent / "themes")
        return folders

    def watch_theme(self, theme: str) -> None:
        """What the user chooses is there again at the next start."""
        if self._running and self.settings is not None and theme != self._remembered:
            self._remembered = theme
            self._keep_theme(self.settings, theme)

    @work(exit_on_error=False, group="settings")
    async def _keep_theme(self, settings: Settings, theme: str) -> None:
        try:
            await asyncio.to_thread(settings.keep_theme, theme)
        except ValueError as problem:
            say(self, f"{problem}; the theme is not remembered", "warning")

    def action_next_theme(self) -> None:
        names = self._names or list(self.available_themes)
        at = names.index(self.theme) + 1 if self.theme in names else 0
        self.theme = names[at % len(names)]
        say(self, f"Theme: {self.theme}", timeout=2)
