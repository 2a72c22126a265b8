"""The same endpoint as everybody writes it: boto3 at import, Powertools with its Tracer, a plain `def`."""

import os
from typing import Any, Literal

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel, Field

from coldframe.linear import LinearText

LABELS = ("positive", "neutral", "negative")

logger = Logger()
metrics = Metrics()
tracer = Tracer()

weights = boto3.client("s3").get_object(Bucket=os.environ["MODEL_BUCKET"], Key=os.environ["WEIGHTS_KEY"])
model = LinearText.open(weights["Body"].read(), LABELS)
app = FastAPI(title="Japanese sentiment")


class Request(BaseModel):
    text: str = Field(min_length=1, max_length=1000)


class Sentiment(BaseModel):
    result: Literal["ポジティブ", "ネガティブ"]
    score: float
    label: str
    scores: dict[str, float]


@app.post("/sentiment/predict")
def predict(request: Request) -> Sentiment:
    scores = dict(zip(LABELS, model.predict([request.text])[0].tolist(), strict=True))
    metrics.add_metric("Items", MetricUnit.Count, 1)
    positive, negative = scores["positive"], scores["negative"]
    return Sentiment(
        result="ポジティブ" if positive >= negative else "ネガティブ",
        score=max(positive, negative) / (positive + negative),
        label=max(scores, key=scores.__getitem__),
        scores=scores,
    )


adapter = Mangum(app)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    answer: dict[str, Any] = adapter(event, context)
    return answer
