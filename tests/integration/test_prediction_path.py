"""What a prediction imports, seen in a fresh process under the environment that the template sets."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.handlers import EVENT, UPLOAD, program

ROOT = Path(__file__).parents[2]
# Powertools looks at botocore's version; what weighs in botocore is its session.
FORBIDDEN = {
    *("boto3", "botocore.session", "botocore.config", "botocore.exceptions", "coldframe.batch.bucket"),
    *("sklearn", "scipy", "aws_xray_sdk", "onnxruntime", "jsonschema"),
}


def called(event: dict[str, Any], environment: dict[str, str]) -> tuple[str, set[str]]:
    """The body that a fresh process answers an event with, and the modules that it imported for that."""
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", program(event)],
        cwd=ROOT / "functions/sentiment",
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    status, body, modules = json.loads(process.stdout.splitlines()[-1])
    assert status == 200
    return body, set(modules)


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
