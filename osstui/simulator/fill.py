"""Tool arguments and structured answers: a value that satisfies a JSON schema, with words of the prompt."""

from __future__ import annotations

import re
from typing import Any

_MAX_DEPTH = 12


def value_for(schema: Any, prompt: str, depth: int = 0) -> Any:
    """A JSON value valid against the common part of JSON Schema: type, enum, const, properties,
    items, minimum, maximum, minItems, anyOf/oneOf/allOf. An unknown schema gives a word."""
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return _word(prompt)
    if "const" in schema:
        return schema["const"]
    if options := schema.get("enum"):
        return next((option for option in options if str(option).lower() in prompt.lower()), options[0])
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return value_for(schema[key][0], prompt, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if kind == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        return {name: value_for(part, prompt, depth + 1) for name, part in properties.items()}
    if kind == "array":
        return [value_for(schema.get("items"), prompt, depth + 1)] * max(1, int(schema.get("minItems", 1)))
    if kind in ("integer", "number"):
        found = re.search(r"-?\d+", prompt)
        number = int(found[0]) if found and len(found[0]) < 10 else 1
        return min(max(number, schema.get("minimum", number)), schema.get("maximum", max(number, 10**9)))
    if kind in ("boolean", "null"):
        return True if kind == "boolean" else None
    return _word(prompt)


def _word(prompt: str) -> str:
    """What is quoted, else the last capitalised word that does not open a sentence, else the last word."""
    quoted = re.search(r"[\"“'`]([^\"”'`]{1,200})[\"”'`]", prompt)
    if quoted:
        return quoted[1]
    names = re.findall(r"(?<=[^\s.?!:] )[A-ZÀ-Þ][\w-]+", prompt)
    words = re.findall(r"\w+", prompt)
    return str((names or words or ["example"])[-1])
