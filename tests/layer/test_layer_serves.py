"""The built layer alone, on Lambda's Python, with the function beside it."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from coldframe.batch.drop import Drop
from coldframe.batch.notifications import notification
from tests.handlers import EVENT, UPLOAD, program
from tests.layer.conftest import RunInLayer

FOLDER = Path(__file__).parents[2] / "functions/sentiment"


@pytest.mark.parametrize("event", [EVENT, UPLOAD], ids=["predict", "batch"])
def test_it_serves_a_prediction_and_the_same_bits_as_here(
    run_in_layer: RunInLayer, lambda_environment: dict[str, str], event: dict[str, Any]
) -> None:
    there = run_in_layer(program(event), function="sentiment", env=lambda_environment)
    assert there.returncode == 0, there.stderr
    status, answer, modules = _printed(there.stdout)
    assert status == 200
    assert "boto3" not in modules
    here = subprocess.run(
        [sys.executable, "-c", program(event)],
        cwd=FOLDER,
        env={"PATH": os.environ["PATH"], **lambda_environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer == _printed(here.stdout)[1]


def test_a_version_is_tried_in_a_process_that_has_the_layer_too(
    run_in_layer: RunInLayer, lambda_environment: dict[str, str]
) -> None:
    path = "/ml-models/sentiment/health"
    event = EVENT | {"httpMethod": "GET", "path": path, "resource": path, "body": None}
    there = run_in_layer(program(event), function="registry", env=lambda_environment)
    assert there.returncode == 0, there.stderr
    status, answer, modules = _printed(there.stdout)
    assert (status, json.loads(answer)["message"]) == (200, "v1.0.0 loads and answers")
    assert not {"boto3", "numpy", "onnxruntime"}.intersection(modules)  # the model is open over there


# boto3 and what it needs; they are plain Python, so those of this interpreter run on the other as well.
BROUGHT_BY_LAMBDA = ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six")
WORK = """
import json, sys
sys.path.append(lambdas_own)
import app
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "batch", 1769, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:batch"
    def get_remaining_time_in_millis(self): return 900_000
message = {"messageId": "1", "attributes": {"ApproximateReceiveCount": "1"}, "body": body}
print(json.dumps(app.handler({"Records": [message]}, Context())))
"""


@pytest.fixture
def lambdas_own(tmp_path: Path) -> Path:
    """A folder with what Lambda's Python has beside the layer."""
    for name in BROUGHT_BY_LAMBDA:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        path = Path(spec.origin)
        found = path.parent if path.name == "__init__.py" else path
        (tmp_path / found.name).symlink_to(found)
    return tmp_path


def test_it_scores_a_dropped_file(
    run_in_layer: RunInLayer, lambdas_own: Path, lambda_environment: dict[str, str], bucket: str
) -> None:
    s3 = boto3.client("s3")
    rows = "番号,text\r\n1,とても良い\r\n2,\r\n"
    s3.put_object(Bucket=bucket, Key="sentiment/声.csv", Body=rows.encode("cp932"))
    head = s3.head_object(Bucket=bucket, Key="sentiment/声.csv")
    drop = Drop(bucket, "sentiment/声.csv", "null", head["ETag"].strip('"'))
    queue = boto3.client("sqs").create_queue(QueueName=bucket)["QueueUrl"]
    env = lambda_environment | {"RESULTS_BUCKET": bucket, "INBOX_QUEUE_URL": queue}
    given = f"lambdas_own, body = {str(lambdas_own)!r}, {notification(drop)!r}"
    ran = run_in_layer(given + WORK, function="batch", env=env)
    assert ran.returncode == 0, ran.stderr
    assert _printed(ran.stdout) == {"batchItemFailures": []}
    report = json.load(s3.get_object(Bucket=bucket, Key=drop.report_key)["Body"])
    assert (report["state"], report["scored"], report["rejected"]) == ("done", 1, 1)
    assert "とても良い," in s3.get_object(Bucket=bucket, Key=drop.result_key)["Body"].read().decode()


def _printed(stdout: str) -> Any:
    return json.loads(stdout.splitlines()[-1])
