"""An HTTP request as the event of API Gateway's Lambda proxy integration, format 1.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import hashlib
import json
import secrets
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from infra.local.gateway_responses import readable
from infra.local.models import media_type
from infra.local.routing import Match
from infra.local.settings import ACCOUNT_ID

API_ID = "local"
NOT_PASSED_ON = frozenset({"connection", "content-length", "expect", "transfer-encoding"})
NO_IDENTITY = dict.fromkeys(
    (
        "accessKey",
        "accountId",
        "apiKey",
        "apiKeyId",
        "caller",
        "cognitoAuthenticationProvider",
        "cognitoAuthenticationType",
        "cognitoIdentityId",
        "cognitoIdentityPoolId",
        "principalOrgId",
        "user",
        "userArn",
    )
)


def new_trace_id() -> str:
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Request:
    """One HTTP request as it arrived; `raw_path` and `raw_query` are percent-encoded."""

    method: str
    raw_path: str
    raw_query: str
    headers: tuple[tuple[str, str], ...]
    source_ip: str
    host: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_id: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(11)).decode())
    trace_id: str = field(default_factory=new_trace_id)
    received_at: float = field(default_factory=time.time)

    def header(self, name: str) -> str | None:
        """Give the last value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in reversed(self.headers) if key.lower() == wanted), None)

    @property
    def time(self) -> str:
        return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(self.received_at))

    @property
    def time_ms(self) -> int:
        return int(self.received_at * 1000)


def proxy_event(
    request: Request, body: bytes, match: Match, stage: str, binary_types: frozenset[str]
) -> dict[str, Any]:
    """Give the event that API Gateway hands to Lambda for a request."""
    headers = _passed_on(request)
    query = parse_qsl(request.raw_query, keep_blank_values=True)
    binary = bool(body) and _is_binary(request.header("Content-Type"), binary_types)
    return {
        "resource": match.route.path,
        "path": match.path,
        "httpMethod": request.method,
        "headers": dict(headers),
        "multiValueHeaders": _lists(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _lists(query) or None,
        "pathParameters": dict(match.parameters) or None,
        "stageVariables": None,
        "requestContext": _context(request, match, stage),
        "body": _body(body, binary),
        "isBase64Encoded": binary,
    }


def encode_event(event: dict[str, Any]) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode()


def _context(request: Request, match: Match, stage: str) -> dict[str, Any]:
    key = request.header("x-api-key") if match.route.key_required else None
    return {
        "accountId": ACCOUNT_ID,
        "apiId": API_ID,
        "deploymentId": API_ID,
        "domainName": request.host,
        "domainPrefix": request.host.partition(".")[0],
        "extendedRequestId": request.extended_id,
        "httpMethod": request.method,
        "identity": {
            **NO_IDENTITY,
            "apiKey": key,
            "apiKeyId": key and _key_id(key),
            "sourceIp": request.source_ip,
            "userAgent": request.header("User-Agent"),
        },
        "path": f"/{stage}{match.path}",
        "protocol": "HTTP/1.1",
        "requestId": request.request_id,
        "requestTime": request.time,
        "requestTimeEpoch": request.time_ms,
        "resourceId": API_ID,
        "resourcePath": match.route.path,
        "stage": stage,
    }


def _key_id(key: str) -> str:
    """Give what stands for a key's id: ten characters, as in AWS, the same for the same key."""
    return hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:10]


def _passed_on(request: Request) -> list[tuple[str, str]]:
    """Give the headers as received, without those of the connection and with those that API Gateway adds."""
    kept = [(name, readable(value)) for name, value in request.headers if name.lower() not in NOT_PASSED_ON]
    forwarded = next((value for name, value in kept if name.lower() == "x-forwarded-for"), None)
    added = [
        ("X-Amzn-Trace-Id", request.trace_id),
        ("X-Forwarded-For", f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip),
        ("X-Forwarded-Port", request.host.partition(":")[2] or "80"),
        ("X-Forwarded-Proto", "http"),
    ]
    names = {name.lower() for name, _ in added}
    return [pair for pair in kept if pair[0].lower() not in names] + added


def _lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    return lists


def _is_binary(content_type: str | None, binary_types: frozenset[str]) -> bool:
    return "*/*" in binary_types or media_type(content_type) in binary_types


def _body(body: bytes, binary: bool) -> str | None:
    if not body:
        return None
    return base64.b64encode(body).decode() if binary else body.decode(errors="replace")
