"""What every endpoint shares: the ASGI app with its health and errors, and the Lambda handler around it."""

import asyncio
import os
import time
from collections.abc import Collection
from functools import cache
from typing import Any, Literal

from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig
from mangum import Mangum
from mangum.types import LambdaContext
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from coldframe import cold_start, health, model_info, problems, telemetry, traffic, uploads
from coldframe.headers import SecurityHeaders
from coldframe.responses import json_response
from coldframe.slot import ModelSlot

# FastAPI would make spans, and record what failed validation with the input that did.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
_JSON = (b"application/json", "Send JSON, with the header Content-Type: application/json.")
_FORM = (
    b"multipart/form-data",
    "Send a form (multipart/form-data), as curl -F file=@name.csv does.",
)
EXPOSED_HEADERS = (*uploads.HEADERS, "location", "retry-after")
STAGE = "/v1"  # the REST API's stage, which the function's paths do not have


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


def new_app(title: str, path: str) -> FastAPI:
    """Make an app that has nothing yet but its OpenAPI document, and problems for every error."""
    app = FastAPI(
        title=title,
        version="1",
        servers=[{"url": STAGE}],
        openapi_url=f"/{path}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # to an address without the stage
        strict_content_type=False,  # which bodies are taken for JSON is said before they come here
        telemetry=NO_TELEMETRY,
    )
    problems.install(app)
    return app


def guard(app: FastAPI, open_paths: Collection[str]) -> None:
    """Ask for signatures and answer pages of other origins, where the environment says so.

    A GET of `open_paths` needs no signature. What is added before is asked after.
    """
    if secrets := os.environ.get("SIGNING_SECRETS"):
        from coldframe import signature

        signature.install(app, open_paths, secrets)
    if origin := os.environ.get("ALLOWED_ORIGIN"):
        app.add_middleware(CORSMiddleware, allow_origins=[origin], expose_headers=EXPOSED_HEADERS)


def create_bare_app(title: str, path: str) -> FastAPI:
    """Make an app without a model: `/{path}/healthz`, its OpenAPI document, and problems for every error."""
    app = new_app(title, path)
    app.add_middleware(BodyTypes, forms=frozenset({f"/{path}/batch"}))
    guard(app, (f"/{path}/healthz", f"/{path}/openapi.json"))

    @app.get(
        f"/{path}/healthz",
        response_model=Alive,
        responses=problems.documented((429,)),
        openapi_extra={"security": []},
    )
    async def healthz() -> Response:
        return json_response({"status": "ok"})

    return app


def create_app(slot: ModelSlot, title: str) -> FastAPI:
    """Make the app of one model: what every app has, its health, what it is, and CSV files in a form."""
    app = create_bare_app(title, slot.name)

    health.add_health(app, slot)
    model_info.add_model_info(app, slot)
    uploads.add_batch(app, slot)
    return app


def create_handler(app: ASGIApp, slot: ModelSlot | None = None) -> telemetry.Handler:
    """Make the Lambda handler: REST proxy event in, proxy answer out, metrics and log lines on stdout."""
    asyncio.set_event_loop(_event_loop())
    adapter = Mangum(
        SecurityHeaders(app),
        lifespan="off",
        text_mime_types=["text/", "application/json", problems.MEDIA_TYPE],
    )

    @telemetry.observed
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        telemetry.logger.set_correlation_id(event["requestContext"]["requestId"])  # the one that clients see
        reply = _answered(adapter, event, context)
        if slot is not None:
            telemetry.report_loads(slot)
        return reply

    cold_start.end(slot)
    return handler


def _answered(adapter: Mangum, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer; what the challenger fails on is the champion's, so that no client pays for a trial."""
    key = _header(event, traffic.HEADER)
    call, reply, ms = _attempt(traffic.Call(key), adapter, event, context)
    if call.model is not None and call.is_challenger and reply["statusCode"] >= 500:
        telemetry.count_failure(call.model)
        call, reply, ms = _attempt(traffic.Call(key, champion_only=True), adapter, event, context)
    telemetry.count_request(reply["statusCode"], ms)
    telemetry.count_by_version(call)
    return reply


def _attempt(
    call: traffic.Call, adapter: Mangum, event: dict[str, Any], context: LambdaContext
) -> tuple[traffic.Call, dict[str, Any], float]:
    traffic.begin(call)
    start = time.perf_counter()
    reply = adapter(event, context)
    return call, reply, (time.perf_counter() - start) * 1e3


def _header(event: dict[str, Any], name: str) -> str | None:
    headers: dict[str, str] = event.get("headers") or {}
    return next((value for header, value in headers.items() if header.lower() == name), None)


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """Make the loop that Mangum runs every call in: from Python 3.12 on, it finds one only if it was set."""
    return asyncio.new_event_loop()


class BodyTypes:
    """Refuse a POST whose Content-Type is not JSON, or a form for the paths of `forms`, before it is read."""

    def __init__(self, app: ASGIApp, forms: frozenset[str]) -> None:
        self._app, self._forms = app, forms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 415, or pass the request on."""
        wanted, advice = _FORM if scope["path"] in self._forms else _JSON
        if scope["method"] == "POST" and _media_type(scope) != wanted:
            await problems.problem(scope, 415, advice)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _media_type(scope: Scope) -> bytes:
    header: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return header.partition(b";")[0].strip().lower()
