"""Call a function's handler with an event, as Lambda does."""

import base64
import copy
import json
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from infra.openapi import load_app
from tests.forms import CONTENT_TYPE, file_form

ROOT = Path(__file__).parent.parent
EVENT = json.loads((ROOT / "tests/events/sentiment-predict.json").read_text())

UPLOAD = EVENT | {
    "path": "/sentiment/batch",
    "body": file_form("text\n良い\n".encode()).decode(),
    "multiValueHeaders": {"Content-Type": [CONTENT_TYPE]},
}


def program(event: dict[str, Any]) -> str:
    """A program that imports app.py, sends an event, and prints status, body and the modules it imported."""
    return f"""
import json, sys
import app
class Context:
    function_name, memory_limit_in_mb, aws_request_id = "sentiment", 512, "1"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:sentiment"
answer = app.handler(json.loads({json.dumps(event)!r}), Context())
print(json.dumps([answer["statusCode"], answer["body"], sorted(sys.modules)]))
"""


@dataclass
class Context:
    """What Lambda tells a handler of its invocation."""

    function_name: str = "coldframe-sentiment"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:coldframe-sentiment"
    aws_request_id: str = "52fdfc07-2182-454f-963f-5f0f9a621d72"


def variables(aws: str, bucket: str) -> dict[str, str]:
    """What Lambda and the template set for the sentiment function."""
    return {
        "AWS_ENDPOINT_URL": aws,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "MODEL_BUCKET": bucket,
        "MODEL_NAME": "sentiment",
        "POWERTOOLS_SERVICE_NAME": "sentiment",
        "POWERTOOLS_METRICS_NAMESPACE": "Coldframe",
        "PYDANTIC_DISABLE_PLUGINS": "1",
    }


def load_function(name: str) -> ModuleType:
    """Import functions/<name>/app.py afresh."""
    return load(ROOT / "functions" / name)


def load(folder: Path) -> ModuleType:
    """Import the folder's app.py afresh."""
    module = load_app(folder / "app.py")
    from coldframe import telemetry  # no sooner: it reads its names from the environment when imported

    log_handler = cast("logging.StreamHandler[Any]", telemetry.logger.registered_handler)
    log_handler.stream = sys.stdout  # pytest gives each test its own, and closes it
    return module


class Client:
    """Sends REST proxy events to a handler; answers come back as status, headers and parsed JSON."""

    def __init__(self, handler: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
        self.handler = handler

    def request(
        self,
        method: str,
        path: str,
        body: str | None = None,
        content_type: str | None = "application/json",
        query: dict[str, str] | None = None,
        key_id: str | None = "k1l2m3n4o5",
    ) -> tuple[int, dict[str, str], Any]:
        answer = self.answer(method, path, body, content_type, query, key_id)
        return answer["statusCode"], answer["headers"], json.loads(answer["body"])

    def answer(
        self,
        method: str,
        path: str,
        body: str | bytes | None,
        content_type: str | None,
        query: dict[str, str] | None = None,
        key_id: str | None = "k1l2m3n4o5",
        more_headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """What the handler returns; bytes are sent as API Gateway sends a binary type."""
        event = copy.deepcopy(EVENT)
        event |= {"httpMethod": method, "path": path, "resource": path, "body": body}
        event["queryStringParameters"] = query
        event["multiValueQueryStringParameters"] = {name: [value] for name, value in (query or {}).items()}
        event["requestContext"]["identity"]["apiKeyId"] = key_id
        if isinstance(body, bytes):
            event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
        for headers, value in (
            (event["headers"], content_type),
            (event["multiValueHeaders"], [content_type]),
        ):
            headers["Content-Type"] = value
            if content_type is None:
                del headers["Content-Type"]
        for name, text in (more_headers or {}).items():
            event["headers"][name], event["multiValueHeaders"][name] = text, [text]
        answer = self.handler(event, Context())
        assert answer["isBase64Encoded"] is False
        return answer

    def predict(self, content: object) -> tuple[int, dict[str, str], Any]:
        return self.request("POST", "/sentiment/predict", json.dumps(content))
