"""A handler's answer as an HTTP response, by the rules of API Gateway's Lambda proxy integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra.local.models import media_type

KNOWN_KEYS = frozenset({"body", "headers", "isBase64Encoded", "multiValueHeaders", "statusCode"})
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
REMAPPED = frozenset({"connection", "content-length", "date", "server", "www-authenticate"})
DROPPED = frozenset({"keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade"})


class MalformedAnswer(ValueError):
    """Raise when a handler's answer is not of the form that the proxy integration asks for."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read_answer(payload: bytes, accept: str | None, binary_types: frozenset[str]) -> Answer:
    """Give the HTTP response for what a handler returned (JSON bytes); raise MalformedAnswer.

    A base64 body is decoded only when the first type of `accept` is one of the API's binary types.
    """
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise MalformedAnswer("the answer is not JSON") from error
    if not isinstance(answer, dict) or answer.keys() - KNOWN_KEYS:
        raise MalformedAnswer(
            f"the answer must be an object with no keys but {', '.join(sorted(KNOWN_KEYS))}"
        )
    headers = tuple(_headers(answer))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers += (("Content-Type", "application/json"),)
    return Answer(_status(answer), headers, _body(answer, accept, binary_types))


def _status(answer: dict[str, Any]) -> int:
    try:
        status = int(answer.get("statusCode") or 200)
    except (TypeError, ValueError) as error:
        raise MalformedAnswer("statusCode is not a number") from error
    if 200 <= status <= 599:
        return status
    raise MalformedAnswer("statusCode is not a final HTTP status")


def _headers(answer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Give `multiValueHeaders`, then those of `headers` that the first does not name."""
    many, single = _object(answer, "multiValueHeaders"), _object(answer, "headers")
    named = {name.lower() for name in many}
    pairs = [(name, values if isinstance(values, list) else [values]) for name, values in many.items()]
    pairs += [(name, [value]) for name, value in single.items() if name.lower() not in named]
    for name, values in pairs:
        if name.lower() not in DROPPED:
            yield from ((_header_name(name), _header_value(value)) for value in values)


def _object(answer: dict[str, Any], key: str) -> dict[str, Any]:
    value = answer.get(key)
    if value is not None and not isinstance(value, dict):
        raise MalformedAnswer(f"{key} is not an object")
    return value or {}


def _header_name(name: str) -> str:
    if not name or not name.isascii() or any(character <= " " or character == ":" for character in name):
        raise MalformedAnswer("a header's name is not one of HTTP")
    return f"x-amzn-Remapped-{name}" if name.lower() in REMAPPED else name


def _header_value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float) and not set(str(value)) & {"\r", "\n", "\0"}:
        return str(value)
    raise MalformedAnswer("a header's value is not a line of text")


def _body(answer: dict[str, Any], accept: str | None, binary_types: frozenset[str]) -> bytes:
    body, encoded = answer.get("body"), answer.get("isBase64Encoded") or False
    if body is None:
        return b""
    if not isinstance(body, str) or not isinstance(encoded, bool):
        raise MalformedAnswer("body is not a string, or isBase64Encoded not true or false")
    if not encoded or not _accepts_binary(accept, binary_types):
        return body.encode(errors="replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedAnswer("body is not base64") from error


def _accepts_binary(accept: str | None, binary_types: frozenset[str]) -> bool:
    return "*/*" in binary_types or media_type((accept or "").partition(",")[0]) in binary_types
