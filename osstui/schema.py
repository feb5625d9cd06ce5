"""JSON Schema, as far as tools and answers need it: is a schema sound, does a value fit it. No I/O.

Knows type, enum, const, properties, required, additionalProperties, items, prefixItems, minItems, maxItems,
uniqueItems, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf, minLength, maxLength, pattern,
anyOf, oneOf, allOf, not, and $ref within the schema. Other keywords say nothing about a value here, as the
standard has it for unknown ones.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from math import isclose
from typing import Any

Schema = Mapping[str, Any]

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_SHOWN = 80
"""Characters of a value in a message."""
_ROUNDING = 1e-9


def mismatch(value: Any, schema: Schema | bool, where: str = "$") -> str | None:
    """The first place where a value breaks a schema, in words; None if it fits."""
    try:
        return _Check(schema).value(value, schema, where)
    except RecursionError:
        return f"{where} is nested too deep to be checked"


def flaw(schema: Any) -> str | None:
    """What is wrong with a schema itself, None if nothing is."""
    try:
        return next(_flaws(schema, schema, "$"), None)
    except RecursionError:
        return "it is nested too deep"


def shown(value: Any) -> str:
    """A value as JSON, for a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class _Check:
    """Values against one schema and what its $refs point to."""

    def __init__(self, root: Schema | bool) -> None:
        self._root = root

    def value(self, value: Any, schema: Schema | bool, where: str) -> str | None:
        if isinstance(schema, bool):
            return None if schema else f"{where} is not allowed"
        for part in (_kind, _listed, self._choices, self._content):
            if found := part(value, schema, where):
                return found
        return None

    def _choices(self, value: Any, schema: Schema, where: str) -> str | None:
        if (ref := schema.get("$ref")) is not None and (found := self._named(value, ref, where)):
            return found
        for part in schema.get("allOf", ()):
            if found := self.value(value, part, where):
                return found
        for key, most in (("anyOf", None), ("oneOf", 1)):
            if key in schema and (found := self._fits_some(value, schema[key], most, where)):
                return found
        if "not" in schema and self.value(value, schema["not"], where) is None:
            return f"{where} is {shown(value)}, which is excluded"
        return None

    def _named(self, value: Any, ref: str, where: str) -> str | None:
        part = resolved(self._root, ref)
        return None if part is None else self.value(value, part, where)

    def _fits_some(self, value: Any, parts: list[Any], most: int | None, where: str) -> str | None:
        found = [self.value(value, part, where) for part in parts]
        fitting = found.count(None)
        if not fitting:
            return found[0] if len(found) == 1 else f"{where} fits none of its {len(found)} forms"
        return f"{where} fits {fitting} forms instead of one" if most and fitting > most else None

    def _content(self, value: Any, schema: Schema, where: str) -> str | None:
        if isinstance(value, dict):
            return self._object(value, schema, where)
        if isinstance(value, list):
            return self._array(value, schema, where)
        if isinstance(value, str):
            return _string(value, schema, where)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _number(value, schema, where)
        return None

    def _object(self, value: dict[str, Any], schema: Schema, where: str) -> str | None:
        properties, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
        for name in schema.get("required", ()):
            if name not in value:
                return f"{where}.{name} is missing"
        for name, part in value.items():
            place = f"{where}.{name[:_SHOWN]}"
            if found := self.value(part, properties.get(name, rest), place):
                return found
        return None

    def _array(self, value: list[Any], schema: Schema, where: str) -> str | None:
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            return f"{where} has {len(value)} items"
        if schema.get("uniqueItems") and len({_exact(part) for part in value}) < len(value):
            return f"{where} has equal items"
        first, rest = schema.get("prefixItems", ()), schema.get("items", True)
        for place, part in enumerate(value):
            form = first[place] if place < len(first) else rest
            if found := self.value(part, form, f"{where}[{place}]"):
                return found
        return None


def _kind(value: Any, schema: Schema, where: str) -> str | None:
    wanted = schema.get("type")
    kinds = [wanted] if isinstance(wanted, str) else wanted
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"{where} is {shown(value)}, no {' or '.join(kinds)}"
    return None


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[kind])


