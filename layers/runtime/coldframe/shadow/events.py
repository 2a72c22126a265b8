"""Log lines as CloudWatch Logs hands them to a subscribed function, and the decisions among them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import base64
import gzip
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from coldframe import float_rows
from coldframe.audit import INPUT


@dataclass(frozen=True)
class Decision:
    """What a version said of an input; `columns` are its answer by column."""

    model: str
    version: str
    item: str | bytes
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
    model, version, given = line.get("model"), line.get("model_version"), line.get(INPUT)
    if isinstance(model, str) and isinstance(version, str) and isinstance(given, str | list):
        with suppress(struct.error, OverflowError):  # a list, but not of numbers
            yield Decision(model, version, _item(given), line)


def _item(given: str | list[float]) -> str | bytes:
    return float_rows.pack(given) if isinstance(given, list) else given


def _object(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return line if isinstance(line, dict) else {}
