"""Theme files: shipped ones are good, bad ones are one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.color import Color

from osstui.settings import Settings
from osstui.tui.themes import (
    DEFAULT_THEME,
    SIXTEEN_COLORS,
    ThemeError,
    load_theme,
    load_themes,
    shipped_themes,
)
from tests.tui.scripted import terminal

GOOD = "name: mine\ndark: true\nprimary: '#123456'\n"


def test_every_shipped_theme_loads() -> None:
    themes, problems = load_themes(shipped_themes())
    assert problems == []
    assert DEFAULT_THEME in {theme.name for theme in themes}
    assert {theme.dark for theme in themes} == {True, False}
    assert len({theme.name for theme in themes}) == len(themes) >= 4


def contrast(one: str | None, other: str | None) -> float:
    """WCAG 2.2's contrast ratio: (L1 + 0.05) / (L2 + 0.05) of the relative luminances."""

    def luminance(text: str | None) -> float:
        parts = [c / 255 for c in Color.parse(text or "").rgb]
        r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [path.stem for path in sorted(shipped_themes().glob("*.yaml"))])
def test_text_of_a_shipped_theme_can_be_read(name: str) -> None:
    theme = load_theme(shipped_themes() / f"{name}.yaml")
    least = 7.0 if name == "contrast" else 4.5
    for color in ("foreground", "primary", "secondary", "success", "warning", "error"):
        assert contrast(getattr(theme, color), theme.background) >= least, color


@pytest.mark.parametrize(
    ("term", "theme"),
    [("linux", SIXTEEN_COLORS), ("screen", SIXTEEN_COLORS), ("xterm-256color", DEFAULT_THEME)],
)
async def test_a_terminal_of_sixteen_colours_gets_a_theme_that_can_be_read_there(
    monkeypatch: pytest.MonkeyPatch, term: str, theme: str
) -> None:
    for name in ("COLORTERM", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "auto")
    async with terminal() as t:
        assert t.app.theme == theme


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: [", "not valid YAML"),
        ("- a\n", "must be a mapping"),
        ("dark: true\nprimary: red\n", "name is missing"),
        ("name: x\n", "primary is missing"),
        (GOOD + "accent: '[blink]'\n", "is not a colour"),
        (GOOD + "accent: 12\n", "is not a colour"),
        (GOOD + "colour: red\n", "'colour' is not known"),
        (GOOD + "dark: maybe\n", "dark must be true or false"),
        (GOOD + "variables: [a]\n", "variables must be a mapping"),
        (GOOD + "variables: {border: nonsense}\n", "variable border"),
        (GOOD + "variables: {'a b': red}\n", "variable 'a b'"),
    ],
)
def test_a_bad_theme_is_refused_with_its_name_and_reason(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(ThemeError) as refused:
        load_theme(path)
    assert str(refused.value).startswith("mine.yaml")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


async def test_a_bad_theme_file_is_a_notice_and_the_others_work(tmp_path: Path) -> None:
    for name in ("dusk", "paper"):
        (tmp_path / f"{name}.yaml").write_text((shipped_themes() / f"{name}.yaml").read_text())
    (tmp_path / "zzz.yaml").write_text(GOOD + "accent: nope[/x]\n")
    async with terminal(themes=tmp_path) as t:
        assert "zzz.yaml: accent" in t.notices
        assert t.app.theme == "osstui-dusk"
        await t.press("ctrl+t")
        assert t.app.theme == "osstui-paper"
        await t.press("ctrl+t")
        assert t.app.theme == "osstui-dusk"


async def test_a_broken_default_theme_does_not_stop_the_app(tmp_path: Path) -> None:
    (tmp_path / "dusk.yaml").write_text("primary: nonsense")
    async with terminal(themes=tmp_path) as t:
        assert "dusk.yaml" in t.notices
        assert "groq" in t.screen


async def test_a_theme_in_the_users_own_folder_is_one_of_them(tmp_path: Path) -> None:
    own = tmp_path / "config" / "themes"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text(GOOD)
    settings = Settings(tmp_path / "config" / "settings.yaml")
    settings.keep_theme("mine")
    async with terminal(settings=settings) as t:
        assert t.app.theme == "mine"
        await t.press("ctrl+t")
        await t.until(lambda: t.app.theme != "mine")
        await t.until(lambda: settings.theme() == t.app.theme)
