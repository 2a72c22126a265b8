"""The routes that say what there is of models: below /ml-models, and below the prefix that they once had.

The OpenAPI document shows each route once, below the first.
"""

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from coldframe import problems
from coldframe.catalog.catalog import LATEST, Catalog
from coldframe.catalog.contract import ModelDetails, ModelHistory, Models, TriedHealth
from coldframe.catalog.health import health
from coldframe.catalog.probing import Probes
from coldframe.errors import ArtifactError, StoreError, UnknownModel
from coldframe.telemetry import logger

PREFIXES = ("/ml-models", "/api/v1/ml-models")
_REFUSALS = problems.documented((403, 422, 429))
_OF_ONE = _REFUSALS | problems.documented((404,))
_AWAY = problems.documented_service()


def add_routes(app: FastAPI, catalog: Catalog, probes: Probes) -> None:
    """Add every route, and what is answered when there is no such model or the store is away."""
    router = _router(catalog, probes)
    for prefix in PREFIXES:
        app.include_router(router, prefix=prefix, include_in_schema=prefix == PREFIXES[0])

    @app.exception_handler(UnknownModel)
    async def _unknown(request: Request, error: UnknownModel) -> JSONResponse:
        return problems.problem(request.scope, 404, str(error))

    @app.exception_handler(StoreError)
    @app.exception_handler(ArtifactError)
    async def _away(request: Request, error: Exception) -> JSONResponse:
        logger.warning("registry out of reach", extra={"problem": str(error)})
        said = "The registry cannot be read at the moment: try again."
        return problems.service_unavailable(request.scope, said)


def _router(catalog: Catalog, probes: Probes) -> APIRouter:
    router = APIRouter()

    @router.get("", response_model=Models, responses=_REFUSALS | _AWAY)
    async def models() -> Models:
        """List every model with its versions."""
        return catalog.models()

    @router.get("/{model_type}", response_model=ModelDetails, responses=_OF_ONE | _AWAY)
    async def details(model_type: str, version: str | None = None) -> ModelDetails:
        """Describe a version, v1.2.3 or `latest`; without it, the latest: the one with the highest number."""
        return catalog.details(model_type, version or LATEST)

    @router.get("/{model_type}/health", response_model=TriedHealth, responses=_OF_ONE)
    async def tried(model_type: str, version: str | None = None) -> TriedHealth:
        """Load a version, v1.2.3 or `latest`, and let it answer; without it, the deployed one."""
        return health(catalog, probes, model_type, version)

    @router.get("/{model_type}/history", response_model=ModelHistory, responses=_OF_ONE | _AWAY)
    async def history(model_type: str) -> ModelHistory:
        """Say what was live when: at least the last hundred changes, the newest first."""
        return catalog.history(model_type)

    return router
