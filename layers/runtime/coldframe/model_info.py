"""`GET /{name}/model-info`: what the version that answers says of itself."""

from typing import Any

from fastapi import FastAPI, Response
from pydantic import BaseModel

from coldframe import problems
from coldframe.loading import LoadedModel
from coldframe.responses import json_response
from coldframe.slot import ModelSlot


class ModelInfo(BaseModel):
    """What the manifest says; the thresholds without the tables that they were chosen from.

    `made_with` has the versions of libraries, `parity` the comparison with the unquantized parent. The
    environment that answers has served this version since `loaded_since` (ISO 8601, UTC).
    """

    model: str
    version: str
    kind: str
    features: str
    calibration: str
    labels: list[str]
    verdict: dict[str, str]
    alarm: dict[str, Any]
    thresholds: dict[str, dict[str, Any]]
    outcomes: list[dict[str, Any]]
    input: dict[str, Any]
    metrics: dict[str, Any]
    parity: dict[str, Any]
    made_with: dict[str, str]
    manifest_sha256: str
    loaded_since: str


def add_model_info(app: FastAPI, slot: ModelSlot) -> None:
    """Add the route to the app of this model."""

    @app.get(
        f"/{slot.name}/model-info",
        response_model=ModelInfo,
        responses=problems.documented((403, 429, 503)),
    )
    async def model_info() -> Response:
        """Describe the version that answers: its labels and limits, and how good it is on which data."""
        return json_response(describe(slot.look()))


def describe(model: LoadedModel) -> dict[str, Any]:
    """Return a model's `ModelInfo`."""
    manifest = model.manifest
    copied = {name: getattr(manifest, name) for name in ModelInfo.model_fields if hasattr(manifest, name)}
    own = {
        "model": manifest.name,
        "thresholds": {name: _chosen(threshold) for name, threshold in manifest.thresholds.items()},
        "manifest_sha256": model.target.manifest_sha256,
        "loaded_since": model.since,
    }
    said = copied | own
    return {name: said[name] for name in ModelInfo.model_fields}


def _chosen(threshold: Any) -> dict[str, Any]:
    return {name: value for name, value in threshold.items() if name != "table"}
