"""Errors as the protocol has them: `{"error": "…"}`, and 400 for a request that is not as it should be."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from coldframe import problems
from coldframe.inference.types import AS_JSON

_BINARY_HEADER = "inference-header-content-length"
_ERROR = {"$ref": "#/components/schemas/Error"}
_BINARY_TYPE = "application/octet-stream"


class Error(BaseModel):
    """What was wrong, and what to do."""

    error: str


def documented(statuses: Sequence[int]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for what is refused with these, and by the gateway in its form."""
    own: dict[int | str, dict[str, Any]] = {
        status: {"model": Error, "description": problem["description"]}
        for status, problem in problems.documented(statuses).items()
    }
    return own | problems.documented((403, 429))


def install(app: FastAPI) -> None:
    """Say in the OpenAPI document what `ErrorForm` makes of a 422, which FastAPI adds, and of a 401."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        for operation in (one for operations in document["paths"].values() for one in operations.values()):
            operation["responses"].pop("422", None)
            if "401" in operation["responses"]:  # where requests are signed
                operation["responses"]["401"]["content"] = {"application/json": {"schema": _ERROR}}
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign] # the documented way to extend it


class ErrorForm:
    """Turns whatever problem the app answers with, the 500 too, into the protocol's form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the answer back."""
        problem: list[Message] = []  # its start, until its body is there

        async def send_in_form(message: Message) -> None:
            if _begins_problem(message):
                problem.append(message)
            elif problem:
                await _in_form(problem.pop(), message)(scope, receive, send)
            else:
                await send(message)

        await self._app(scope, receive, send_in_form)


class JsonBodies:
    """Refuses a POST that holds no plain JSON. One without a Content-Type may: tritonclient sends none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 400 or 415, or pass the request on."""
        refusal = _refusal(Headers(scope=scope)) if scope["method"] == "POST" else None
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await problems.problem(scope, *refusal)(scope, receive, send)


def _begins_problem(message: Message) -> bool:
    return (
        message["type"] == "http.response.start"
        and Headers(raw=message["headers"]).get("content-type") == problems.MEDIA_TYPE
    )


def _in_form(start: Message, body: Message) -> JSONResponse:
    status: int = start["status"]
    headers = Headers(raw=start["headers"])
    kept = {name: value for name, value in headers.items() if not name.startswith("content-")}
    error = {"error": _sentence(json.loads(body["body"]))}
    return JSONResponse(error, 400 if status == 422 else status, kept)


def _sentence(problem: Mapping[str, Any]) -> str:
    """Say in one string what a problem document says in several."""
    fields = [f"{one['pointer']} {one['detail']}".strip() for one in problem.get("errors", ())]
    return f"{problem['detail'].rstrip('.')}: {'; '.join(fields)}." if fields else problem["detail"]


def _refusal(headers: Headers) -> tuple[int, str] | None:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if _BINARY_HEADER in headers or media_type == _BINARY_TYPE:
        return 400, f"The body holds binary tensors: {AS_JSON}."
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return 415, "The body is compressed: send it as it is, without the header Content-Encoding."
    if media_type not in ("", "application/json"):
        return 415, "Send JSON, with the header Content-Type: application/json."
    return None
