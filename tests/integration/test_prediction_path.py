"""What a prediction imports, seen in a fresh process under the environment that the template sets."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.handlers import PREDICT

ROOT = Path(__file__).parents[2]
# Powertools looks at botocore's version; what weighs in botocore is its session.
FORBIDDEN = {"boto3", "botocore.session", "sklearn", "scipy", "aws_xray_sdk", "onnxruntime", "jsonschema"}


def test_no_heavy_import_is_on_the_prediction_path(lambda_environment: dict[str, str]) -> None:
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", PREDICT],
        cwd=ROOT / "functions/sentiment",
        env={"PATH": os.environ["PATH"], **lambda_environment},
        capture_output=True,
        text=True,
        check=True,
    )
    status, answer, modules = json.loads(process.stdout.splitlines()[-1])
    assert (status, answer["model_version"]) == (200, "v1.0.0")
    assert {"fastapi", "mangum", "numpy", "obstore"} <= set(modules)
    assert FORBIDDEN.intersection(modules) == set()
