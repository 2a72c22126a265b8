"""What API Gateway answers by itself, by type, as the template has it written.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from infra.local.errors import TemplateRefused
from infra.local.stack import GatewayResponse


class Default(NamedTuple):
    """AWS's own answer of a type: status, `$context.error.message`, and the x-amzn-ErrorType header."""

    status: int
    message: str
    error_type: str


DEFAULTS: Mapping[str, Default] = {
    "BAD_REQUEST_BODY": Default(400, "Invalid request body", "BadRequestException"),
    "DEFAULT_4XX": Default(400, "Bad Request", "BadRequestException"),
    "DEFAULT_5XX": Default(502, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_FAILURE": Default(500, "Internal server error", "InternalServerErrorException"),
    "INTEGRATION_TIMEOUT": Default(504, "Endpoint request timed out", "InternalServerErrorException"),
    "INVALID_API_KEY": Default(403, "Forbidden", "ForbiddenException"),
    "MISSING_AUTHENTICATION_TOKEN": Default(
        403, "Missing Authentication Token", "MissingAuthenticationTokenException"
    ),
    "QUOTA_EXCEEDED": Default(429, "Limit Exceeded", "LimitExceededException"),
    "REQUEST_TOO_LARGE": Default(413, "Request Too Long", "RequestTooLongException"),
    "THROTTLED": Default(429, "Too Many Requests", "TooManyRequestsException"),
}
# Types that the template may style although the local cloud never has cause to give them.
NEVER_GIVEN = frozenset(
    {
        "ACCESS_DENIED",
        "API_CONFIGURATION_ERROR",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "AUTHORIZER_FAILURE",
        "BAD_REQUEST_PARAMETERS",
        "EXPIRED_TOKEN",
        "INVALID_SIGNATURE",
        "RESOURCE_NOT_FOUND",
        "UNAUTHORIZED",
        "UNSUPPORTED_MEDIA_TYPE",
        "WAF_FILTERED",
    }
)
PLAIN = GatewayResponse(None, {}, {"application/json": '{"message":$context.error.messageString}'})
CONTEXT = frozenset(
    {
        "apiId",
        "error.message",
        "error.messageString",
        "error.responseType",
        "error.validationErrorString",
        "extendedRequestId",
        "httpMethod",
        "identity.sourceIp",
        "identity.userAgent",
        "path",
        "protocol",
        "requestId",
        "requestTime",
        "requestTimeEpoch",
        "resourcePath",
        "stage",
    }
)
VARIABLE = re.compile(r"\$(\{)?context\.([A-Za-z.]*[A-Za-z])(?(1)\})")
UNSERVED = re.compile(r"\$(?!\{?context\.)|^\s*#", re.MULTILINE)
REQUEST_HEADER = "method.request.header."


class GatewayError(Exception):
    """Raise when the gateway answers by itself; `kind` is one of DEFAULTS."""

    def __init__(self, kind: str, validation_error: str = "") -> None:
        super().__init__(kind)
        self.kind, self.validation_error = kind, validation_error


@dataclass(frozen=True)
class Rendered:
    status: int
    headers: Mapping[str, str]
    body: bytes


def render(
    error: GatewayError,
    responses: Mapping[str, GatewayResponse],
    context: Mapping[str, str],
    request_headers: Mapping[str, str],
) -> Rendered:
    """Write a gateway response: the form of its type, else of DEFAULT_4XX or DEFAULT_5XX, else AWS's own.

    `context` holds what `$context.…` may name, apart from `error.…`.
    """
    default = DEFAULTS[error.kind]
    family = "DEFAULT_5XX" if default.status >= 500 else "DEFAULT_4XX"
    response = responses.get(error.kind) or responses.get(family) or PLAIN
    content_type, template = choose_template(
        response.templates or PLAIN.templates, request_headers.get("Accept", "")
    )
    values = {
        **context,
        "error.message": default.message,
        "error.messageString": json.dumps(default.message),
        "error.responseType": error.kind,
        "error.validationErrorString": error.validation_error,
    }
    headers = {name: header_value(value, values, request_headers) for name, value in response.headers.items()}
    if not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = content_type
    headers["x-amzn-ErrorType"] = default.error_type
    # A client can send half of a surrogate pair, which has no bytes.
    body = fill(template, values).encode(errors="replace")
    return Rendered(response.status or default.status, headers, body)


def choose_template(templates: Mapping[str, str], accept: str) -> tuple[str, str]:
    """Give the template for the first type accepted, else that for JSON, else the first."""
    wanted = accept.partition(",")[0].partition(";")[0].strip().lower()
    for content_type in (wanted, "application/json"):
        if content_type in templates:
            return content_type, templates[content_type]
    return next(iter(templates.items()))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put `$context.…` values into a JSON template; each is escaped as the inside of a JSON string."""

    def replace(match: re.Match[str]) -> str:
        name = match[2]
        value = values.get(name, "")
        return value if name == "error.messageString" else json.dumps(value, ensure_ascii=False)[1:-1]

    return VARIABLE.sub(replace, template)


def header_value(expression: str, values: Mapping[str, str], request_headers: Mapping[str, str]) -> str:
    if expression.startswith("'"):
        return expression[1:-1]  # the value may end in a quotation mark of its own
    if expression.startswith(REQUEST_HEADER):
        return readable(request_headers.get(expression.removeprefix(REQUEST_HEADER), ""))
    return readable(values.get(expression.removeprefix("context."), ""))


def readable(value: str) -> str:
    """Replace bytes of a header that are not UTF-8, which aiohttp gives as lone surrogates."""
    return value if value.isascii() else value.encode(errors="surrogateescape").decode(errors="replace")


def check_response(where: str, kind: str, response: GatewayResponse) -> None:
    """Raise TemplateRefused when a gateway response holds what the local cloud cannot render."""
    if kind not in DEFAULTS.keys() | NEVER_GIVEN:
        raise TemplateRefused(f"{where} is no type of API Gateway's.")
    for template in response.templates.values():
        unknown = {name for _, name in VARIABLE.findall(template)} - CONTEXT
        if unknown or UNSERVED.search(template):
            raise TemplateRefused(
                f"{where} may use plain $context variables only, of {', '.join(sorted(CONTEXT))}."
            )
    for name, value in response.headers.items():
        variable = value.removeprefix("context.")
        if not (value.startswith(("'", REQUEST_HEADER)) or (value != variable and variable in CONTEXT)):
            raise TemplateRefused(f"{where}: header {name} must be '…', context.… or {REQUEST_HEADER}….")
