"""The built layer holds all that is imported, and runs on Lambda's Python with nothing beside it."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.layer.conftest import ROOT, RunInLayer
from tests.tiny_onnx import ADD_TO_ITSELF

BROUGHT_BY_LAMBDA = {"boto3", "botocore", "snapshot_restore_py"}
REQUIREMENTS = (ROOT / "layers/runtime/requirements.in").read_text().splitlines()
PACKAGES = [line.replace("-", "_") for line in REQUIREMENTS if not line.startswith("#")]


def _imported(source: Path) -> Iterator[str]:
    tree = ast.parse(source.read_text())
    for statement in tree.body:
        if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
            statement.body.clear()  # never imported
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module


def _holds(folder: Path, module: str) -> bool:
    path = folder.joinpath(*module.split("."))
    return path.is_dir() or path.with_suffix(".py").exists() or any(path.parent.glob(f"{path.name}.*.so"))


def test_they_hold_all_that_the_functions_and_the_runtime_import(layer: Path, signing_layer: Path) -> None:
    known = sys.stdlib_module_names | BROUGHT_BY_LAMBDA
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "layers/runtime/coldframe").rglob("*.py")]
    assert sources
    missing = {
        (str(source.relative_to(ROOT)), module)
        for source in sources
        for module in _imported(source)
        if module.split(".")[0] not in known
        and not _holds(layer, module)
        and not (source.name == "signing.py" and _holds(signing_layer, module))
        and not _holds(source.parent, module)
    }
    assert missing == set()


def test_it_holds_no_other_copy_of_what_lambda_brings(layer: Path) -> None:
    assert [name for name in BROUGHT_BY_LAMBDA if _holds(layer, name)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_imports_alone_and_from_its_bytecode(run_in_layer: RunInLayer, package: str) -> None:
    code = f"import {package}; print({package}.__cached__); print(*sys.modules, sep='\\n')"
    ran = run_in_layer(code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    cached, *modules = ran.stdout.splitlines()
    assert cached.endswith("/__pycache__/__init__.cpython-313.pyc")
    assert "boto3" not in modules


def test_onnxruntime_runs_a_session(run_in_layer: RunInLayer) -> None:
    session = """
import numpy, onnxruntime
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
print(session.run(None, {"x": numpy.array([1, 2], dtype=numpy.float32)})[0].tolist())
"""
    ran = run_in_layer(ADD_TO_ITSELF + session)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[2.0, 4.0]\n", "")


def test_numpy_has_every_part_of_its_public_self(run_in_layer: RunInLayer) -> None:
    parts = """
import numpy
for part in ("random", "fft", "linalg", "ma", "polynomial", "lib", "strings", "char", "rec", "typing"):
    getattr(numpy, part)
a = numpy.random.default_rng(1).normal(size=(8, 8)).astype(numpy.float32)
print(numpy.allclose(a @ numpy.linalg.inv(a), numpy.eye(8), atol=1e-3), numpy.fft.fft(a).shape)
"""
    ran = run_in_layer(parts)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True (8, 8)\n", "")


def test_a_web_answer_a_log_line_and_a_metric(run_in_layer: RunInLayer) -> None:
    code = """
import json
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

class Text(BaseModel):
    text: str

app = FastAPI()

@app.post("/echo")
async def echo(body: Text) -> Text:
    return body

event = {
    "resource": "/{proxy+}", "path": "/echo", "httpMethod": "POST", "requestContext": {"stage": "v1"},
    "multiValueHeaders": {"Content-Type": ["application/json"]}, "multiValueQueryStringParameters": None,
    "body": json.dumps({"text": "良い"}), "isBase64Encoded": False,
}
handler = Mangum(app, lifespan="off")
print(handler(event, None)["body"])
print(handler(dict(event, path="/openapi.json", httpMethod="GET"), None)["statusCode"])
Logger(service="s").info("here")
metrics = Metrics(namespace="n", service="s")
metrics.add_metric(name="items", unit=MetricUnit.Count, value=1)
metrics.flush_metrics()
"""
    ran = run_in_layer(code)
    assert ran.returncode == 0, ran.stderr
    answer, openapi, log, metric = ran.stdout.splitlines()
    assert answer == '{"text":"良い"}'
    assert openapi == "200"
    assert '"message":"here"' in log
    assert '"items":[1.0]' in metric


def test_the_parts_of_powertools_that_functions_may_come_to_use(run_in_layer: RunInLayer) -> None:
    parts = """
from aws_lambda_powertools import event_handler
from aws_lambda_powertools.utilities import batch, data_classes, parser, typing
from aws_lambda_powertools.utilities.parser import models
"""
    ran = run_in_layer(parts)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_obstore_writes_and_reads(run_in_layer: RunInLayer, tmp_path: Path) -> None:
    code = f"""
import obstore
from obstore.store import LocalStore, MemoryStore, S3Store
store = LocalStore({str(tmp_path)!r})
obstore.put(store, "a", b"bytes", mode="create")
print(bytes(obstore.get(store, "a").bytes()))
S3Store("bucket", region="us-east-1", skip_signature=True)
"""
    ran = run_in_layer(code)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "b'bytes'\n", "")


def test_a_traceback_names_the_file_in_the_layer(run_in_layer: RunInLayer, layer: Path) -> None:
    ran = run_in_layer("import mangum; mangum.Mangum(None, lifespan='never')")
    assert ran.returncode != 0
    assert f'File "{layer}/mangum/adapter.py"' in ran.stderr
