"""Request models: is a body what its JSON Schema asks for, and if not, API Gateway's words for it.

API Gateway validates by JSON Schema draft 4, all but maxItems and minItems, and gives its findings as one
string, `$context.error.validationErrorString`, in the words of the Java json-schema-validator that it runs.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from jsonschema import Draft4Validator
from jsonschema.exceptions import SchemaError
from jsonschema.validators import create

from infra.local.errors import TemplateRefused
from infra.local.stack import JsonSchema
from infra.local.supported import SCHEMA_KEYWORDS, SCHEMA_NOTES


class Finding(NamedTuple):
    """One keyword's `expected` value, the `instance` that fails it, and the schema around it."""

    expected: Any
    instance: Any
    schema: Any


UNREADABLE = "[Unknown error parsing request body]"
DEFAULT_CONTENT_TYPE = "application/json"
NOT_VALIDATED = frozenset({"maxItems", "minItems"})
RequestValidator = create(
    meta_schema=Draft4Validator.META_SCHEMA,
    validators={name: Draft4Validator.VALIDATORS[name] for name in sorted(SCHEMA_KEYWORDS)},
    type_checker=Draft4Validator.TYPE_CHECKER,
)


def find_violations(body: bytes, content_type: str | None, models: Mapping[str, JsonSchema]) -> str | None:
    """Give API Gateway's validation error string for `body`, or None where the body is right or has no model.

    A model counts only for the content type that it names; a request without one counts as application/json.
    """
    schema = models.get(media_type(content_type) or DEFAULT_CONTENT_TYPE)
    if schema is None:
        return None
    try:
        instance = json.loads(body, parse_constant=_refuse_constant)
        messages = sorted(set(_messages(schema, instance)))
    except (ValueError, RecursionError):
        return UNREADABLE
    return f"[{', '.join(messages)}]" if messages else None


def media_type(header: str | None) -> str:
    """Give a Content-Type without its parameters, in lower case."""
    return (header or "").partition(";")[0].strip().lower()


def check_schema(where: str, schema: JsonSchema) -> None:
    """Raise TemplateRefused when a model is no draft 4 schema or uses a keyword that is not served."""
    try:
        Draft4Validator.check_schema(schema)
    except SchemaError as error:
        raise TemplateRefused(f"{where} is not a JSON Schema: {error.message}.") from error
    unknown = sorted(set(_keywords(schema)) - SCHEMA_KEYWORDS - SCHEMA_NOTES - NOT_VALIDATED)
    if unknown:
        raise TemplateRefused(f"{where} uses {', '.join(unknown)}, which the local cloud does not validate.")


def _keywords(schema: JsonSchema) -> Iterator[str]:
    yield from schema
    nested = [schema.get(keyword) for keyword in ("additionalProperties", "items", "not")]
    nested += [one for keyword in ("allOf", "anyOf", "oneOf") for one in schema.get(keyword, ())]
    nested += schema.get("properties", {}).values()
    for one in nested:
        if isinstance(one, Mapping):
            yield from _keywords(one)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _messages(schema: JsonSchema, instance: Any) -> Iterator[str]:
    for error in RequestValidator(schema).iter_errors(instance):
        yield MESSAGES[str(error.validator)](Finding(error.validator_value, error.instance, error.schema))


def _missing(error: Finding) -> str:
    missing = sorted(name for name in error.expected if name not in error.instance)
    return f"object has missing required properties ({_json(missing)})"


def _additional(error: Finding) -> str:
    known = error.schema.get("properties", {})
    extra = sorted(name for name in error.instance if name not in known)
    return f"object instance has properties which are not allowed by the schema: {_json(extra)}"


def _type(error: Finding) -> str:
    allowed = error.expected if isinstance(error.expected, list) else [error.expected]
    found = _type_name(error.instance)
    names = _json(sorted(allowed))
    return f"instance type ({found}) does not match any allowed primitive type (allowed: {names})"


def _type_name(value: Any) -> str:
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "null")


def _enum(error: Finding) -> str:
    possible = _json(error.expected)
    return f"instance value ({_json(error.instance)}) not found in enum (possible values: {possible})"


def _one_of(error: Finding) -> str:
    schemas = error.expected
    matched = sum(RequestValidator(one).is_valid(error.instance) for one in schemas)
    return f"instance failed to match exactly one schema (matched {matched} out of {len(schemas)})"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _length(kind: str, rule: str) -> Callable[[Finding], str]:
    def message(error: Finding) -> str:
        text = error.instance
        return f"string {_json(text)} is too {kind} (length: {len(text)}, {rule}: {error.expected})"

    return message


def _bound(words: str, name: str) -> Callable[[Finding], str]:
    def message(error: Finding) -> str:
        return f"numeric instance is {words} ({name}: {error.expected}, found: {error.instance})"

    return message


def _properties(kind: str, rule: str) -> Callable[[Finding], str]:
    def message(error: Finding) -> str:
        found = len(error.instance)
        wanted = f"{rule} {error.expected}"
        return f"object has too {kind} properties (found {found} but schema requires {wanted})"

    return message


MESSAGES: Mapping[str, Callable[[Finding], str]] = {
    "additionalProperties": _additional,
    "anyOf": lambda error: (
        f"instance failed to match at least one required schema among {len(error.expected)}"
    ),
    "enum": _enum,
    "maxLength": _length("long", "maximum allowed"),
    "maxProperties": _properties("many", "at most"),
    "maximum": _bound("greater than the required maximum", "maximum"),
    "minLength": _length("short", "required minimum"),
    "minProperties": _properties("few", "at least"),
    "minimum": _bound("lower than the required minimum", "minimum"),
    "not": lambda _: "instance matched a schema which it should not have",
    "oneOf": _one_of,
    "pattern": lambda error: (
        f"ECMA 262 regex {_json(error.expected)} does not match input string {_json(error.instance)}"
    ),
    "required": _missing,
    "type": _type,
    "uniqueItems": lambda _: "array must not contain duplicate elements",
}
