"""`POST /{name}/classify`: tickets seen to in up to three tiers."""

from typing import TYPE_CHECKING, cast

from fastapi import FastAPI, Response

from coldframe import problems
from coldframe.answers import note
from coldframe.errors import ModelUnavailable
from coldframe.manifest import KNOWLEDGE
from coldframe.responses import json_response
from coldframe.slot import ModelSlot
from coldframe.triage.contract import Ticket, TicketRequest, Tickets

if TYPE_CHECKING:  # NumPy comes with it
    from coldframe.triage.model import Triage


def add_classify(app: FastAPI, slot: ModelSlot) -> None:
    """Add the route to the app of this knowledge base."""

    @app.post(f"/{slot.name}/classify", response_model=Ticket | Tickets, responses=problems.documented())
    async def classify(request: TicketRequest) -> Response:
        """Say of `text`, or each of `texts`: who sees to it, what it is, what can be automated."""
        return _answer(slot, request)


def _answer(slot: ModelSlot, request: TicketRequest) -> Response:
    """Answer as `coldframe.answers.answer` does; raises `ModelUnavailable` as `_current` does."""
    texts = request.batch()
    triage = _current(slot, texts)
    answers = triage.predict(texts, request.tiers)
    columns, rows = triage.table(answers)
    note(triage.manifest, columns, texts, rows, labelled=1 in request.tiers)
    return json_response(answers[0] if request.texts is None else {"predictions": answers})


def _current(slot: ModelSlot, texts: list[str]) -> "Triage":
    """Return what answers. Raises `ModelUnavailable` when there is none, or it is no knowledge base."""
    model = slot.current(texts)
    if model.manifest.kind != KNOWLEDGE:
        raise ModelUnavailable(
            f"{slot.name} {model.manifest.version} is of kind {model.manifest.kind}, and this endpoint"
            f" answers with the kind {KNOWLEDGE}: publish such a version"
        )
    return cast("Triage", model.predictor)
