"""The protocol's routes."""

from typing import Any

from fastapi import FastAPI, Response

from coldframe.inference import errors
from coldframe.inference.answers import answer, describe, read
from coldframe.inference.errors import documented
from coldframe.inference.models import Models
from coldframe.inference.types import (
    InferenceRequest,
    InferenceResponse,
    ModelMetadata,
    ModelReady,
    ServerLive,
    ServerMetadata,
    ServerReady,
)
from coldframe.problems import documented as by_the_gateway
from coldframe.responses import json_response
from coldframe.service import guard, new_app

_OF_A_MODEL, _VERSION = "/v2/models/{model}", "/versions/{version}"


def create_app(models: Models) -> FastAPI:
    """Make the app; what it answers is to go through `errors.ErrorForm`."""
    app = new_app("Open Inference Protocol", "v2")
    app.add_middleware(errors.JsonBodies)
    guard(app, ("/v2/health/live", "/v2/openapi.json"))
    errors.install(app)
    _add_server(app, models)
    _add_metadata(app, models)
    _add_ready(app, models)
    _add_infer(app, models)
    return app


def _add_server(app: FastAPI, models: Models) -> None:
    @app.get("/v2", response_model=ServerMetadata, responses=documented(()))
    async def server() -> Response:
        return json_response({"name": "coldframe", "version": app.version, "extensions": []})

    @app.get(
        "/v2/health/live",
        response_model=ServerLive,
        responses=by_the_gateway((429,)),
        openapi_extra={"security": []},
    )
    async def live() -> Response:
        return json_response({"live": True})

    @app.get("/v2/health/ready", response_model=ServerReady, responses=documented((503,)))
    async def ready() -> Response:
        models.check_ready()
        return json_response({"live": True, "ready": True})


def _add_metadata(app: FastAPI, models: Models) -> None:
    said: dict[str, Any] = {"response_model": ModelMetadata, "responses": documented((404, 503))}

    @app.get(_OF_A_MODEL, **said)
    async def metadata(model: str) -> Response:
        """Describe the version that is live."""
        return json_response(describe(models, models.look(model)))

    @app.get(_OF_A_MODEL + _VERSION, **said)
    async def version_metadata(model: str, version: str) -> Response:
        return json_response(describe(models, models.version(model, version)))


def _add_ready(app: FastAPI, models: Models) -> None:
    said: dict[str, Any] = {"response_model": ModelReady, "responses": documented((404, 503))}

    @app.get(_OF_A_MODEL + "/ready", **said)
    async def model_ready(model: str) -> Response:
        """Open what is live, unless it is open already."""
        return json_response({"name": models.look(model).manifest.name, "ready": True})

    @app.get(_OF_A_MODEL + _VERSION + "/ready", **said)
    async def version_ready(model: str, version: str) -> Response:
        return json_response({"name": models.version(model, version).manifest.name, "ready": True})


def _add_infer(app: FastAPI, models: Models) -> None:
    said: dict[str, Any] = {
        "response_model": InferenceResponse,
        "responses": documented((400, 404, 415, 503)) | by_the_gateway((413,)),
    }

    @app.post(_OF_A_MODEL + "/infer", **said)
    async def infer(model: str, request: InferenceRequest) -> Response:
        """Answer with what is live: what the plain route says, a tensor a column."""
        items = read(models.look(model), request)
        return json_response(answer(models.live(model, items), items, request))

    @app.post(_OF_A_MODEL + _VERSION + "/infer", **said)
    async def version_infer(model: str, version: str, request: InferenceRequest) -> Response:
        opened = models.version(model, version)
        return json_response(answer(opened, read(opened, request), request))
