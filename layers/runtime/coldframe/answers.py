"""From the texts of a request in JSON to what is said of them; files go by `coldframe.batch`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import Response

from coldframe import audit, telemetry
from coldframe.inputs import TextRequest
from coldframe.manifest import Manifest
from coldframe.responses import json_response
from coldframe.slot import ModelSlot

if TYPE_CHECKING:  # NumPy comes with it
    from coldframe.decisions import Row
    from coldframe.predictor import Items, Predictor


def answer(slot: ModelSlot, request: TextRequest) -> Response:
    """Answer one text with one object, a list of texts with `{"predictions": […]}`.

    Raises `ModelUnavailable` when no version can be served.
    """
    texts = request.batch()
    predictor = slot.current(texts).predictor
    predictions = list(map(predictor.answer, decide(predictor, texts)))
    return json_response(predictions[0] if request.texts is None else {"predictions": predictions})


def decide(predictor: "Predictor", texts: Sequence[str]) -> "list[Row]":
    """Return a row of each text's answer, counted and written down."""
    rows = predictor.rows(texts)
    note(predictor.manifest, predictor.columns, texts, rows)
    return rows


def note(
    manifest: Manifest,
    columns: Sequence[str],
    items: "Items",
    rows: "Sequence[Row]",
    *,
    labelled: bool = True,
) -> None:
    """Count each item's row and write it down; where rows have no label, their number alone is counted."""
    audit.decisions(manifest.name, manifest.version, columns, items, rows)
    if labelled:
        telemetry.count_predictions(manifest.labels, [words[-1] for words, _ in rows])
    else:
        telemetry.count_items(len(rows))
