"""`GET /{name}/health`: what is served, and what is wrong if anything is."""

from typing import Literal

from fastapi import FastAPI, Response
from pydantic import BaseModel

from coldframe import problems
from coldframe.responses import json_response
from coldframe.slot import ModelSlot


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


def add_health(app: FastAPI, slot: ModelSlot) -> None:
    """Add the route to the app of this model."""

    @app.get(
        f"/{slot.name}/health",
        response_model=ModelHealth,
        responses=problems.documented((403, 429)) | {503: {"model": ModelHealth}},
    )
    async def health() -> Response:
        report = _health(slot)
        return json_response(report.model_dump(), 200 if report.model_loaded else 503)


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
