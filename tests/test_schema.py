"""JSON Schema: values against it, and what is wrong with a schema."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osstui.schema import flaw, mismatch
from osstui.simulator.fill import value_for

SCHEMA = {
    "type": "object",
    "properties": {
        "n": {"type": "integer", "minimum": 1, "maximum": 9},
        "kind": {"type": "string", "enum": ["a", "b"]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    },
    "required": ["n"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"n": 3}, None),
        ({"n": 3.0, "kind": "a", "tags": ["x"]}, None),
        ({}, "$: 'n' is a required property"),
        ({"n": True}, "$.n: True is not of type 'integer'"),
        ({"n": 0}, "$.n: 0 is less than the minimum of 1"),
        ({"n": 10}, "$.n: 10 is greater than the maximum of 9"),
        ({"n": 1, "kind": "c"}, "$.kind: 'c' is not one of ['a', 'b']"),
        ({"n": 1, "tags": []}, "$.tags: [] should be non-empty"),
        ({"n": 1, "tags": [1]}, "$.tags[0]: 1 is not of type 'string'"),
        ({"n": 1, "more": 2}, "$: Additional properties are not allowed ('more' was unexpected)"),
        ([], "$: [] is not of type 'object'"),
    ],
)
def test_a_value_is_measured_against_its_schema(value: object, found: str | None) -> None:
    assert mismatch(value, SCHEMA) == found


TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}},
    "required": ["name"],
}


@pytest.mark.parametrize(
    ("value", "schema", "found"),
    [
        ("a", {"type": ["string", "null"]}, None),
        (1, {"enum": [True, "1"]}, "$: 1 is not one of [True, '1']"),
        (1.0, {"const": 1}, None),
        (float("inf"), {"multipleOf": 2}, "$: inf is not a multiple of 2"),
        ([1, True], {"uniqueItems": True}, None),
        ({"name": "a", "next": {"name": "b", "next": None}}, TREE, None),
        ({"name": "a", "next": {}}, TREE, "$.next: 'name' is a required property"),
        ("x", {"$ref": "#"}, "$: nested too deep to be checked"),
        ("anything", {"format": "date", "title": "When"}, None),
        ("x" * 1000, {"type": "integer"}, "$: breaks type: 'integer'"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(value: object, schema: dict, found: str | None) -> None:
    assert flaw(schema) is None
    assert mismatch(value, schema) == found


def test_a_reference_to_another_machine_is_never_followed() -> None:
    schema = {"$ref": "https://example.com/schema.json"}
    assert "leads nowhere" in str(flaw(schema))
    assert "leads nowhere" in str(mismatch("x", schema))


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ([], "$"),
        ({"type": "strnig"}, "$.type"),
        ({"properties": {"a": {"type": "int"}}}, "$.properties.a.type"),
        ({"properties": [1]}, "$.properties"),
        ({"required": "a"}, "$.required"),
        ({"items": {"enum": "a"}}, "$.items.enum"),
        ({"anyOf": {}}, "$.anyOf"),
        ({"minItems": -1}, "$.minItems"),
        ({"maximum": "9"}, "$.maximum"),
        ({"pattern": "("}, "$.pattern"),
        ({"$ref": "#/$defs/a"}, "$ref"),
    ],
)
def test_a_schema_that_means_nothing_is_told_with_its_place(schema: object, place: str) -> None:
    found = flaw(schema)
    assert found is not None
    assert found.startswith(f"{place}: ")


KINDS = st.sampled_from(["string", "integer", "number", "boolean", "null"])
SCHEMAS = st.recursive(
    st.builds(lambda kind: {"type": kind}, KINDS) | st.builds(lambda v: {"const": v}, st.integers()),
    lambda inner: (
        st.builds(lambda s: {"type": "array", "items": s, "minItems": 1}, inner)
        | st.builds(
            lambda p: {"type": "object", "properties": p, "required": [*p]},
            st.dictionaries(st.text(max_size=4), inner, max_size=3),
        )
    ),
    max_leaves=8,
)


@given(SCHEMAS, st.text(max_size=20))
def test_a_value_made_for_a_sound_schema_fits_it(schema: dict, words: str) -> None:
    assert flaw(schema) is None
    assert mismatch(value_for(schema, words), schema) is None


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v), max_leaves=9),
    SCHEMAS,
)
def test_whatever_a_model_writes_is_answered_in_one_sentence(value: object, schema: dict) -> None:
    found = mismatch(json.loads(json.dumps(value)), schema)
    assert found is None or found.startswith("$")
