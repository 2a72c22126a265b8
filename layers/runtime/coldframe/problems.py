"""Errors over HTTP: `application/problem+json`, with a stable type, the request's id, and what to mend.

Source: RFC 9457 (problem details), RFC 6901 (JSON pointer).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema
from starlette.exceptions import HTTPException

from coldframe import limits
from coldframe.errors import ModelUnavailable, ServiceUnavailable
from coldframe.inputs import explain

MEDIA_TYPE = "application/problem+json"
API_KEY = {"type": "apiKey", "in": "header", "name": "x-api-key"}
_SCHEMAS = "#/components/schemas/"

# The end of the type, and the title; the template's gateway responses use the same ones.
_KINDS = {
    400: ("bad-request", "Bad request"),
    401: ("unauthorized", "Unauthorized"),
    403: ("forbidden", "Forbidden"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    413: ("too-large", "Content too large"),
    415: ("unsupported-media-type", "Unsupported media type"),
    422: ("invalid-request", "Invalid request"),
    429: ("throttled", "Too many requests"),
    500: ("internal-error", "Internal error"),
    503: ("model-unavailable", "Model unavailable"),
}
_SERVICE_UNAVAILABLE = ("service-unavailable", "Service unavailable")
_OF_PREDICTIONS = (403, 413, 415, 422, 429, 503)


class FieldProblem(BaseModel):
    """One thing to mend: a JSON pointer to the field, and what is wrong with it."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """What went wrong, in the form of RFC 9457."""

    type: str = Field(examples=["urn:coldframe:problem:invalid-request"])
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[FieldProblem] = []


def documented(statuses: Sequence[int] = _OF_PREDICTIONS) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for what can be refused with these, here or by the gateway."""
    return {status: _described(_KINDS[status][1]) for status in statuses}


def documented_service() -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for a service that is away."""
    return {503: _described(_SERVICE_UNAVAILABLE[1])}


def _described(title: str) -> dict[str, Any]:
    return {"description": title, "content": {MEDIA_TYPE: {"schema": {"$ref": _SCHEMAS + "Problem"}}}}


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document, and describe that in its OpenAPI document."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        _, schemas = models_json_schema([(Problem, "serialization")], ref_template=_SCHEMAS + "{model}")
        document["components"]["schemas"].update(schemas["$defs"])
        document["components"]["securitySchemes"] = {"ApiKey": API_KEY}
        document["security"] = [{"ApiKey": []}]
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way to extend it

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [_field_problem(found) for found in error.errors()[: limits.PROBLEM_ERRORS_MAX_COUNT]]
        return problem(request.scope, 422, "The request does not have the expected form.", errors=errors)

    @app.exception_handler(HTTPException)
    async def _refused(request: Request, error: HTTPException) -> JSONResponse:
        return problem(request.scope, error.status_code, error.detail, headers=error.headers)

    @app.exception_handler(ModelUnavailable)
    async def _unavailable(request: Request, error: ModelUnavailable) -> JSONResponse:
        retry = {"retry-after": str(limits.RETRY_AFTER_SECONDS)}
        return problem(request.scope, 503, f"No model can answer at the moment: {error}.", headers=retry)

    @app.exception_handler(ServiceUnavailable)
    async def _away(request: Request, error: ServiceUnavailable) -> JSONResponse:
        return service_unavailable(request.scope, str(error))

    @app.exception_handler(Exception)
    async def _broken(request: Request, error: Exception) -> JSONResponse:  # noqa: ARG001 - logged by Mangum
        return problem(
            request.scope, 500, "The function failed; the log has the reason under the request id."
        )


def service_unavailable(scope: Mapping[str, Any], detail: str) -> JSONResponse:
    """Build the answer when a service that is needed is away: to be tried again."""
    retry = {"retry-after": str(limits.RETRY_AFTER_SECONDS)}
    return problem(scope, 503, detail, headers=retry, kind=_SERVICE_UNAVAILABLE)


def problem(
    scope: Mapping[str, Any],
    status: int,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    kind: tuple[str, str] | None = None,
) -> JSONResponse:
    """Build the problem document that answers the request of this ASGI scope."""
    slug, title = kind or _KINDS[status]
    body = {
        "type": f"urn:coldframe:problem:{slug}",
        "title": title,
        "status": status,
        "detail": detail,
        "request_id": scope.get("aws.event", {}).get("requestContext", {}).get("requestId", ""),
        **({"errors": list(errors)} if errors else {}),
    }
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def _field_problem(found: Mapping[str, Any]) -> dict[str, str]:
    detail = explain(found)
    at = "" if found["type"] == "json_invalid" else pointer(found["loc"][1:])
    return {"pointer": at, "detail": detail if at else f"the body {detail}"}


def pointer(path: Sequence[str | int]) -> str:
    """Write a JSON pointer (RFC 6901), cut short at POINTER_MAX_CHARS."""
    steps = (
        str(step).encode(errors="replace").decode().replace("~", "~0").replace("/", "~1") for step in path
    )
    return "".join(f"/{step}" for step in steps)[: limits.POINTER_MAX_CHARS]
