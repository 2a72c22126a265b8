"""Does what its event asks for, and writes down each event that it took, in a file beside it."""

import base64
import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

taken = Path(__file__).with_name(f"{os.environ['AWS_LAMBDA_FUNCTION_NAME']}.jsonl")


def handler(event: dict[str, Any], _: Any) -> None:
    started = time.time()
    time.sleep(event.get("sleep", 0))
    note({"event": event, "started": started, "ended": time.time()})
    if event.get("raise"):
        raise ValueError("as asked")


def say(event: dict[str, Any], _: Any) -> dict[str, Any]:
    """Print the lines of a request's body."""
    for line in json.loads(event["body"]):
        print(line)  # noqa: T201
    return {"statusCode": 200, "body": "{}"}


def take(event: dict[str, Any], _: Any) -> None:
    """Fail on lines that ask for it, until they have come as often as they say."""
    document = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    note(document)
    come = [json.loads(line) for line in taken.read_text().splitlines()]
    for line in document["logEvents"]:
        count = sum(one["id"] == line["id"] for other in come for one in other["logEvents"])
        if count <= json.loads(line["message"]).get("fail", 0):
            raise ValueError("as asked")


def note(what: dict[str, Any]) -> None:
    with taken.open("a") as file:
        file.write(json.dumps(what) + "\n")
