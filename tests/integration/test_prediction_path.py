"""What a prediction imports, seen in a fresh process under the environment that the template sets."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from coldframe.store import Store
from tests import made_knowledge
from tests.handlers import EVENT, UPLOAD, program

ROOT = Path(__file__).parents[2]
# Powertools looks at botocore's version; what weighs in botocore is its session.
FORBIDDEN = {
    *("boto3", "botocore.session", "botocore.config", "botocore.exceptions", "coldframe.batch.bucket"),
    *("sklearn", "scipy", "aws_xray_sdk", "onnxruntime", "tokenizers", "jsonschema"),
}
OF_THE_ENCODER = {"onnxruntime", "tokenizers"}
HEAVY = ("numpy", *OF_THE_ENCODER)
# Says which thread asks for a heavy module first.
WATCH = f"""
import sys, threading
class Watch:
    asked = {{}}
    def find_spec(self, name, path=None, target=None):
        if name in {HEAVY!r}:
            self.asked.setdefault(name, threading.current_thread().name)
sys.meta_path.insert(0, Watch())
import app
print(__import__("json").dumps(Watch.asked))
"""
CLASSIFY = EVENT | {
    "path": "/tickets/classify",
    "resource": "/tickets/classify",
    "body": json.dumps({"text": made_knowledge.IN_SCOPE}),
}
INFER = EVENT | {
    "path": "/v2/models/sentiment/infer",
    "resource": "/v2/models/{model}/infer",
    "body": json.dumps(
        {"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": ["良い"]}]},
        ensure_ascii=False,
    ),
}


def run(code: str, environment: dict[str, str]) -> str:
    """The last line that a fresh process prints."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT / "functions" / environment["MODEL_NAME"],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return process.stdout.splitlines()[-1]


def called(event: dict[str, Any], environment: dict[str, str]) -> tuple[str, set[str]]:
    """The body that a fresh process answers an event with, and the modules that it imported for that."""
    status, body, modules = json.loads(run(program(event), environment))
    assert status == 200
    return body, set(modules)


@pytest.fixture
def tickets_environment(lambda_environment: dict[str, str], bucket: str) -> dict[str, str]:
    """What Lambda and the template set for the tickets function, with a made version live."""
    made_knowledge.published(Store.open(bucket))
    own = {"MODEL_NAME": "tickets", "POWERTOOLS_SERVICE_NAME": "tickets", "ORT_DISABLE_TELEMETRY": "1"}
    return lambda_environment | own


def test_no_heavy_import_is_on_the_prediction_path(lambda_environment: dict[str, str]) -> None:
    body, modules = called(EVENT, lambda_environment)
    assert json.loads(body)["model_version"] == "v1.0.0"
    assert modules >= {"fastapi", "mangum", "numpy", "obstore"}
    assert FORBIDDEN.isdisjoint(modules)
    assert not any(name.startswith("coldframe.batch") for name in modules)  # what reads files comes with one


def test_an_uploaded_file_needs_nothing_that_only_the_bucket_needs(
    lambda_environment: dict[str, str],
) -> None:
    body, modules = called(UPLOAD, lambda_environment)
    assert body.startswith("\ufefftext,result,label,")
    assert "coldframe.batch.direct" in modules
    assert FORBIDDEN.isdisjoint(modules)


def test_tensors_of_texts_need_no_more_than_texts_do(lambda_environment: dict[str, str]) -> None:
    own = {"MODEL_NAME": "inference", "POWERTOOLS_SERVICE_NAME": "inference"}
    body, modules = called(INFER, lambda_environment | own)
    assert json.loads(body)["model_version"] == "v1.0.0"
    assert FORBIDDEN.isdisjoint(modules)
    assert not any(name.startswith("coldframe.batch") for name in modules)


def test_a_ticket_needs_the_encoder_and_nothing_else_that_is_heavy(
    tickets_environment: dict[str, str],
) -> None:
    body, modules = called(CLASSIFY, tickets_environment)
    assert json.loads(body)["specific_problem"] == "Printer jams"
    assert modules >= OF_THE_ENCODER
    assert (FORBIDDEN - OF_THE_ENCODER).isdisjoint(modules)
    assert not any(name.startswith("coldframe.batch") for name in modules)


def test_what_is_heavy_is_imported_by_the_thread_that_fetches(
    lambda_environment: dict[str, str], tickets_environment: dict[str, str]
) -> None:
    """The main thread imports FastAPI meanwhile: it asks for none of these."""
    asked = json.loads(run(WATCH, lambda_environment))
    assert asked == {"numpy": "load-sentiment"}
    asked = json.loads(run(WATCH, tickets_environment))
    assert asked == dict.fromkeys(HEAVY, "load-tickets")
