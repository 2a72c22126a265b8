"""A `coldframe up` of its own, in a process of its own, as a user starts it."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.error import HTTPError

import boto3
import psutil
from obstore.auth.boto3 import Boto3CredentialProvider

from coldframe.store import Store
from infra.local.names import LOCAL_NAMES
from infra.local.session import CREDENTIALS, local_session
from infra.local.settings import REGION

ROOT = Path(__file__).parents[2]
COLDFRAME = [sys.executable, "-c", "from infra.cli import main; main()"]
START_SECONDS = 60
KEY = "[/a-key-of-my-own]"
# What a user's shell may hold, and the local cloud must not follow.
OTHER = dict.fromkeys(
    ("HTTP_PROXY", "http_proxy", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"), "http://127.0.0.1:9"
) | {"AWS_PROFILE": "nobody"}


def of_project(root: Path) -> dict[str, str]:
    """What makes Python take the project's own modules from there, whatever is installed."""
    return {"PYTHONPATH": os.pathsep.join(map(str, (root, root / "layers/runtime")))}


class Cloud:
    """A running `coldframe up` of the project at `root`, and what it printed."""

    def __init__(self, port: int, root: Path = ROOT, parameters: str = "") -> None:
        self.port, self.root = port, root
        self.environment = {**os.environ, **OTHER, "COLDFRAME_PORT": str(port), "COLDFRAME_API_KEY": KEY}
        self.environment |= of_project(root) | {"COLDFRAME_PARAMETERS": parameters}
        self.process = subprocess.Popen(
            [*COLDFRAME, "up"],
            cwd=root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.printed: list[str] = []
        too_long = Timer(START_SECONDS, self.process.kill)  # which ends the loop below
        too_long.start()
        for line in self.process.stdout:
            self.printed.append(line)
            if line.startswith("curl "):
                break
        too_long.cancel()
        assert [line for line in self.printed if line.startswith("curl ")], (
            f"it did not start: {self.printed}"
        )

    def command(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COLDFRAME, *words],
            cwd=self.root,
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
        )

    def call(
        self, path: str, content: object = None, key: str = KEY, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1{path}",
            None if content is None else json.dumps(content).encode(),
            {"x-api-key": key, "content-type": "application/json", **(headers or {})},
        )
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def logged(self, words: str) -> str:
        """What the function logged, once `words` are in it: lines are shipped once a second."""
        deadline = time.monotonic() + START_SECONDS
        while words not in (logged := self.command("logs", "sentiment", "--all").stdout):
            assert time.monotonic() < deadline, f"{words} never came"
        return logged

    def environments(self) -> list[psutil.Process]:
        return [
            child
            for child in psutil.Process(self.process.pid).children(recursive=True)
            if "run_function.py" in " ".join(child.cmdline())
        ]

    def models(self) -> Store:
        """The bucket of models."""
        return Store.open(
            LOCAL_NAMES["ModelBucket"],
            f"http://127.0.0.1:{self.port + 1}",
            REGION,
            Boto3CredentialProvider(local_session()),
        )

    def s3(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{self.port + 1}",
            region_name="us-east-1",
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )
