"""Answers with the event that it got, and with what it knows of its environment."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

count = 0


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    global count
    count += 1
    query = event["queryStringParameters"] or {}
    started = time.time()
    time.sleep(float(query.get("sleep", 0)))
    answer = {
        "event": event,
        "pid": os.getpid(),
        "count": count,
        "started": started,
        "ended": time.time(),
        "environment": dict(os.environ),
        "path": sys.path,
        "folder": str(Path.cwd()),
        "request_id": context.aws_request_id,
        "remaining_ms": context.get_remaining_time_in_millis(),
    }
    return {"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": json.dumps(answer)}
