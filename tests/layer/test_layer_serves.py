"""The built layer alone, on Lambda's Python, with the function beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.handlers import PREDICT
from tests.layer.conftest import RunInLayer

FOLDER = Path(__file__).parents[2] / "functions/sentiment"


def test_it_serves_a_prediction_and_the_same_bits_as_here(
    run_in_layer: RunInLayer, lambda_environment: dict[str, str]
) -> None:
    there = run_in_layer(PREDICT, function="sentiment", env=lambda_environment)
    assert there.returncode == 0, there.stderr
    status, answer, modules = _printed(there.stdout)
    assert (status, answer["model_version"]) == (200, "v1.0.0")
    assert "boto3" not in modules
    here = subprocess.run(
        [sys.executable, "-c", PREDICT],
        cwd=FOLDER,
        env={"PATH": os.environ["PATH"], **lambda_environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer == _printed(here.stdout)[1]


def _printed(stdout: str) -> Any:
    return json.loads(stdout.splitlines()[-1])
