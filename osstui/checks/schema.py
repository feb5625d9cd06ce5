"""A small JSON Schema validator (draft 7's common part), enough for the schemas that the checks ask with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


def mismatch(value: Any, schema: Mapping[str, Any], where: str = "$") -> str | None:
    """The first place where a value breaks the schema, None if it is valid.

    Knows type, enum, const, properties, required, additionalProperties: false, items, minItems, maxItems,
    minimum and maximum.
    """
    kind = schema.get("type")
    if kind is not None and not _is(value, kind):
        return f"{where} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{where} is {value!r}, not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        return f"{where} is {value!r}, not {schema['const']!r}"
    if isinstance(value, dict):
        return _object(value, schema, where)
    if isinstance(value, list):
        return _array(value, schema, where)
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value):
            return f"{where} is below {schema['minimum']}"
        if value > schema.get("maximum", value):
            return f"{where} is above {schema['maximum']}"
    return None


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _object(value: dict[str, Any], schema: Mapping[str, Any], where: str) -> str | None:
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            return f"{where}.{name} is missing"
    for name, part in value.items():
        if name in properties:
            if found := mismatch(part, properties[name], f"{where}.{name}"):
                return found
        elif schema.get("additionalProperties") is False:
            return f"{where}.{name} is not allowed"
    return None


def _array(value: list[Any], schema: Mapping[str, Any], where: str) -> str | None:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        return f"{where} has {len(value)} items"
    for place, part in enumerate(value):
        if found := mismatch(part, schema.get("items", {}), f"{where}[{place}]"):
            return found
    return None
