"""JSON Schema, as tools and answers need it: is a schema sound, does a value fit it. No I/O: a `$ref` out of
the schema leads nowhere. The library is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from osstui.safe_text import visible_line

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

_SHOWN = 160
"""Characters of what the library says: it repeats the value, however long that is."""


def mismatch(value: Any, schema: Mapping[str, Any] | bool) -> str | None:
    """Where and how a value breaks a schema, in one sentence; None if it fits."""
    from jsonschema.exceptions import best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        validator = _draft(schema)(schema, registry=Registry())
        return _told(best_match(validator.iter_errors(value)))
    except RecursionError:
        return "$: nested too deep to be checked"
    except Unresolvable as error:
        return f"$: can't be checked, {error.ref} leads nowhere in its schema"
    except (OverflowError, ValueError) as error:
        return _sentence("$", f"can't be checked: {error}")


def flaw(schema: Any) -> str | None:
    """What is wrong with a schema itself, in one sentence; None if nothing is."""
    from jsonschema.exceptions import SchemaError

    draft = _draft(schema)
    try:
        draft.check_schema(schema, format_checker=draft.FORMAT_CHECKER)
        return next(_astray(schema), None)
    except SchemaError as error:
        return _told(error)
    except RecursionError:
        return "it is nested too deep"


def _draft(schema: Any) -> Any:
    """The library's class for the draft that the schema names, else for the newest one."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for(schema, default=Draft202012Validator)


def _told(error: SchemaError | ValidationError | None) -> str | None:
    if error is None:
        return None
    what = error.message
    if len(what) > _SHOWN:  # it begins with the value
        what = f"breaks {error.validator}: {error.validator_value!r}"
    return _sentence(error.json_path, what)


def _sentence(where: str, what: str) -> str:
    return visible_line(f"{where}: {what}", 2 * _SHOWN)


def _astray(schema: Any) -> Iterator[str]:
    """References that lead nowhere."""
    from referencing import Registry
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012

    resolver = Registry().with_resource("", DRAFT202012.create_resource(schema)).resolver()
    for ref in _refs(schema):
        try:
            resolver.lookup(ref)
        except (Unresolvable, ValueError):
            yield _sentence("$ref", f"{ref!r} leads nowhere: write #/$defs/NAME")


def _refs(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(ref := part.get("$ref"), str):
            yield ref
        for child in part.values():
            yield from _refs(child)
    elif isinstance(part, list):
        for child in part:
            yield from _refs(child)
