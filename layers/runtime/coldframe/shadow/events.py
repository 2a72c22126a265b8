"""Log lines as CloudWatch Logs hands them to a subscribed function, and the decisions among them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coldframe.audit import INPUT


@dataclass(frozen=True)
class Decision:
    """What a version said of an input; `columns` are its answer by column."""

    model: str
    version: str
    text: str
    columns: Mapping[str, Any]


def decisions(event: Mapping[str, Any]) -> Iterator[Decision]:
    """Return the decisions whose input was logged; other lines are passed over.

    Raises `ValueError` or `OSError` when the event's data are damaged.
    """
    data = json.loads(_unpacked(event["awslogs"]["data"]))
    for one in data["logEvents"]:
        line = _object(one["message"])
        if line.get("message") == "decision":
            yield from _decision(line)


def _unpacked(data: str) -> bytes:
    try:
        return gzip.decompress(base64.b64decode(data, validate=True))
    except (EOFError, zlib.error) as error:  # neither is one of the two
        raise ValueError(f"the log lines cannot be unpacked: {error}") from error


def _decision(line: Mapping[str, Any]) -> Iterator[Decision]:
    model, version, text = line.get("model"), line.get("model_version"), line.get(INPUT)
    if isinstance(model, str) and isinstance(version, str) and isinstance(text, str):
        yield Decision(model, version, text, line)


def _object(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}
