"""Metrics that a function printed among its log lines, in CloudWatch's embedded metric format.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html

CloudWatch keeps them by the minute (standard resolution), and gives them by periods of 60 s and multiples.
Here they are kept by the second for METRICS_SECONDS_KEPT, and given by periods of any length: what looks at
the last few seconds can be tried without waiting.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

MARK = "_aws"
VALUE_MAX = 2.0**360  # CloudWatch's own


class MalformedMetrics(ValueError):
    """Raise when a line is meant to hold metrics, and does not follow the specification."""


class Series(NamedTuple):
    """What values are added up of: one metric in one second; CloudWatch keeps minutes."""

    namespace: str
    dimensions: tuple[tuple[str, str], ...]
    name: str
    unit: str
    second: datetime


Values = list[tuple[Series, list[float]]]


def read_metrics(line: str) -> Values:
    """Give a line's values, none for a line without metrics; raise MalformedMetrics."""
    if f'"{MARK}"' not in line:
        return []
    try:
        document = json.loads(line)
        return list(_values(document)) if isinstance(document, dict) and MARK in document else []
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, OSError) as error:
        raise MalformedMetrics(f"{type(error).__name__}: {error}") from error


def _values(document: Mapping[str, Any]) -> Iterator[tuple[Series, list[float]]]:
    second = datetime.fromtimestamp(document[MARK]["Timestamp"] // 1000, UTC)
    for directive in document[MARK]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = tuple((name, _text(document[name])) for name in names)
            for metric in directive["Metrics"]:
                name, unit = _text(metric["Name"]), _text(metric.get("Unit", "None"))
                series = Series(_text(directive["Namespace"]), dimensions, name, unit, second)
                yield series, _numbers(document[name])


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a name is not a text")
    return value


def _numbers(value: object) -> list[float]:
    values: list[Any] = value if isinstance(value, list) else [value]
    if not all(type(one) in (int, float) and abs(one) <= VALUE_MAX for one in values):
        raise TypeError("a value is not a number that CloudWatch takes")
    return [float(one) for one in values]
