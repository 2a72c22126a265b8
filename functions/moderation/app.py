"""Moderation over HTTP: a risk and an action for each text, as the abuse detector's contract has them."""

from coldframe import cold_start

slot = cold_start.begin()  # the fetch comes first: it overlaps the imports below

from typing import Literal, Self  # noqa: E402

from fastapi import Response  # noqa: E402
from pydantic import BaseModel, ConfigDict, Field, model_validator  # noqa: E402
from pydantic_core import PydanticCustomError  # noqa: E402

from coldframe import limits  # noqa: E402
from coldframe.inputs import ONE_OF_TWO, LongTextRequest  # noqa: E402
from coldframe.moderation import moderate  # noqa: E402
from coldframe.problems import documented  # noqa: E402
from coldframe.responses import json_response  # noqa: E402
from coldframe.service import create_app, create_handler  # noqa: E402

Label = Literal["hate", "offensive", "benign", "UNKNOWN"]
_FEW_TO_EXPLAIN = {
    "if": {"properties": {"explain": {"const": True}}, "required": ["explain"]},
    "then": {"properties": {"texts": {"maxItems": limits.EXPLAINED_TEXTS_MAX_COUNT}}},
}


class ModerationRequest(LongTextRequest):
    """Either `text` or `texts`; `explain` asks for the parts that weighed most."""

    model_config = ConfigDict(json_schema_extra=ONE_OF_TWO | _FEW_TO_EXPLAIN)

    explain: bool = False

    @model_validator(mode="after")
    def _few_to_explain(self) -> Self:
        most = limits.EXPLAINED_TEXTS_MAX_COUNT
        if self.explain and len(self.batch()) > most:
            raise PydanticCustomError(
                "too_many_to_explain", "should have at most {most} texts to explain", {"most": most}
            )
        return self


class Part(BaseModel):
    """Characters `start` to `end` of the text, and what they add to the log-odds of abuse."""

    part: str
    start: int
    end: int
    weight: float


class Prediction(BaseModel):
    """`probability` is that of abuse: hate or offensive. Without a model: UNKNOWN, to be reviewed."""

    text_hash: str = Field(pattern="^[0-9a-f]{64}$")
    label: Label
    probability: float | None = Field(ge=0, le=1)
    threshold: float | None
    risk_level: Literal["LOW", "MEDIUM", "HIGH"]
    recommended_action: Literal["ALLOW", "REVIEW", "BLOCK"]
    scores: dict[Literal["hate", "offensive", "benign"], float]
    model_version: str | None = None
    latency_ms: float
    is_fallback: bool
    parts: list[Part] | None = None


class Metadata(BaseModel):
    """Sums over the request; `counts` by label."""

    total_items: int
    counts: dict[Label, int]
    total_latency_ms: float
    model_version: str | None


class Predictions(BaseModel):
    """One prediction a text, in order."""

    predictions: list[Prediction]
    metadata: Metadata


app = create_app(slot, "Moderation")


@app.post("/moderation/predict", response_model=Predictions, responses=documented())
async def predict(request: ModerationRequest) -> Response:
    """Say of `text`, or each of `texts`, whether it is abusive and what to do."""
    return json_response(moderate(slot, request.batch(), explained=request.explain))


handler = create_handler(app, slot)
