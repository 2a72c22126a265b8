"""A snapshot and its restore under AWS's own Runtime Interface Client, from the first import to an answer.

The Runtime API is played, as Lambda has it for SnapStart: `restore/next` waits for the restore.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from coldframe.credentials import TOKEN, URI
from coldframe.store import Store
from tests import container_credentials, made
from tests.container_credentials import SECRET_TOKEN
from tests.handlers import EVENT, ROOT

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@dataclass
class Lambda:
    """What the environment asked for, in order, and its one answer."""

    address: str = ""
    asked: list[str] = field(default_factory=list)
    snapshot_taken: Event = field(default_factory=Event)
    restored: Event = field(default_factory=Event)
    answered: Event = field(default_factory=Event)
    answer: Any = None


@contextmanager
def runtime_api() -> Iterator[Lambda]:
    """https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""
    played = Lambda()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            played.asked.append(self.path.removeprefix("/2018-06-01/runtime/"))
            if self.path.endswith("/restore/next"):
                played.snapshot_taken.set()
                played.restored.wait(20)
                self._reply(b"", {})
            elif played.answer is None:
                deadline = str(int((time.time() + 15) * 1e3))
                arn = "arn:aws:lambda:us-east-1:123456789012:function:sentiment:8"
                headers = {
                    "Content-Type": "application/json",
                    "Lambda-Runtime-Aws-Request-Id": "52fdfc07-2182-454f-963f-5f0f9a621d72",
                    "Lambda-Runtime-Deadline-Ms": deadline,
                    "Lambda-Runtime-Invoked-Function-Arn": arn,
                    "Lambda-Runtime-Trace-Id": "Root=1-6740a0b1-0a1b2c3d4e5f60718293a4b5;Sampled=0",
                }
                self._reply(json.dumps(EVENT).encode(), headers)

        def do_POST(self) -> None:
            played.answer = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            played.answered.set()
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _reply(self, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(200)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    played.address = f"127.0.0.1:{server.server_port}"
    yield played
    server.shutdown()
    server.server_close()


@contextmanager
def environment(variables: dict[str, str]) -> Iterator[None]:
    """A process as Lambda starts it, until the block ends."""
    path = f"{ROOT / 'functions/sentiment'}:{ROOT / 'layers/runtime'}"
    with subprocess.Popen(
        [sys.executable, "-m", "awslambdaric", "app.handler"],
        env=variables | {"PYTHONPATH": path, "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    ) as process:
        try:
            yield
        finally:
            process.kill()


@pytest.fixture
def variables(lambda_environment: dict[str, str]) -> dict[str, str]:
    """As Lambda sets them with SnapStart: no keys. The alias is not due to be read again for an hour."""
    kept = {name: value for name, value in lambda_environment.items() if name not in KEYS}
    return kept | {
        "ALIAS_REFRESH_SECONDS": "3600",
        "AWS_LAMBDA_FUNCTION_NAME": "sentiment",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "8",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
    }


def test_a_restored_environment_serves_what_was_promoted_since_its_snapshot(
    variables: dict[str, str], bucket: str
) -> None:
    with container_credentials.served() as endpoint, runtime_api() as played:
        own = {"AWS_LAMBDA_RUNTIME_API": played.address, URI: endpoint.uri, TOKEN: SECRET_TOKEN}
        with environment(variables | own):
            assert played.snapshot_taken.wait(20)
            asked_for_the_snapshot = len(endpoint.given)
            made.published(Store.open(bucket), "v2.0.0")
            played.restored.set()
            assert played.answered.wait(20)
    assert played.answer["statusCode"] == 200
    assert json.loads(played.answer["body"])["model_version"] == "v2.0.0"
    assert played.asked[:2] == ["restore/next", "invocation/next"]
    assert asked_for_the_snapshot == 1
    assert len(endpoint.given) == 2  # the frozen credentials are not used again
    assert endpoint.refused == 0
