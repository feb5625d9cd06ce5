"""Themes from YAML files, one each. Colours are parsed before Textual sees them: a bad one crashes there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from textual.color import Color, ColorParseError
from textual.theme import Theme

from osstui.resources import resource
from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_THEME = "osstui-dusk"
SIXTEEN_COLORS = "osstui-contrast"
"""The default where a terminal has no more: shades of the others come out as the same grey there."""
COLORS = (
    "primary", "secondary", "accent", "foreground", "background", "surface", "panel", "success",
    "warning", "error",
)  # fmt: skip


class ThemeError(ValueError):
    """A theme file that can't be used; the text is one line for the user."""


def shipped_themes() -> Path:
    """The folder of the themes that come with osstui. Raises FileNotFoundError when it is missing."""
    return resource("themes")


def load_themes(folder: Path) -> tuple[list[Theme], list[str]]:
    """The themes of a folder by file name, and one line for each file that can't be used."""
    themes: list[Theme] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            themes.append(load_theme(path))
        except ThemeError as problem:
            problems.append(str(problem))
    return themes, problems


def load_theme(path: Path) -> Theme:
    """One theme. Raises ThemeError that names the file, the entry and the way out."""
    try:
        content = _content(path)
    except (OSError, UnicodeDecodeError) as error:
        raise ThemeError(f"{path.name}: can't be read: {visible_line(str(error))}") from None
    if not isinstance(content, dict):
        raise ThemeError(f"{path.name}: must be a mapping with name, dark and colours")
    for problem in _problems(content):
        raise ThemeError(f"{path.name}: {visible_line(problem, 200)}")
    return Theme(**{**content, "variables": {k: str(v) for k, v in content.get("variables", {}).items()}})


def _content(path: Path) -> object:
    """What the file holds. JSON is YAML too, and the default theme is written so: importing the YAML parser
    takes 15 ms, which would stand between the user and the first screen."""
    text = path.read_text(encoding="utf-8")
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return _yaml(text, path.name)


def _yaml(text: str, name: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{name}:{mark.line + 1}" if mark else name
        why = getattr(error, "problem", None) or "unreadable"
        raise ThemeError(f"{place}: not valid YAML: {why}") from None


def _problems(content: Mapping[object, object]) -> Iterator[str]:
    known = {"name", "dark", "variables", *COLORS}
    for key in content:
        if key not in known:
            yield f"{key!r} is not known; known: {', '.join(sorted(known))}"
    for key in ("name", "primary"):
        if not isinstance(content.get(key), str) or not content[key]:
            yield f"{key} is missing"
    if not isinstance(content.get("dark", True), bool):
        yield "dark must be true or false"
    for key in COLORS:
        if key in content and not _is_color(content[key]):
            yield f"{key}: {content[key]!r} is not a colour, write it like '#1e2030'"
    yield from _variable_problems(content.get("variables", {}))


def _variable_problems(variables: object) -> Iterator[str]:
    if not isinstance(variables, dict):
        yield "variables must be a mapping"
        return
    for name, value in variables.items():
        if not isinstance(name, str) or not name.replace("-", "").isalnum():
            yield f"variable {name!r} must be made of letters, digits and dashes"
        elif not _is_color(value):
            yield f"variable {name}: {value!r} is not a colour, write it like '#1e2030' or '#1e2030 40%'"


def _is_color(value: object) -> bool:
    """A colour, or a colour with an alpha in percent as Textual CSS writes it."""
    if not isinstance(value, str):
        return False
    color, _, alpha = value.strip().partition(" ")
    if alpha and not (alpha.endswith("%") and alpha[:-1].isdigit() and int(alpha[:-1]) <= 100):
        return False
    try:
        return Color.parse(color).rgb is not None
    except ColorParseError:
        return False
