"""The ticket that is sent, and the event that it comes in."""

import json
from typing import Any

from benchmarks.harness import EVENT

# 30 words.
TEXT = (
    "The till in our Leeds branch freezes whenever we scan a gift card, so we restart it every time, and"
    " the queue is growing; can somebody look at it today?"
)


def event() -> bytes:
    """Return the REST proxy event of `POST /v1/tickets/classify` with that ticket."""
    made: dict[str, Any] = json.loads(EVENT)
    path = "/tickets/classify"
    made |= {"path": path, "resource": path, "body": json.dumps({"text": TEXT})}
    made["requestContext"] |= {"path": f"/v1{path}", "resourcePath": path}
    return json.dumps(made).encode()
