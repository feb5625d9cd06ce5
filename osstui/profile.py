"""How lanes are asked beside the prompt: system prompt, effort, sampling, limits, form of the answer.

A profile is one such set. The user's settings keep some by name, the app has one for all lanes and lets
a lane differ from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from math import isfinite
from pathlib import Path
from typing import ClassVar

from osstui.job import Effort, Lane, Message, Params, Target, Tool
from osstui.safe_text import visible_line

LARGEST_SCHEMA = 256 * 1024
"""Bytes of a JSON schema's file."""
_PARAMS = ("effort", "temperature", "top_p", "max_tokens", "seed", "stop")
_BUILTIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LOWEST = {"temperature": 0, "top_p": 0, "max_tokens": 1}


class ProfileError(ValueError):
    """A profile that can't be used; the text is one line for the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What is not set is not sent. Raises ValueError for a value out of its range."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    system: str | None = None
    effort: Effort | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    response_format: str = "text"
    """`text`, `json` (any JSON object) or the path of a file with a JSON schema."""
    tools: str | None = None
    """The path of a file with tools that the model may call (see `osstui.tools`)."""
    builtin_tools: tuple[str, ...] = ()
    """Tools that hosts run themselves, such as `browser_search`; a lane whose host has none says so."""

    def __post_init__(self) -> None:
        for name, lowest in _LOWEST.items():
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= lowest):
                raise ValueError(f"{name} must be at least {lowest}")
        if self.top_p is not None and self.top_p > 1:
            raise ValueError("top_p must be at most 1")
        if not all(self.stop):
            raise ValueError("stop must not be empty")
        for name in self.builtin_tools:
            if not _BUILTIN.fullmatch(name):
                raise ValueError(f"builtin_tools must be names such as browser_search, not {name!r}")

    @property
    def set_fields(self) -> dict[str, object]:
        """What differs from the default, by field."""
        return self.differing_fields(DEFAULT)

    def differing_fields(self, base: Profile) -> dict[str, object]:
        """What differs from `base`, by field."""
        return {name: value for name, value in asdict(self).items() if value != getattr(base, name)}

    def laid_under(self, wishes: Mapping[str, object]) -> Profile:
        """The profile with these fields instead of its own. Raises ValueError for one out of its range."""
        return replace(self, **dict(wishes))  # type: ignore[arg-type]

    def params(self, base: Params) -> Params:
        """`base` (its times and retries) with what the profile says."""
        import msgspec

        return msgspec.structs.replace(base, **{name: getattr(self, name) for name in _PARAMS})

    def lane(self, name: str, target: Target, talk: tuple[Message, ...], base: Params) -> Lane:
        """The lane that asks `talk`, with the system prompt before it. Raises ProfileError for a schema file
        that can't be used, ToolsError for a tools file."""
        system = (Message("system", self.system),) if self.system else ()
        form = response_fields(target.dialect, self.response_format)
        return Lane(
            name,
            target,
            (*system, *talk),
            self.params(base),
            form or {},
            tools=self.offered_tools(),
            builtin_tools=self.builtin_tools,
        )

    def offered_tools(self) -> tuple[Tool, ...]:
        """Of the tools file. Raises ToolsError."""
        if self.tools is None:
            return ()
        from osstui.tools import load_tools

        return load_tools(self.tools).tools

    def unmet(self, target: Target) -> Iterator[str]:
        """What this lane's wire format has no place for; what the host refuses is told by its answer."""
        if self.response_format != "text" and target.dialect not in _FORMS:
            yield f"response_format is not sent: {target.dialect} has no field for it"


DEFAULT = Profile()
_SHOWN_AS = {"builtin_tools": "host's tools"}
FIELDS = tuple(field.name for field in fields(Profile))


def differences(profile: Profile, base: Profile = DEFAULT) -> list[str]:
    """`temperature 0.2`, `system "You are…"`: where a profile differs from another, for people."""
    told = []
    for name in FIELDS:
        value = getattr(profile, name)
        if value == getattr(base, name):
            continue
        if name == "system":
            value = f'"{visible_line(str(value), 24)}"' if value else "none"
        elif name == "stop":
            value = " ".join(repr(stop) for stop in value) or "none"
        elif name == "response_format":
            value = value if value in ("text", "json") else f"schema {Path(value).name}"
        elif name == "tools":
            value = Path(value).name if value else "none"
        elif name == "builtin_tools":
            value = " ".join(value) or "none"
        told.append(
            visible_line(
                f"{_SHOWN_AS.get(name, name.replace('_', ' '))} {'default' if value is None else value}", 60
            )
        )
    return told


def _chat(schema: object, name: str) -> dict[str, object]:
    if schema is None:
        return {"response_format": {"type": "json_object"}}
    form = {"name": name, "strict": True, "schema": schema}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def _responses(schema: object, name: str) -> dict[str, object]:
    if schema is None:
        return {"text": {"format": {"type": "json_object"}}}
    return {"text": {"format": {"type": "json_schema", "name": name, "strict": True, "schema": schema}}}


def _ollama(schema: object, name: str) -> dict[str, object]:
    return {"format": "json" if schema is None else schema}


_FORMS = {"openai-chat": _chat, "openai-responses": _responses, "ollama-chat": _ollama}
"""Where each dialect says what form an answer is to have: the API references of OpenAI and Ollama."""


def response_fields(dialect: str, form: str) -> dict[str, object] | None:
    """Body fields that ask for `text`, `json` or a schema's file; None where the dialect has none.

    Raises ProfileError that names the file.
    """
    if form == "text":
        return {}
    schema = None if form == "json" else _schema(Path(form).expanduser())
    return form_fields(dialect, schema, _schema_name(form))


def form_fields(dialect: str, schema: object, name: str) -> dict[str, object] | None:
    """Body fields that ask for JSON by a schema, any object without one; None where the dialect has none."""
    build = _FORMS.get(dialect)
    return None if build is None else build(schema, name)


def _schema_name(form: str) -> str:
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "_" for c in Path(form).stem)
    return stem[:64] or "answer"


def _schema(path: Path) -> dict[str, object]:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_SCHEMA + 1)
    except OSError as error:
        raise ProfileError(f"the JSON schema {path} can't be read: {error.strerror or error}") from None
    if len(raw) > LARGEST_SCHEMA:
        raise ProfileError(f"the JSON schema {path} is larger than {LARGEST_SCHEMA // 1024} KiB")
    import json

    try:
        schema = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"{path} is not JSON: {visible_line(str(error), 120)}") from None
    if not isinstance(schema, dict):
        raise ProfileError(f"{path} holds no JSON schema: it must be an object")
    return schema