def _exact(value: Any) -> str:
    """Equal for equal JSON values, and only for those: 1 is 1.0, but not true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _listed(value: Any, schema: Schema, where: str) -> str | None:
    if "enum" in schema and _exact(value) not in map(_exact, schema["enum"]):
        return f"{where} is {shown(value)}, not one of {shown(schema['enum'])}"
    if "const" in schema and _exact(value) != _exact(schema["const"]):
        return f"{where} is {shown(value)}, not {shown(schema['const'])}"
    return None


def _string(value: str, schema: Schema, where: str) -> str | None:
    if len(value) < schema.get("minLength", 0):
        return f"{where} is shorter than {schema['minLength']} characters"
    if len(value) > schema.get("maxLength", len(value)):
        return f"{where} is longer than {schema['maxLength']} characters"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        return f"{where} does not match {schema['pattern']}"
    return None


_LIMITS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "minimum": (lambda value, limit: value >= limit, "below"),
    "maximum": (lambda value, limit: value <= limit, "above"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "not above"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "not below"),
}


def _number(value: float, schema: Schema, where: str) -> str | None:
    for key, (holds, word) in _LIMITS.items():
        if key in schema and not holds(value, schema[key]):
            return f"{where} is {word} {schema[key]}"
    if (step := schema.get("multipleOf")) and not _divides(step, value):
        return f"{where} is no multiple of {step}"
    return None


def _divides(step: float, value: float) -> bool:
    try:
        return isclose(value / step, round(value / step), abs_tol=_ROUNDING)
    except (OverflowError, ValueError):
        return False


def resolved(root: Any, ref: str) -> Any:
    """What a `#/$defs/name` points to in a schema; None where it leads nowhere."""
    if ref == "#":
        return root
    place = root
    for step in ref.removeprefix("#/").split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(place, Mapping) or step not in place:
            return None
        place = place[step]
    return place


_COUNTS = ("minItems", "maxItems", "minLength", "maxLength")
_AMOUNTS = (*_LIMITS, "multipleOf")
_PARTS = ("items", "additionalProperties", "not")
_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_MAPS = ("properties", "$defs", "definitions")


def _flaws(schema: Any, root: Any, where: str) -> Iterator[str]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, Mapping):
        yield f"{where} must be an object, not {shown(schema)}"
        return
    yield from _wrong_type(schema.get("type"), where)
    yield from _wrong_values(schema, where)
    if (ref := schema.get("$ref")) is not None and not (
        isinstance(ref, str) and ref.startswith("#") and resolved(root, ref) is not None
    ):
        yield f"{where}.$ref {shown(ref)} leads nowhere: write #/$defs/NAME"
    for key in _PARTS:
        if key in schema:
            yield from _flaws(schema[key], root, f"{where}.{key}")
    for key in _LISTS:
        parts = schema.get(key, [True])
        if not isinstance(parts, list) or not parts:
            yield f"{where}.{key} must be a list of schemas"
            continue
        for at, part in enumerate(parts):
            yield from _flaws(part, root, f"{where}.{key}[{at}]")
    for key in _MAPS:
        parts = schema.get(key, {})
        if not isinstance(parts, Mapping):
            yield f"{where}.{key} must be an object of schemas"
            continue
        for name, part in parts.items():
            yield from _flaws(part, root, f"{where}.{key}.{name}")


def _wrong_type(kind: Any, where: str) -> Iterator[str]:
    for name in kind if isinstance(kind, list) else [] if kind is None else [kind]:
        if not isinstance(name, str) or name not in _TYPES:
            near = get_close_matches(str(name), _TYPES, n=1)
            way = f"did you mean {near[0]}?" if near else f"known are {', '.join(_TYPES)}"
            yield f"{where}.type {shown(name)} is no type; {way}"


def _wrong_values(schema: Schema, where: str) -> Iterator[str]:
    required = schema.get("required", [])
    if not isinstance(required, list) or not all(isinstance(name, str) for name in required):
        yield f"{where}.required must be a list of names"
    if not isinstance(schema.get("enum", []), list):
        yield f"{where}.enum must be a list"
    for key in _COUNTS:
        if not _whole(schema.get(key, 0)):
            yield f"{where}.{key} must be a whole number of 0 or more"
    for key in _AMOUNTS:
        amount = schema.get(key, 1)
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            yield f"{where}.{key} must be a number"
    if "pattern" in schema:
        try:
            re.compile(schema["pattern"])
        except (re.error, TypeError, RecursionError):
            yield f"{where}.pattern is no regular expression"


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
