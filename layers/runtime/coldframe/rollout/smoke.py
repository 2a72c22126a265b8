"""Which events a new version is tried with: data of the function itself, for any model.

A function behind the API describes its routes in its OpenAPI document. All its GETs that need no parameter
are tried (healthz, health and model-info are among them), and every POST that takes a `text`.
"""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coldframe.service import STAGE
from coldframe.signature import sign

Json = dict[str, Any]
TEXT = "smoke test"
SOURCE = "coldframe-rollout"


@dataclass(frozen=True)
class Smoke:
    """An event, and what to call it in a message."""

    name: str
    event: Json


EMPTY_BATCH = Smoke("an empty batch of messages", {"Records": []})


def smokes(document: Json, secret: str | None) -> Iterator[Smoke]:
    """Make the events that an OpenAPI document calls for, each signed if there is a secret."""
    for path, operations in document["paths"].items():
        if "get" in operations and "{" not in path and not _asks_for_parameters(operations["get"]):
            yield request("GET", path, secret=secret)
        if "post" in operations and "{" not in path and "text" in _properties(document, operations["post"]):
            yield request("POST", path, json.dumps({"text": TEXT}), secret)


def request(method: str, path: str, body: str | None = None, secret: str | None = None) -> Smoke:
    """Make the event of a REST API's proxy integration.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    """
    headers = {"Accept": "*/*", "Host": SOURCE, "User-Agent": SOURCE}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if secret:
        at = f"{time.time():.6f}"
        headers["x-signature"] = f"t={at},v1={sign(secret, at, method, STAGE + path, (body or '').encode())}"
    event = {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "httpMethod": method,
            "identity": {"apiKey": None, "apiKeyId": SOURCE, "sourceIp": "127.0.0.1", "userAgent": SOURCE},
            "path": STAGE + path,
            "protocol": "HTTP/1.1",
            "requestId": SOURCE,
            "resourcePath": path,
            "stage": STAGE.strip("/"),
        },
        "body": body,
        "isBase64Encoded": False,
    }
    return Smoke(f"{method} {path}", event)


def _asks_for_parameters(operation: Mapping[str, Any]) -> bool:
    return any(parameter.get("required") for parameter in operation.get("parameters", ()))


def _properties(document: Json, operation: Mapping[str, Any]) -> Mapping[str, Any]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    properties: Mapping[str, Any] = schema.get("properties", {})
    return properties
