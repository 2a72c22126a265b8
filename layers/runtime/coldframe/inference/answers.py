"""From a model that is open to what is said of it, and of the inputs that it is sent."""

from typing import Any

from coldframe.answers import note
from coldframe.inference import tensors
from coldframe.inference.kinds import kind_of
from coldframe.inference.models import Models
from coldframe.inference.types import InferenceRequest
from coldframe.loading import LoadedModel


def describe(models: Models, model: LoadedModel) -> dict[str, Any]:
    """Return a model's `ModelMetadata`."""
    manifest = model.manifest
    return {
        "name": manifest.name,
        "versions": models.versions(manifest.name),
        "platform": f"coldframe_{manifest.kind}",
        "inputs": kind_of(manifest).described,
        "outputs": tensors.described(model.predictor),
    }


def read(model: LoadedModel, request: InferenceRequest) -> list[str]:
    """Return the texts to answer. Raises `HTTPException` or `RequestValidationError` for what is none."""
    return kind_of(model.manifest).read(request.inputs, model.manifest)


def answer(model: LoadedModel, texts: list[str], request: InferenceRequest) -> dict[str, Any]:
    """Return an `InferenceResponse`: the same rows as everywhere, counted and written down."""
    predictor = model.predictor
    names = tensors.check_names(predictor, [output.name for output in request.outputs or ()])
    rows = predictor.rows(texts)
    note(model.manifest, predictor.columns, texts, rows, labelled=False)
    return {
        "model_name": model.manifest.name,
        "model_version": model.manifest.version,
        **({"id": request.id} if request.id is not None else {}),
        "outputs": tensors.outputs(predictor, rows, names),
    }
