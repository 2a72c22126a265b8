"""What CloudWatch has added up of a version over a window.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from coldframe import limits
from coldframe.errors import ServiceUnavailable
from coldframe.guardian.settings import Settings
from coldframe.guardian.verdict import Sums
from coldframe.metrics import names
from coldframe.metrics.cloudwatch import sum_query

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

MINUTE_SECONDS = 60
_KNOWN = ("Complete", "PartialData")  # the latter where a further page follows


@dataclass(frozen=True)
class Window:
    """From when to when, on the borders of CloudWatch's periods, so that every call counts once."""

    start: datetime
    end: datetime
    period_seconds: int

    @classmethod
    def last(cls, now: datetime, since: datetime, settings: Settings) -> Self:
        """Return the last window before `now`, but nothing from before `since`.

        A period is a minute, CloudWatch's own; a window that is no whole number of minutes, as only the local
        cloud can have it, has periods of a second.
        """
        period = 1 if settings.window_seconds % MINUTE_SECONDS else MINUTE_SECONDS
        end = _floor(now - timedelta(seconds=settings.lag_seconds), period)
        start = max(end - timedelta(seconds=settings.window_seconds), _ceil(since, period))
        return cls(start, end, period)

    @property
    def seconds(self) -> float:
        """How long it is; 0 or less where there is none yet."""
        return (self.end - self.start).total_seconds()


class MetricSums:
    """Reads sums from one namespace."""

    def __init__(self, client: "CloudWatchClient", namespace: str) -> None:
        self._client, self._namespace = client, namespace

    def of_version(
        self, model: str, version: str, labels: tuple[str, ...], window: Window, slow_ms: int
    ) -> Sums:
        """Return what a version did. Raises as `of_shadow` does."""
        of_labels = {*names.of_labels(labels).values(), names.OTHER_PREDICTIONS}
        sums = self._read([*names.OF_A_VERSION, *of_labels], model, version, window)
        failures = sums[names.FAILURES]
        return Sums(
            calls=sum(sums[name] for name in names.REQUESTS) + failures,
            errors=sums[names.SERVER_ERRORS] + failures,
            slow=_over(slow_ms, sums),
            items=sums[names.ITEMS],
            fallbacks=sums[names.FALLBACKS],
            not_opened=sums[names.NOT_OPENED],
            compared=sums[names.COMPARED],
            disagreements=sums[names.DISAGREEMENTS],
            labels={name: sums[name] for name in of_labels if sums[name]},
        )

    def of_shadow(self, model: str, version: str, window: Window) -> Sums:
        """Return what a version did that answers nobody: each metric that is asked for is paid for.

        Raises `ServiceUnavailable` when CloudWatch has not all of it, and botocore's errors.
        """
        sums = self._read(names.OF_A_SHADOW, model, version, window)
        return Sums(
            not_opened=sums[names.NOT_OPENED],
            compared=sums[names.COMPARED],
            disagreements=sums[names.DISAGREEMENTS],
        )

    def _read(self, metrics: Sequence[str], model: str, version: str, window: Window) -> dict[str, float]:
        sums = dict.fromkeys(metrics, 0.0)
        if window.seconds <= 0:
            return sums
        dimensions = {names.MODEL: model, names.MODEL_VERSION: version}
        queries = [
            sum_query(f"m{place}", self._namespace, name, dimensions, window.period_seconds)
            for place, name in enumerate(metrics)
        ]
        pages = self._client.get_paginator("get_metric_data")
        for page in pages.paginate(MetricDataQueries=queries, StartTime=window.start, EndTime=window.end):
            for result in page["MetricDataResults"]:
                if result["StatusCode"] not in _KNOWN:
                    raise ServiceUnavailable(f"CloudWatch has not all figures: {result['StatusCode']}")
                sums[metrics[int(result["Id"][1:])]] += sum(result["Values"])
        return sums


def _over(slow_ms: int, sums: Mapping[str, float]) -> float:
    """Calls over a bound of the latency's buckets."""
    first = limits.LATENCY_BOUNDS_MS.index(slow_ms) + 1
    return sum(sums[name] for name in names.LATENCY_BUCKETS[first:])


def _floor(time: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(time.timestamp() // seconds * seconds, UTC)


def _ceil(time: datetime, seconds: int) -> datetime:
    return datetime.fromtimestamp(-(-time.timestamp() // seconds) * seconds, UTC)
