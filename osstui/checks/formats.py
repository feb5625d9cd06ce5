"""Structured output: any JSON object, and JSON by a schema."""

from __future__ import annotations

import json
from typing import Any

from osstui.checks.exchange import probe
from osstui.checks.model import Host, Plan, failed, not_applicable, not_taken, passed, unanswered, warned
from osstui.profile import form_fields
from osstui.schema import mismatch

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "mood": {"type": "string", "enum": ["calm", "stormy", "foggy"]},
        "tower": {
            "type": "object",
            "properties": {"height_m": {"type": "integer", "minimum": 1}, "lit": {"type": "boolean"}},
            "required": ["height_m", "lit"],
            "additionalProperties": False,
        },
        "visitors": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 4},
    },
    "required": ["title", "mood", "tower", "visitors"],
    "additionalProperties": False,
}


def json_object(host: Host) -> Plan:
    """Passes when response_format json_object, or what the dialect has for it, gives one JSON object and
    nothing around it. Warns when the host does not take it; fails on prose, code fences or broken JSON.
    Source: Kimi-Vendor-Verifier's k3_features."""
    form = form_fields(host.target.dialect, None, "")
    if form is None:
        yield []
        return not_applicable(f"{host.target.dialect} has no form for it")
    text = 'Give the capital of "France" and its river as a JSON object with the keys capital and river.'
    (seen,) = yield [probe(text, body=form)]
    if taken := not_taken(seen, "a JSON object as the form of the answer", *form, optional=not host.reasons):
        return taken
    if bad := unanswered([seen]):
        return bad
    value, error = _parsed(seen.text)
    if error:
        return failed(error, seen)
    if not isinstance(value, dict):
        return failed("JSON, but no object", seen)
    return passed("one JSON object", seen)


def json_schema(host: Host) -> Plan:
    """Passes when a strict schema (enum, nested object, array bounds, no additional properties) gives JSON
    that it validates. Warns when the host does not take it, or gives JSON that breaks the schema, as JSON-
    object mode would; fails when it is no JSON. Source: OpenAI's structured outputs; Kimi-Vendor-Verifier's
    k3_features."""
    form = form_fields(host.target.dialect, SCHEMA, "lighthouse")
    if form is None:
        yield []
        return not_applicable(f"{host.target.dialect} has no form for it")
    text = 'Invent a lighthouse called "Skerry Point". Answer as JSON: title, mood, tower, visitors.'
    (seen,) = yield [probe(text, body=form)]
    if taken := not_taken(seen, "a JSON schema as the form of the answer", *form, optional=not host.reasons):
        return taken
    if bad := unanswered([seen]):
        return bad
    value, error = _parsed(seen.text)
    if error:
        return failed(error, seen)
    if found := mismatch(value, SCHEMA):
        return warned(f"JSON, but not by the schema: {found}", seen)
    return passed("JSON that the schema validates", seen)


def _parsed(text: str) -> tuple[Any, str | None]:
    """The value, or what stands in its way."""
    try:
        return json.loads(text), None
    except (ValueError, RecursionError) as error:
        wrong = f"no JSON: {error}: {text[:40]!r}"
    inner = text.strip()
    if not inner:
        return None, "no JSON: the answer is empty"
    if inner.startswith("```"):
        return None, "the JSON stands in a Markdown fence"
    start, end = inner.find("{"), inner.rfind("}")
    try:
        json.loads(inner[start : end + 1])
    except (ValueError, RecursionError):
        return None, wrong
    return None, f"words stand around the JSON: {inner[:40]!r}"
