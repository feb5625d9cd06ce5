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
        ({}, "$.n is missing"),
        ({"n": True}, "$.n is true, no integer"),
        ({"n": 0}, "$.n is below 1"),
        ({"n": 10}, "$.n is above 9"),
        ({"n": 1, "kind": "c"}, '$.kind is "c", not one of ["a", "b"]'),
        ({"n": 1, "tags": []}, "$.tags has 0 items"),
        ({"n": 1, "tags": [1]}, "$.tags[0] is 1, no string"),
        ({"n": 1, "more": 2}, "$.more is not allowed"),
        ([], "$ is [], no object"),
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
        (1, {"type": ["string", "null"]}, "$ is 1, no string or null"),
        (1, {"enum": [True, "1"]}, '$ is 1, not one of [true, "1"]'),
        (1.0, {"const": 1}, None),
        ("ab", {"minLength": 3}, "$ is shorter than 3 characters"),
        ("abcd", {"maxLength": 3}, "$ is longer than 3 characters"),
        ("x9", {"pattern": "^[a-z]+$"}, "$ does not match ^[a-z]+$"),
        (1, {"exclusiveMinimum": 1}, "$ is not above 1"),
        (0.3, {"multipleOf": 0.1}, None),
        (0.35, {"multipleOf": 0.1}, "$ is no multiple of 0.1"),
        (float("inf"), {"multipleOf": 2}, "$ is no multiple of 2"),
        ([1, 1.0], {"uniqueItems": True}, "$ has equal items"),
        ([1, True], {"uniqueItems": True}, None),
        (
            ["a", 1],
            {"prefixItems": [{"type": "string"}], "items": {"type": "string"}},
            "$[1] is 1, no string",
        ),
        (5, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "$ fits none of its 2 forms"),
        (5, {"oneOf": [{"type": "integer"}, {"minimum": 1}]}, "$ fits 2 forms instead of one"),
        (5, {"not": {"type": "integer"}}, "$ is 5, which is excluded"),
        (5, {"allOf": [{"type": "integer"}, {"maximum": 4}]}, "$ is above 4"),
        ({"a": 1}, {"additionalProperties": {"type": "string"}}, "$.a is 1, no string"),
        ({"name": "a", "next": {"name": "b", "next": None}}, TREE, None),
        ({"name": "a", "next": {}}, TREE, "$.next fits none of its 2 forms"),
        ("x", {"$ref": "#"}, "$ is nested too deep to be checked"),
        ("anything", {"format": "date", "title": "When"}, None),
    ],
)
def test_the_common_keywords_are_known(value: object, schema: dict, found: str | None) -> None:
    assert flaw(schema) is None
    assert mismatch(value, schema) == found


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ([], "$ must be an object, not []"),
        ({"type": "strnig"}, '$.type "strnig" is no type; did you mean string?'),
        (
            {"properties": {"a": {"type": "int"}}},
            '$.properties.a.type "int" is no type; did you mean integer?',
        ),
        ({"properties": [1]}, "$.properties must be an object of schemas"),
        ({"required": "a"}, "$.required must be a list of names"),
        ({"items": {"enum": "a"}}, "$.items.enum must be a list"),
        ({"anyOf": {}}, "$.anyOf must be a list of schemas"),
        ({"minItems": -1}, "$.minItems must be a whole number of 0 or more"),
        ({"maximum": "9"}, "$.maximum must be a number"),
        ({"pattern": "("}, "$.pattern is no regular expression"),
        ({"$ref": "#/$defs/a"}, '$.$ref "#/$defs/a" leads nowhere: write #/$defs/NAME'),
    ],
)
def test_a_schema_that_means_nothing_is_told(schema: object, found: str) -> None:
    assert flaw(schema) == found


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
