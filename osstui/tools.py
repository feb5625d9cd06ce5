"""Tools that a model may call: read from the user's file, and calls measured against them.

A file, JSON or YAML, holds a list of tools (or `tools:` with one), each as OpenAI writes it,
`{type: function, function: {name, description, parameters}}`, or without the wrapping. osstui's own key
beside them is `command`: what answers a call, after the user has said yes.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from osstui.job import Tool
from osstui.safe_text import visible_line
from osstui.schema import flaw, mismatch

LARGEST_FILE = 256 * 1024
MOST_TOOLS = 128
"""As many as OpenAI takes."""
LONGEST_ARGUMENTS = 256 * 1024
"""Characters; what is longer is no call that anybody could answer."""
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KEYS = ("type", "function", "name", "description", "parameters", "input_schema", "strict", "command")
"""`input_schema` is Anthropic's word for `parameters`; `strict` is taken and not sent."""
_NO_ARGUMENTS: dict[str, object] = {"type": "object", "properties": {}}


class ToolsError(ValueError):
    """A tools file that can't be used; the text is one line for the user."""


@dataclass(frozen=True, slots=True)
class ToolsFile:
    """`commands` by the tool's name: the words of what answers it, run without a shell in `folder`."""

    tools: tuple[Tool, ...]
    commands: Mapping[str, tuple[str, ...]]
    folder: Path


def load_tools(path: str | Path) -> ToolsFile:
    """The tools of a file. Raises ToolsError that names the file, the entry and what helps."""
    file = Path(path).expanduser().absolute()
    try:
        facts = file.stat()
        return _load(file, facts.st_mtime_ns, facts.st_size)
    except OSError as error:
        raise ToolsError(_line(f"the tools file {path} can't be read: {error.strerror or error}")) from None


@lru_cache(maxsize=8)
def _load(file: Path, changed_ns: int, size: int) -> ToolsFile:
    """Read anew when the file's time or size is another."""
    entries = _entries(_content(file), file)
    tools: dict[str, Tool] = {}
    commands: dict[str, tuple[str, ...]] = {}
    for number, entry in enumerate(entries, 1):
        try:
            tool, command = _tool(entry)
        except ValueError as problem:
            raise ToolsError(_line(f"{file}: tool {_name_of(entry, number)}: {problem}")) from None
        if tool.name in tools:
            raise ToolsError(_line(f"{file}: tool {number} is called {tool.name} too: give it another name"))
        tools[tool.name] = tool
        if command:
            commands[tool.name] = command
    return ToolsFile(tuple(tools.values()), commands, file.parent)


def _content(file: Path) -> Any:
    with file.open("rb") as source:
        raw = source.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise ToolsError(_line(f"the tools file {file} is larger than {LARGEST_FILE // 1024} KiB"))
    try:
        text = raw.decode("utf-8")
        return json.loads(text) if file.suffix.lower() == ".json" else _yaml(text, file)
    except UnicodeDecodeError:
        raise ToolsError(_line(f"the tools file {file} is not text in UTF-8")) from None
    except json.JSONDecodeError as error:
        raise ToolsError(_line(f"{file}:{error.lineno}: not valid JSON: {error.msg}")) from None
    except RecursionError:
        raise ToolsError(_line(f"the tools file {file} is nested too deep")) from None


def _yaml(text: str, file: Path) -> Any:
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "it can't be read"
        raise ToolsError(_line(f"{file}{where}: not valid YAML: {problem}")) from None


def _entries(content: Any, file: Path) -> Sequence[Any]:
    if isinstance(content, Mapping) and set(content) == {"tools"}:
        content = content["tools"]
    if not isinstance(content, list) or not content:
        raise ToolsError(
            _line(f"{file} holds no list of tools: write - name: …, description: …, parameters: …")
        )
    if len(content) > MOST_TOOLS:
        raise ToolsError(_line(f"{file} holds {len(content)} tools: at most {MOST_TOOLS} can be offered"))
    return content


def _name_of(entry: Any, number: int) -> str:
    inner = entry.get("function", entry) if isinstance(entry, Mapping) else {}
    name = inner.get("name") if isinstance(inner, Mapping) else None
    return f"{number} ({visible_line(name, 64)})" if isinstance(name, str) else str(number)


def _tool(entry: Any) -> tuple[Tool, tuple[str, ...]]:
    """Raises ValueError that says what is wrong with it."""
    if not isinstance(entry, Mapping):
        raise ValueError("it must be a mapping with name, description and parameters")
    if (kind := entry.get("type", "function")) != "function":
        raise ValueError(
            f"its type is {kind!r}: a tool that the host runs itself is no function, name it alone"
        )
    inner = entry.get("function", {})
    if not isinstance(inner, Mapping):
        raise ValueError("function must be a mapping with name, description and parameters")
    fields = {**entry, **inner}
    for key in fields:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1)
            raise ValueError(f"unknown key {key!r}{f'; did you mean {near[0]}?' if near else ''}")
    name, description = fields.get("name"), fields.get("description") or ""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError("name must be 1 to 64 letters, digits, _ or -")
    if not isinstance(description, str):
        raise ValueError("description must be text")
    parameters = fields.get("parameters", fields.get("input_schema")) or _NO_ARGUMENTS
    return Tool(name, description, _schema(parameters)), _command(fields.get("command"))


def _schema(parameters: Any) -> dict[str, object]:
    if wrong := flaw(parameters):
        raise ValueError(f"parameters: {wrong}")
    if not isinstance(parameters, Mapping) or parameters.get("type") != "object":
        raise ValueError("parameters must be a schema with type: object")
    try:
        json.dumps(parameters, allow_nan=False)
    except (TypeError, ValueError):
        raise ValueError("parameters hold what JSON has no form for; put dates into quotes") from None
    return dict(parameters)


def _command(command: Any) -> tuple[str, ...]:
    if command is None:
        return ()
    if isinstance(command, str):
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise ValueError(f"command: {error}") from None
    else:
        words = command
    if not isinstance(words, list) or not words or not all(isinstance(word, str) and word for word in words):
        raise ValueError("command must be text, or a list of words")
    return tuple(words)


def call_problem(name: str, arguments: str, tools: Sequence[Tool]) -> str | None:
    """What is wrong with a call, None if it fits the schema of its tool: UnknownName, InvalidJson or
    SchemaMismatch, OpenRouter's classes."""
    tool = next((tool for tool in tools if tool.name == name), None)
    if tool is None:
        return _line(f"UnknownName: no tool is called {name[:60]!r}")
    if len(arguments) > LONGEST_ARGUMENTS:
        return f"InvalidJson: {len(arguments):,} characters are too long for arguments"
    try:
        value = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        return _line(f"InvalidJson: {arguments[:60]!r}")
    found = mismatch(value, tool.parameters)
    return _line(f"SchemaMismatch: {found}") if found else None


def _line(text: str) -> str:
    return visible_line(text, 400)
