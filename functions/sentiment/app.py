"""Japanese sentiment over HTTP: the contract's `result` and `score`, and beyond it `label` and `scores`."""

from coldframe import cold_start

slot = cold_start.begin()  # the fetch comes first: it overlaps the imports below

from typing import Literal  # noqa: E402

from fastapi import Response  # noqa: E402
from pydantic import BaseModel, Field  # noqa: E402

from coldframe.answers import answer  # noqa: E402
from coldframe.inputs import TextRequest  # noqa: E402
from coldframe.problems import documented  # noqa: E402
from coldframe.service import create_app, create_handler  # noqa: E402


class Sentiment(BaseModel):
    """`score` is the confidence in `result`; `scores` are the probabilities of the three labels."""

    result: Literal["ポジティブ", "ネガティブ"]
    score: float = Field(ge=0.5, le=1)
    label: Literal["positive", "neutral", "negative"]
    scores: dict[Literal["positive", "neutral", "negative"], float]
    model_version: str


class Sentiments(BaseModel):
    """One prediction a text, in order."""

    predictions: list[Sentiment]


app = create_app(slot, "Japanese sentiment")


@app.post("/sentiment/predict", response_model=Sentiment | Sentiments, responses=documented())
async def predict(request: TextRequest) -> Response:
    """Classify `text`, or each of `texts`."""
    return answer(slot, request)


handler = create_handler(app, slot)
