"""Log lines as CloudWatch Logs hands them to a subscribed function, and the decisions among them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
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
    """Return the decisions whose input was logged; other lines are passed over."""
    data = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    for one in data["logEvents"]:
        line = _object(one["message"])
        if line.get("message") == "decision" and INPUT in line and line.get("model_version"):
            yield Decision(line["model"], line["model_version"], _item(line[INPUT]), line)


def _item(given: str | list[float]) -> str | bytes:
    return float_rows.pack(given) if isinstance(given, list) else given


def _object(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}
