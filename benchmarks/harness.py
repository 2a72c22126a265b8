"""Start a handler as Lambda does: a fresh process under AWS's runtime client, timed to its first answer."""

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from coldframe.manifest import Manifest
from coldframe.registry import file_key, manifest_key
from coldframe.store import Store
from infra.local.environment import peak_memory_bytes
from models.forge.noted import noted
from models.forge.publish import publish
from models.forge.version import read_version

ROOT = Path(__file__).parent.parent
EVENT = (ROOT / "tests/events/sentiment-predict.json").read_bytes()
SENTIMENT, MEMORY_MB = "sentiment", 512
logging.getLogger("werkzeug").setLevel(logging.WARNING)

S3_FIRST_BYTE_SECONDS = 0.025  # about what S3 takes; a local one answers faster than any network
ANSWER_WAIT_SECONDS = 8.0
BUCKET = "benchmark"
FOLDERS = {"ours": ROOT / "functions/sentiment", "the usual way": ROOT / "benchmarks/usual"}


@dataclass(frozen=True)
class Start:
    """One cold start: ms to the event being asked for, and to the answer; peak MB; the log's JSON lines."""

    init_ms: float
    answer_ms: float
    peak_rss_mb: float
    printed: list[dict[str, Any]]


@contextmanager
def slow_s3() -> Iterator[str]:
    """Serve moto's S3 API with S3's delay before the first byte; yields the endpoint."""
    backend = DomainDispatcherApplication(create_backend_app)

    def delayed(environ: Any, start_response: Any) -> Any:
        time.sleep(S3_FIRST_BYTE_SECONDS)
        return backend(environ, start_response)

    server = make_server("127.0.0.1", 0, delayed, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


def environment(endpoint: str, name: str, memory_mb: int, **more: str) -> dict[str, str]:
    """Return what Lambda and the template set for the function of this model."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_LAMBDA_FUNCTION_NAME": name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "LAMBDA_TASK_ROOT": str(ROOT),
        "MODEL_BUCKET": BUCKET,
        "MODEL_NAME": name,
        "POWERTOOLS_SERVICE_NAME": name,
        "POWERTOOLS_METRICS_NAMESPACE": "Benchmark",
        "ORT_DISABLE_TELEMETRY": "1",
        "PYDANTIC_DISABLE_PLUGINS": "1",
        **more,
    }


@contextmanager
def shipped_model(name: str = SENTIMENT, memory_mb: int = MEMORY_MB) -> Iterator[dict[str, str]]:
    """Publish the shipped model to a slow S3; yields the environment in which a function finds it.

    It has the key of each file, too, as a function that knows of no aliases is told: WEIGHTS_KEY and so on.
    """
    shipped = read_version(name)
    with slow_s3() as endpoint:
        env = environment(endpoint, name, memory_mb, **_keys(shipped.manifest))
        os.environ.update(env)
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        publish(Store.open(BUCKET), shipped.manifest, shipped.files, noted("to measure"))
        yield env


def _keys(manifest: Manifest) -> dict[str, str]:
    name, version = manifest.name, manifest.version
    files = {Path(one.name).stem.upper(): file_key(name, version, one) for one in manifest.files}
    return {f"{stem}_KEY": key for stem, key in (files | {"MANIFEST": manifest_key(name, version)}).items()}


def cold_start(
    folder: Path, env: dict[str, str], *flags: str, event: bytes = EVENT, stderr: Any = None
) -> Start:
    """Start `app.handler` of `folder`, on one core, give it one event, and end it."""
    runtime = _RuntimeApi(event)
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, *flags, "-m", "awslambdaric", "app.handler"],
        cwd=folder,
        env={**env, "AWS_LAMBDA_RUNTIME_API": runtime.address, "_HANDLER": "app.handler"},
        stdout=subprocess.PIPE,
        stderr=stderr,
        preexec_fn=on_one_core,
    )
    try:
        if not runtime.answered.wait(ANSWER_WAIT_SECONDS):
            raise TimeoutError(f"{folder.name} gave no answer in {ANSWER_WAIT_SECONDS:.0f} s")
        peak = peak_memory_bytes(process.pid) / 1e6
    finally:
        process.kill()
        printed, _ = process.communicate()
        runtime.close()
    answer = json.loads(runtime.answer)
    if answer["statusCode"] != 200:
        raise RuntimeError(f"{folder.name} answered {answer}")
    init_ms, answer_ms = ((at - begin) * 1e3 for at in (runtime.asked_at, runtime.answered_at))
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith(b"{")]
    return Start(init_ms, answer_ms, peak, lines)


def on_one_core() -> None:
    """Keep this process on one core: the same for all that call it."""
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


class _RuntimeApi:
    """The Lambda Runtime API with one event to give, and then none.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
    """

    def __init__(self, event: bytes) -> None:
        self.event = event
        self.answered = Event()
        self.answer = b""
        self.asked_at = self.answered_at = 0.0
        self._ended = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def next(self) -> bool:
        if not self.asked_at:
            self.asked_at = time.perf_counter()
            return True
        self._ended.wait()
        return False

    def take(self, answer: bytes) -> None:
        self.answered_at = time.perf_counter()
        self.answer = answer
        self.answered.set()

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler_of(runtime: _RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # one write an answer, or Nagle's algorithm adds 40 ms

        def do_GET(self) -> None:
            if runtime.next():
                deadline = str(int((time.time() + 15) * 1000))
                arn = "arn:aws:lambda:us-east-1:123456789012:function:sentiment"
                self._reply(
                    runtime.event,
                    {
                        "Lambda-Runtime-Aws-Request-Id": "1",
                        "Lambda-Runtime-Deadline-Ms": deadline,
                        "Lambda-Runtime-Invoked-Function-Arn": arn,
                        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
                    },
                )

        def do_POST(self) -> None:
            runtime.take(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply(b"{}", {})

        def _reply(self, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(200)
            # Without a Content-Type the runtime interface client's native code dies of a segmentation fault.
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            with suppress(ConnectionResetError):  # the process is killed once it has answered
                super().handle()

        def log_message(self, *_: object) -> None: ...

    return Handler
