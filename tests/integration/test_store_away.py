"""The handler with its S3 gone, by HTTP: first at a cold start, then when warm."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config

from coldframe import limits
from coldframe.slot import ModelSlot
from coldframe.store import Store
from infra.local.ports import listen
from tests import made
from tests.handlers import Client, load_function, variables

BUCKET = "models"
PATIENT = Config(retries={"mode": "standard", "max_attempts": 12})  # until the server is up


@pytest.fixture
def port() -> int:
    listener = listen(0, "a test")
    port: int = listener.getsockname()[1]
    listener.close()
    return port


@pytest.fixture
def environment(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {"AWS_DEFAULT_REGION": "us-east-1", "ALIAS_REFRESH_SECONDS": "0"}
    for name, value in {**variables(f"http://127.0.0.1:{port}", BUCKET), **more}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(limits, "LOAD_RETRY_SECONDS", 0.0)


@contextmanager
def moto_server(port: int) -> Iterator[None]:
    """Serve S3 in a process of its own, so that its end closes the connections that are kept alive too."""
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        boto3.client("s3", config=PATIENT).create_bucket(Bucket=BUCKET)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("environment")
def test_an_environment_outlives_the_absence_of_its_store(
    port: int, capfd: pytest.CaptureFixture[str]
) -> None:
    function = load_function("sentiment")
    client, slot = Client(function.handler), function.slot
    status, headers, answer = client.predict({"text": "良い"})
    assert (status, headers["retry-after"]) == (503, "5")
    assert answer["type"] == "urn:coldframe:problem:model-unavailable"
    assert client.request("GET", "/sentiment/healthz")[0] == 200
    status, _, health = client.request("GET", "/sentiment/health")
    assert (status, health["status"], health["model_loaded"]) == (503, "unavailable", False)

    with moto_server(port):
        made.published(Store.open(BUCKET), "v1.0.0")
        status, _, answer = client.predict({"text": "良い"})
        assert (status, answer["model_version"]) == (200, "v1.0.0")
        assert health_after_a_look(client, slot) == "healthy"

    assert health_after_a_look(client, slot) == "degraded"
    status, _, again = client.predict({"text": "良い"})
    assert (status, again) == (200, answer)
    printed = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert sum(line.get("LoadFailures", [0])[0] for line in printed) >= 2


def health_after_a_look(client: Client, slot: ModelSlot) -> str:
    """The health once the refresh that a request starts has ended."""
    client.request("GET", "/sentiment/health")
    slot.wait()
    health: str = client.request("GET", "/sentiment/health")[2]["status"]
    return health
