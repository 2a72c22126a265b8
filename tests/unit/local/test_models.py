import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.errors import TemplateRefused
from infra.local.models import UNREADABLE, check_schema, find_violations

JSON = "application/json"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "anyOf": [{"required": ["text"]}, {"required": ["texts"]}],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^a"},
        "texts": {"type": "array", "maxItems": 1, "items": {"type": "string"}},
        "level": {"enum": ["low", "high"]},
        "share": {"type": ["number", "integer"], "minimum": 0, "maximum": 1},
    },
}


def violations(value: Any, schema: dict[str, Any] = SCHEMA) -> str | None:
    return find_violations(json.dumps(value).encode(), JSON, {JSON: schema})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"text": "a"}, None),
        ({"texts": ["a", "b"]}, None),  # API Gateway does not validate maxItems
        (7, '[instance type (integer) does not match any allowed primitive type (allowed: ["object"])]'),
        ({}, "[instance failed to match at least one required schema among 2]"),
        ({"text": "aaaa"}, '[string "aaaa" is too long (length: 4, maximum allowed: 3)]'),
        ({"text": "b"}, '[ECMA 262 regex "^a" does not match input string "b"]'),
        (
            {"text": "a", "z": 1, "b": 2},
            '[object instance has properties which are not allowed by the schema: ["b","z"]]',
        ),
        (
            {"texts": ["a", None, True]},
            '[instance type (boolean) does not match any allowed primitive type (allowed: ["string"]), '
            'instance type (null) does not match any allowed primitive type (allowed: ["string"])]',
        ),
        (
            {"text": "a", "level": "mid"},
            '[instance value ("mid") not found in enum (possible values: ["low","high"])]',
        ),
        (
            {"text": "a", "share": 2.5},
            "[numeric instance is greater than the required maximum (maximum: 1, found: 2.5)]",
        ),
        (
            {"text": "a", "share": -1},
            "[numeric instance is lower than the required minimum (minimum: 0, found: -1)]",
        ),
    ],
)
def test_findings_are_in_api_gateways_words(value: Any, words: str | None) -> None:
    assert violations(value) == words


def test_missing_properties_are_named_once() -> None:
    schema = {"type": "object", "required": ["b", "a", "c"]}
    assert violations({"c": 1}, schema) == '[object has missing required properties (["a","b"])]'


def test_one_of_counts_what_matched() -> None:
    schema = {"oneOf": [{"type": "string"}, {"minLength": 1}, {"type": "object"}]}
    assert violations("a", schema) == "[instance failed to match exactly one schema (matched 2 out of 3)]"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"text": NaN}', b"[" * 100_000])
def test_a_body_that_is_no_json(body: bytes) -> None:
    assert find_violations(body, JSON, {JSON: SCHEMA}) == UNREADABLE


@pytest.mark.parametrize("content_type", [None, "", JSON, "Application/JSON; charset=utf-8"])
def test_no_content_type_counts_as_json(content_type: str | None) -> None:
    assert find_violations(b"7", content_type, {JSON: SCHEMA})


@pytest.mark.parametrize("content_type", ["text/plain", "application/problem+json", "nonsense"])
def test_other_content_types_are_not_validated(content_type: str) -> None:
    assert find_violations(b"7", content_type, {JSON: SCHEMA}) is None


@given(
    st.binary()
    | st.recursive(st.none() | st.text() | st.floats(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_no_body_breaks_the_validator(body: bytes) -> None:
    words = find_violations(body, JSON, {JSON: SCHEMA})
    assert words is not None
    assert words.startswith("[")


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"properties": {"a": {"format": "email"}}}, "format"),
        ({"items": {"$ref": "#/definitions/a"}}, r"\$ref"),
        ({"anyOf": [{"const": 1}]}, "const"),
        ({"type": "text"}, "not a JSON Schema"),
    ],
)
def test_a_model_that_would_be_half_validated_is_refused(schema: dict[str, Any], named: str) -> None:
    with pytest.raises(TemplateRefused, match=named):
        check_schema("Model", schema)
