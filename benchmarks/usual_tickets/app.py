"""Tickets as they are usually served: all from S3 at import, a session with its defaults, padded tokens."""

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import boto3
import numpy as np
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI
from mangum import Mangum
from onnxruntime import InferenceSession
from pydantic import BaseModel, Field
from tokenizers import Tokenizer

from coldframe.encoder import Encoder
from coldframe.manifest import Manifest
from coldframe.triage.contract import Ticket
from coldframe.triage.document import Document
from coldframe.triage.evidence import Weighing
from coldframe.triage.heads import Learned
from coldframe.triage.model import Triage
from coldframe.triage.vectors import Vectors, encoder_digest

TOKENS = 128  # what the published tokenizer.json pads every text to, and cuts it at

logger = Logger()
metrics = Metrics()
tracer = Tracer()

bucket = os.environ["MODEL_BUCKET"]
s3 = boto3.client("s3")


def download(name: str) -> bytes:
    data: bytes = s3.get_object(Bucket=bucket, Key=os.environ[f"{name}_KEY"])["Body"].read()
    return data


with tempfile.TemporaryDirectory() as folder:
    graph = Path(folder, "encoder.onnx")
    s3.download_file(bucket, os.environ["ENCODER_KEY"], str(graph))
    session = InferenceSession(graph, providers=["CPUExecutionProvider"])
tokenizer = Tokenizer.from_str(download("TOKENIZER").decode())
tokenizer.enable_padding(length=TOKENS)
tokenizer.enable_truncation(TOKENS)
manifest = Manifest.parse(download("MANIFEST"))
document = Document.parse(download("KNOWLEDGE"))
learned = Learned.open(download("HEADS"), document, encoder_digest(manifest.files))
embeddings = np.load(io.BytesIO(download("EMBEDDINGS")))
vectors = Vectors(embeddings["whole"], embeddings["scale"])
triage = Triage(manifest, document, Encoder(session, tokenizer), Weighing(document, vectors, learned))
app = FastAPI(title="Tickets")


class Request(BaseModel):
    text: str = Field(min_length=1, max_length=10_000)


@app.post("/tickets/classify")
def classify(request: Request) -> Ticket:
    answer = triage.classify(request.text)
    metrics.add_metric("Items", MetricUnit.Count, 1)
    return Ticket(**answer)


adapter = Mangum(app)


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    answer: dict[str, Any] = adapter(event, context)
    return answer
