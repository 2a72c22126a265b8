"""Requests of the Open Inference Protocol, and what comes back."""

import json
from typing import Any

from tests.handlers import Client

SENTIMENT, MODERATION, TICKETS = (f"/v2/models/{name}" for name in ("sentiment", "moderation", "tickets"))
BOXES = "/v2/models/boxes"
Json = dict[str, Any]


def tensor(texts: list[Any], **changes: Any) -> Json:
    return {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts} | changes


def rows_tensor(rows: list[Any], **changes: Any) -> Json:
    return {"name": "features", "shape": [len(rows), 3], "datatype": "FP32", "data": rows} | changes


def inferred(client: Client, path: str, *inputs: Json, **more: Any) -> tuple[int, Json]:
    status, _, answer = client.request("POST", f"{path}/infer", json.dumps({"inputs": inputs} | more))
    return status, answer


def columns(answer: Json) -> dict[str, list[Any]]:
    return {output["name"]: output["data"] for output in answer["outputs"]}


def refused(answered: tuple[int, Json], status: int = 400) -> str:
    """What the error says, which is all that the answer has."""
    assert answered[0] == status, answered
    assert list(answered[1]) == ["error"]
    error: str = answered[1]["error"]
    return error
