"""Turns what pydantic finds wrong into a sentence that names the entry, the key and the way out."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel

from osstui.catalog.models import OtherPrice, Published, Variable
from osstui.catalog.problems import did_you_mean, nearest
from osstui.job import Price, Quirks

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_PARTS: dict[str, type] = {
    "price": Price,
    "quirks": Quirks,
    "published": Published,
    "other_prices": OtherPrice,
    "variables": Variable,
}
_WANTED = {
    "string_type": "text (put it in quotes)",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list [a, b]",
    "dict_type": "a mapping {key: value}",
    "model_type": "a mapping {key: value}",
    "dataclass_type": "a mapping {key: value}",
    "date_type": "a date such as 2026-11-01",
}
_LIMITS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
}


def sentence(error: ErrorDetails, shape: type[BaseModel]) -> str:
    """One error of an entry of this shape, without place and subject: `unknown key "dialct"; did you…`."""
    loc, kind, given = error["loc"], error["type"], error["input"]
    field = _dotted(loc)
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        inside = f" in {_dotted(loc[:-1])}" if len(loc) > 1 else ""
        return f'unknown key "{loc[-1]}"{inside}{did_you_mean(str(loc[-1]), _keys(loc, shape))}'
    if kind == "missing":
        return f"{field} is missing"
    if kind == "literal_error":
        known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        near = nearest(str(given), known)
        hint = f'; did you mean "{near}"?' if near else ""
        return f"{field} must be one of {', '.join(known)}, not {_named(given)}{hint}"
    if kind in _WANTED:
        # Text is never echoed here: `api_key_env: sk-…` is an easy mistake.
        what = "text" if isinstance(given, str) else _named(given)
        return f"{field} must be {_WANTED[kind]}, not {what}".strip()
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"{field} must be {words} {error['ctx'][key]:g}, not {_named(given)}"
    if kind == "value_error":
        return f"{field} {error['ctx']['error']}".strip()
    return f"{field}: {error['msg']}"


def _dotted(loc: tuple[int | str, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


def _keys(loc: tuple[int | str, ...], shape: type[BaseModel]) -> list[str]:
    part = _PARTS.get(str(loc[0]), shape) if len(loc) > 1 else shape
    if is_dataclass(part):
        return [field.name for field in fields(part)]
    return [name for name in shape_fields(part) if name != "id" or part.__name__ == "Offer"]


def shape_fields(shape: type) -> list[str]:
    """The keys that an entry of this shape may hold."""
    return list(shape.model_fields) if issubclass(shape, BaseModel) else []


def _named(value: object) -> str:
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else "a long text"
    return {dict: "a mapping", tuple: "a list", type(None): "nothing"}.get(type(value), "a date")
