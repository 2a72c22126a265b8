"""From a model that is open to what is said of it, and of the inputs that it is sent."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fastapi import HTTPException

from coldframe import limits, traffic
from coldframe.answers import note
from coldframe.errors import RowsRefused
from coldframe.inference import tensors
from coldframe.inference.kinds import kind_of
from coldframe.inference.models import Models
from coldframe.inference.types import InferenceRequest
from coldframe.loading import LoadedModel

if TYPE_CHECKING:  # NumPy comes with it
    from coldframe.decisions import Row
    from coldframe.predictor import Answering, Items


def describe(models: Models, model: LoadedModel) -> dict[str, Any]:
    """Return a model's `ModelMetadata`."""
    manifest = model.manifest
    return {
        "name": manifest.name,
        "versions": models.versions(manifest.name),
        "platform": f"coldframe_{manifest.kind}",
        "inputs": kind_of(manifest).described(manifest),
        "outputs": tensors.described(model.opened),
    }


def read(model: LoadedModel, request: InferenceRequest) -> "Items":
    """Return the texts or rows to answer.

    Raises `HTTPException` or `RequestValidationError` for what is none.
    """
    return kind_of(model.manifest).read(request.inputs, model.manifest)


def answer(model: LoadedModel, items: "Items", request: InferenceRequest) -> dict[str, Any]:
    """Return an `InferenceResponse`: the same rows as everywhere, counted and written down."""
    opened = model.opened
    names = tensors.check_names(opened, [output.name for output in request.outputs or ()])
    _check_size(len(items), len(opened.columns))
    rows = _rows(opened, items)
    note(model.manifest, opened.columns, items, rows, labelled=False)
    return {
        "model_name": model.manifest.name,
        "model_version": model.manifest.version,
        **({"id": request.id} if request.id is not None else {}),
        "outputs": tensors.outputs(opened, rows, names),
    }


def _check_size(items: int, columns: int) -> None:
    most = max(limits.INFERENCE_CELLS_MAX_COUNT // columns, 1)
    if items > most:
        raise HTTPException(
            400, f"The model has {columns} outputs, and {items} items are too many: send at most {most}."
        )


def _rows(opened: "Answering", items: Sequence[Any]) -> "list[Row]":
    """Answer each item. What a challenger refuses fails there, so that the champion is asked."""
    try:
        return opened.rows(items)
    except RowsRefused as error:
        if traffic.current().is_challenger:
            raise
        raise HTTPException(400, f"The rows are refused: {error}.") from error
