"""The REST API's OpenAPI body, as SAM writes it → Api.

Extensions: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.errors import TemplateRefused
from infra.local.gateway_responses import check_response
from infra.local.models import check_schema
from infra.local.stack import Api, FixedAnswer, Function, GatewayResponse, JsonSchema, Route

Document = Mapping[str, Any]
X = "x-amazon-apigateway-"
METHODS = frozenset({"delete", "get", "head", "options", "patch", "post", "put"})
ANY_METHOD = X + "any-method"
BODY_PARTS = frozenset(
    {"components", "info", "openapi", "paths", "tags"}
    | {X + part for part in ("binary-media-types", "gateway-responses", "request-validators")}
)
METHOD_PARTS = frozenset(
    {
        "consumes",
        "description",
        "operationId",
        "parameters",
        "produces",
        "requestBody",
        "responses",
        "security",
    }
    | {"summary", "tags", X + "integration", X + "request-validator"}
)
FUNCTION_IN_URI = re.compile(r":function:([^:/]+)")
SCHEMA_REFERENCE = "#/components/schemas/"


def read_api(logical_id: str, properties: Document, stage: str, functions: tuple[Function, ...]) -> Api:
    """Read a RestApi's resolved properties; raise TemplateRefused for what is not served."""
    return ApiReader(logical_id, properties["Body"], {function.name for function in functions}).api(
        stage, frozenset(kind.replace("~1", "/") for kind in properties.get("BinaryMediaTypes", ()))
    )


class ApiReader:
    """Reads one OpenAPI 3.0.1 body."""

    def __init__(self, logical_id: str, body: Document, functions: set[str]) -> None:
        self._logical_id, self._body, self._functions = logical_id, body, functions
        if not str(body.get("openapi", "")).startswith("3.0"):
            raise self._refusal("its body is not OpenAPI 3.0: set Globals.Api.OpenApiVersion to 3.0.1.")
        self._check_parts("the API", body, BODY_PARTS)
        self._schemas = body.get("components", {}).get("schemas", {})
        for name, schema in self._schemas.items():
            check_schema(f"{logical_id}: model {name}", schema)

    def api(self, stage: str, binary_types: frozenset[str]) -> Api:
        responses = {
            kind: self._gateway_response(kind, response)
            for kind, response in self._body.get(X + "gateway-responses", {}).items()
        }
        return Api(stage, tuple(self._routes()), binary_types, responses)

    def _gateway_response(self, kind: str, response: Document) -> GatewayResponse:
        status = response.get("statusCode")
        prefix = "gatewayresponse.header."
        parameters = response.get("responseParameters", {})
        if any(not name.startswith(prefix) for name in parameters):
            raise self._refusal(f"gateway response {kind} may set headers only.")
        read = GatewayResponse(
            status=None if status is None else int(status),
            headers={name.removeprefix(prefix): value for name, value in parameters.items()},
            templates=response.get("responseTemplates", {}),
        )
        check_response(f"{self._logical_id}: gateway response {kind}", kind, read)
        return read

    def _routes(self) -> Iterator[Route]:
        for path, methods in self._body["paths"].items():
            for method, operation in methods.items():
                if method != ANY_METHOD and method not in METHODS:
                    raise self._refusal(f"{method} of {path} is not a method.")
                yield self._route("ANY" if method == ANY_METHOD else method.upper(), path, operation)

    def _route(self, method: str, path: str, operation: Document) -> Route:
        where = f"{method} {path}"
        self._check_parts(where, operation, METHOD_PARTS)
        return Route(
            method=method,
            path=path,
            target=self._target(where, operation.get(X + "integration", {})),
            key_required=self._key_required(where, operation),
            models=self._models(where, operation),
        )

    def _target(self, where: str, integration: Document) -> str | FixedAnswer:
        if integration.get("type") == "mock":
            return self._fixed_answer(where, integration)
        function = FUNCTION_IN_URI.search(str(integration.get("uri", "")))
        if integration.get("type") != "aws_proxy" or function is None or function[1] not in self._functions:
            raise self._refusal(f"{where} must be integrated with a function of the template by aws_proxy.")
        return function[1]

    def _fixed_answer(self, where: str, integration: Document) -> FixedAnswer:
        """Read a mock integration that always gives its default response, as SAM's CORS preflight does."""
        responses = integration.get("responses", {})
        if set(responses) != {"default"}:
            raise self._refusal(f"{where}: a mock integration may have a default response only.")
        response = responses["default"]
        prefix = "method.response.header."
        headers = {
            name.removeprefix(prefix): value.strip("'")
            for name, value in response.get("responseParameters", {}).items()
        }
        templates = response.get("responseTemplates", {})
        content_type, body = next(iter(templates.items()), ("application/json", ""))
        if "$" in body or "#" in body:
            raise self._refusal(f"{where}: a mock integration's response template must be plain text.")
        return FixedAnswer(int(response["statusCode"]), {"Content-Type": content_type, **headers}, body)

    def _key_required(self, where: str, operation: Document) -> bool:
        schemes = {name for requirement in operation.get("security", ()) for name in requirement}
        if schemes - {"api_key"}:
            raise self._refusal(
                f"{where}: the local cloud knows API keys only, not {', '.join(sorted(schemes))}."
            )
        return bool(schemes)

    def _models(self, where: str, operation: Document) -> Mapping[str, JsonSchema]:
        validators = self._body.get(X + "request-validators", {})
        validator = validators.get(operation.get(X + "request-validator"), {})
        if validator.get("validateRequestParameters"):
            raise self._refusal(
                f"{where}: the local cloud does not validate parameters: set ValidateParameters: false."
            )
        if not validator.get("validateRequestBody"):
            return {}
        content = operation.get("requestBody", {}).get("content", {})
        return {kind: self._schema(where, media["schema"]) for kind, media in content.items()}

    def _schema(self, where: str, schema: Document) -> JsonSchema:
        reference = str(schema.get("$ref", ""))
        name = reference.removeprefix(SCHEMA_REFERENCE)
        if not reference.startswith(SCHEMA_REFERENCE) or name not in self._schemas:
            raise self._refusal(f"{where}: its request model must be one of the API's Models.")
        found: JsonSchema = self._schemas[name]
        return found

    def _check_parts(self, where: str, document: Document, known: frozenset[str]) -> None:
        unknown = sorted(document.keys() - known)
        if unknown:
            raise self._refusal(
                f"the local cloud does not know {json.dumps(unknown)} of {where}: take it out."
            )

    def _refusal(self, message: str) -> TemplateRefused:
        return TemplateRefused(f"{self._logical_id}: {message}")
