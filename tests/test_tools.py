"""Tools files, and calls measured against them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from osstui.job import Tool
from osstui.tools import LARGEST_FILE, LONGEST_ARGUMENTS, ToolsError, call_problem, load_tools

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = Tool("get_weather", "Weather now", CITY)


def written(folder: Path, content: object, name: str = "tools.json") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "get_weather", "description": "Weather now", "parameters": CITY},
        {"type": "function", "name": "get_weather", "description": "Weather now", "parameters": CITY},
        {"name": "get_weather", "description": "Weather now", "input_schema": CITY},
        {
            "type": "function",
            "function": {
                "name": "get_weather",
                "description": "Weather now",
                "parameters": CITY,
                "strict": True,
            },
        },
    ],
    ids=["plain", "responses", "anthropic", "chat"],
)
def test_a_tool_may_be_written_as_any_api_writes_it(entry: dict, tmp_path: Path) -> None:
    assert load_tools(written(tmp_path, [entry])).tools == (WEATHER,)
    assert load_tools(written(tmp_path, {"tools": [entry]}, "b.yaml")).tools == (WEATHER,)


def test_yaml_names_a_command_and_a_tool_may_need_no_arguments(tmp_path: Path) -> None:
    text = """
- name: now
  description: The time of day
  command: date --utc '+%H:%M Z'
- name: list_files
  command: [ls, -l, my folder]
"""
    file = load_tools(written(tmp_path, text, "tools.yml"))
    assert [tool.parameters for tool in file.tools] == [{"type": "object", "properties": {}}] * 2
    assert file.commands == {"now": ("date", "--utc", "+%H:%M Z"), "list_files": ("ls", "-l", "my folder")}
    assert file.folder == tmp_path


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[", ":1: not valid JSON: Expecting value"),
        ([], "holds no list of tools: write - name: …"),
        ({"name": "a"}, "holds no list of tools"),
        (["a"], "tool 1: it must be a mapping with name"),
        ([{"name": "a"}, {"name": "b c"}], "tool 2 (b c): name must be 1 to 64 letters, digits, _ or -"),
        ([{"name": "a"}, {"name": "a"}], "tool 2 is called a too: give it another name"),
        ([{"name": "a", "paramters": {}}], "tool 1 (a): unknown key 'paramters'; did you mean parameters?"),
        ([{"type": "browser_search"}], "tool 1: its type is 'browser_search'"),
        (
            [{"name": "a", "parameters": {"type": "array"}}],
            "tool 1 (a): parameters must be a schema with type",
        ),
        ([{"name": "a", "parameters": {"type": "objcet"}}], "parameters: $.type: 'objcet' is not valid"),
        ([{"name": "a", "command": "say 'no"}], "tool 1 (a): command: No closing quotation"),
        ([{"name": "a", "command": []}], "command must be text, or a list of words"),
        ([{"name": "a", "description": 7}], "description must be text"),
        ([{"name": f"t{n}"} for n in range(129)], "holds 129 tools: at most 128 can be offered"),
        ("[" * 100_000, "is nested too deep"),
        (" " * (LARGEST_FILE + 1), "is larger than 256 KiB"),
        ('[{"name": "\x1b[31m"}]', "not valid JSON"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_line(content: object, told: str, tmp_path: Path) -> None:
    path = written(tmp_path, content)
    with pytest.raises(ToolsError) as caught:
        load_tools(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "tools.yaml:1: not valid YAML"),
        (
            "- name: a\n  parameters: {type: object, properties: {d: {enum: [2026-01-01]}}}",
            "put dates into quotes",
        ),
    ],
)
def test_yaml_that_is_no_json_is_told_too(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(ToolsError, match=told):
        load_tools(written(tmp_path, text, "tools.yaml"))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolsError, match=r"nowhere.json can't be read: No such file"):
        load_tools(tmp_path / "nowhere.json")
    (tmp_path / "b.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ToolsError, match="not text in UTF-8"):
        load_tools(tmp_path / "b.json")


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    path = written(tmp_path, [{"name": "a"}])
    assert load_tools(path).tools[0].name == "a"
    written(tmp_path, [{"name": "b"}])
    os.utime(path, ns=(1, 1))
    assert load_tools(path).tools[0].name == "b"


@pytest.mark.parametrize(
    ("name", "arguments", "found"),
    [
        ("get_weather", '{"city": "Zürich"}', None),
        ("get_wether", "{}", "UnknownName: no tool is called 'get_wether'"),
        ("get_weather", '{"city": ', "InvalidJson: '{\"city\": '"),
        ("get_weather", "[" * 100_000, "InvalidJson: " + repr("[" * 60)),
        ("get_weather", "", "SchemaMismatch: $: 'city' is a required property"),
        ("get_weather", '{"city": 7}', "SchemaMismatch: $.city: 7 is not of type 'string'"),
        ("get_weather", " " * (LONGEST_ARGUMENTS + 1), "InvalidJson: 262,145 characters are too long"),
        ("\x1b[31m\u202e", "{}", "UnknownName: no tool is called"),
    ],
)
def test_a_call_is_classed(name: str, arguments: str, found: str | None) -> None:
    told = call_problem(name, arguments, [WEATHER])
    assert told is None if found is None else (told or "").startswith(found)
    assert told is None or told.isprintable()
