"""What the user chose to keep: named profiles and the theme, in one YAML file of theirs.

It stands in the user's config folder as `settings.yaml`, readable by its owner alone: a system prompt may be
private. It is read anew before each change and replaced in one step, so several instances may share it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from osstui.profile import Profile, ProfileError
from osstui.safe_text import visible_line
from osstui.whole_file import write_whole

if TYPE_CHECKING:
    from pydantic import TypeAdapter, ValidationError

VERSION = 1
_THEME = re.compile(r"^theme: ([\w.-]+)\s*$", re.MULTILINE)


class SettingsError(ValueError):
    """A settings file that can't be used or written; the text is one line for the user."""


def settings_path() -> Path:
    """`settings.yaml` in the user's config folder; `OSSTUI_SETTINGS` names another file."""
    if given := os.environ.get("OSSTUI_SETTINGS"):
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("osstui") / "settings.yaml"


class Settings:
    """One settings file. A file that is missing is an empty one; a wrong one is never overwritten."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def theme(self) -> str | None:
        """The theme chosen last. Never raises, needs no YAML parser: it is read before the first paint."""
        try:
            found = _THEME.search(self.path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return None
        return found[1] if found else None

    def keep_theme(self, name: str) -> None:
        """Raises SettingsError."""
        self._change(lambda content: content | {"theme": name})

    def profiles(self) -> dict[str, Profile]:
        """The named profiles. Raises SettingsError that names the file and the entry."""
        return self._checked(self._read())

    def profile(self, name: str) -> Profile:
        """Raises SettingsError for an unknown one, with the names that are known."""
        profiles = self.profiles()
        if name not in profiles:
            known = ", ".join(profiles) or "none yet: the app keeps one with Ctrl+O"
            raise SettingsError(f'there is no profile "{visible_line(name, 60)}"; known: {known}')
        return profiles[name]

    def keep_profile(self, name: str, profile: Profile) -> None:
        """Adds or replaces it. Raises SettingsError."""

        def change(content: dict[str, Any]) -> dict[str, Any]:
            told = {key: list(v) if isinstance(v, tuple) else v for key, v in profile.set_fields.items()}
            if profile.tools is not None:  # a profile is loaded from any folder
                told["tools"] = str(Path(profile.tools).expanduser().absolute())
            return content | {"profiles": (content.get("profiles") or {}) | {name: told}}

        self._change(change)

    def _read(self) -> dict[str, Any]:
        import yaml

        try:
            content = yaml.safe_load(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(f"{self.path} can't be read: {visible_line(str(error), 200)}") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = f":{mark.line + 1}" if mark else ""
            raise SettingsError(f"{self.path}{line}: not valid YAML; mend or remove it") from None
        if not isinstance(content, dict | None):
            raise SettingsError(f"{self.path}: must be a mapping with the keys theme and profiles")
        return content or {}

    def _checked(self, content: dict[str, Any]) -> dict[str, Profile]:
        from pydantic import ValidationError

        try:
            return _adapter().validate_python(content).profiles or {}
        except ValidationError as error:
            raise SettingsError(f"{self.path}: {first_problem(error)}") from None

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        import yaml

        content = change({"version": VERSION} | self._read())
        self._checked(content)
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        try:
            write_whole(self.path, text)
        except OSError as error:
            why = error.strerror or str(error)
            raise SettingsError(f"{self.path} can't be written: {why}") from None


def checked_profile(fields: dict[str, object]) -> Profile:
    """A profile from values as a form or a file has them. Raises ProfileError that names the field."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Profile).validate_python(fields)
    except ValidationError as error:
        raise ProfileError(first_problem(error)) from None


def _adapter() -> TypeAdapter[Any]:
    from pydantic import BaseModel, ConfigDict, TypeAdapter

    class File(BaseModel):
        model_config = ConfigDict(extra="forbid")
        version: int = VERSION
        theme: str | None = None
        profiles: dict[str, Profile] | None = None

    return TypeAdapter(File)


def first_problem(error: ValidationError) -> str:
    """The first of pydantic's complaints on one line: where, and what."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    what = first["msg"].removeprefix("Value error, ")
    return visible_line(f"{where}: {what}" if where else what, 200)
