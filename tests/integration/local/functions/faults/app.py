"""Fails in the way that the path names; any other name is answered with 200."""

import base64
import os
import sys
import time
from collections.abc import Callable
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n\x00\xff"


def exit_silently() -> None:
    os._exit(0)


def raise_an_error() -> None:
    raise ValueError("as asked")


def print_garbage() -> dict[str, Any]:
    sys.stdout.buffer.write(b"\xff\xfe\x00garbage without an end" * 10_000)
    sys.stdout.flush()
    return {"statusCode": 200, "body": "printed"}


def leave() -> None:
    sys.exit(3)


FAULTS: dict[str, Callable[[], Any]] = {
    "hang": lambda: time.sleep(60),
    "exit": exit_silently,
    "leave": leave,
    "raise": raise_an_error,
    "garbage": print_garbage,
    "huge": lambda: {"statusCode": 200, "body": "x" * 7_000_000},
    "large": lambda: {"statusCode": 200, "body": "x" * 5_000_000},
    "text": lambda: "not an answer",
    "nothing": lambda: None,
    "unknown-key": lambda: {"statusCode": 200, "data": 1},
    "body-object": lambda: {"statusCode": 200, "body": {}},
    "bad-status": lambda: {"statusCode": "fine"},
    "bad-header": lambda: {"statusCode": 200, "headers": {"X-A": "a\r\nX-B: b"}},
    "unserializable": lambda: {"statusCode": 200, "body": object()},
    "image": lambda: {
        "statusCode": 200,
        "headers": {"Content-Type": "image/png"},
        "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
        "body": base64.b64encode(PNG).decode(),
        "isBase64Encoded": True,
    },
}


def handler(event: dict[str, Any], context: Any) -> Any:
    fault = FAULTS.get(
        event["pathParameters"]["fault"], lambda: {"statusCode": 200, "body": str(os.getpid())}
    )
    return fault()
