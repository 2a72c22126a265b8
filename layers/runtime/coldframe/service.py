"""What every endpoint shares: the ASGI app with its health and errors, and the Lambda handler around it."""

import asyncio
import json
import os
from functools import cache
from typing import Any, Literal

from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig
from mangum import Mangum
from mangum.types import LambdaContext
from pydantic import BaseModel
from starlette.types import ASGIApp, Receive, Scope, Send

from coldframe import cold_start, problems, telemetry
from coldframe.inputs import TextRequest
from coldframe.slot import ModelSlot

# FastAPI would make spans, and record what failed validation with the input that did.
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
STAGE = "/v1"  # the REST API's stage, which the function's paths do not have


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"]


class BuildMetadata(BaseModel):
    """The version that is served, the SHA-256 of its manifest, and whether its bytes were checked."""

    model_version: str | None
    model_sha256: str | None
    verified: bool


class ModelHealth(BaseModel):
    """What is served, and what is wrong if anything is."""

    status: Literal["healthy", "degraded", "unavailable"]
    model_loaded: bool
    message: str
    build_metadata: BuildMetadata


def create_bare_app(title: str, path: str) -> FastAPI:
    """Make an app without a model: `/{path}/healthz`, its OpenAPI document, and problems for every error."""
    app = FastAPI(
        title=title,
        version="1",
        servers=[{"url": STAGE}],
        openapi_url=f"/{path}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # to an address without the stage
        telemetry=NO_TELEMETRY,
    )
    app.add_middleware(JsonBodies)
    if origin := os.environ.get("ALLOWED_ORIGIN"):
        app.add_middleware(CORSMiddleware, allow_origins=[origin])
    problems.install(app)

    @app.get(f"/{path}/healthz", response_model=Alive, openapi_extra={"security": []})
    async def healthz() -> Response:
        return json_response({"status": "ok"})

    return app


def create_app(slot: ModelSlot, title: str) -> FastAPI:
    """Make the app of one model: what every app has, and the model's health."""
    app = create_bare_app(title, slot.name)

    @app.get(f"/{slot.name}/health", response_model=ModelHealth, responses={503: {"model": ModelHealth}})
    async def health() -> Response:
        report = _health(slot)
        return json_response(report.model_dump(), 200 if report.model_loaded else 503)

    return app


def answer(slot: ModelSlot, request: TextRequest) -> Response:
    """Answer one text with one object, a list of texts with `{"predictions": […]}`.

    Raises `ModelUnavailable` when no version can be served.
    """
    texts = request.batch()
    classifier = slot.current().classifier
    with telemetry.predicting(len(texts)):
        predictions = classifier.predict(texts)
    return json_response(predictions[0] if request.texts is None else {"predictions": predictions})


def json_response(content: object, status: int = 200) -> Response:
    """Write JSON, floats to the last bit."""
    return Response(json.dumps(content, ensure_ascii=False), status, media_type="application/json")


def create_handler(app: FastAPI, slot: ModelSlot | None = None) -> telemetry.Handler:
    """Make the Lambda handler: REST proxy event in, proxy answer out, metrics and log lines on stdout."""
    asyncio.set_event_loop(_event_loop())
    adapter = Mangum(app, lifespan="off", text_mime_types=["text/", "application/json", problems.MEDIA_TYPE])

    @telemetry.observed
    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        reply = adapter(event, context)
        telemetry.count_answer(reply["statusCode"])
        if slot is not None:
            telemetry.report_loads(slot)
        return reply

    cold_start.end(slot)
    return handler


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """Make the loop that Mangum runs every call in: from Python 3.12 on, it finds one only if it was set."""
    return asyncio.new_event_loop()


class JsonBodies:
    """Refuse a POST whose Content-Type is not JSON, before anything reads its body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 415, or pass the request on."""
        if scope["method"] == "POST" and _media_type(scope) != b"application/json":
            refusal = problems.problem(
                scope, 415, "Send JSON, with the header Content-Type: application/json."
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _media_type(scope: Scope) -> bytes:
    header: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return header.partition(b";")[0].strip().lower()


def _health(slot: ModelSlot) -> ModelHealth:
    health = slot.health()
    model = health.model
    return ModelHealth(
        status=health.status,
        model_loaded=model is not None,
        message=health.message,
        build_metadata=BuildMetadata(
            model_version=model.target.version if model else None,
            model_sha256=model.target.manifest_sha256 if model else None,
            verified=model is not None,
        ),
    )
