"""What all environments of all endpoints have counted since midnight, UTC, as CloudWatch adds it up.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Self

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from coldframe import limits
from coldframe.errors import ServiceUnavailable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef, MetricTypeDef

DIMENSION = "service"
DAY = timedelta(days=1)


class Series(NamedTuple):
    """One metric of one endpoint."""

    endpoint: str
    name: str


@dataclass(frozen=True)
class Figures:
    """The sums of a day so far, and when they were read."""

    sums: Mapping[Series, float]
    at: datetime


def cloudwatch_client() -> "CloudWatchClient":
    """Return a client that gives up in time."""
    config = Config(
        connect_timeout=limits.METRICS_CONNECT_SECONDS,
        read_timeout=limits.METRICS_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": limits.METRICS_ATTEMPTS_MAX_COUNT},
    )
    return boto3.client("cloudwatch", config=config)


class Today:
    """Reads the figures, and keeps them for `METRICS_CACHE_SECONDS`."""

    def __init__(
        self,
        client: "CloudWatchClient",
        namespace: str,
        reads: Callable[[str], bool],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client, self._namespace, self._reads, self._now = client, namespace, reads, now
        self._figures: Figures | None = None

    @classmethod
    def from_environment(cls, reads: Callable[[str], bool]) -> Self:
        """Read the metrics of POWERTOOLS_METRICS_NAMESPACE whose names `reads` takes: each is paid for."""
        return cls(cloudwatch_client(), os.environ["POWERTOOLS_METRICS_NAMESPACE"], reads)

    def figures(self) -> Figures:
        """Return the figures, old ones when CloudWatch does not answer.

        Raises `ServiceUnavailable` when there are none, or older than `METRICS_STALE_SECONDS`.
        """
        if fresh := self._younger_than(limits.METRICS_CACHE_SECONDS):
            return fresh
        try:
            self._figures = self._read()
        except (BotoCoreError, ClientError) as error:
            if stale := self._younger_than(limits.METRICS_STALE_SECONDS):
                return stale
            raise ServiceUnavailable("CloudWatch, which holds the figures, does not answer.") from error
        return self._figures

    def _younger_than(self, seconds: float) -> Figures | None:
        figures = self._figures
        return figures if figures and self._now() - figures.at < timedelta(seconds=seconds) else None

    def _read(self) -> Figures:
        now = self._now()
        series = list(self._listed())
        sums: dict[Series, float] = {}
        for first in range(0, len(series), limits.METRIC_QUERIES_MAX_COUNT):
            sums |= self._sums(series[first : first + limits.METRIC_QUERIES_MAX_COUNT], now)
        return Figures(sums, now)

    def _listed(self) -> Iterator[Series]:
        pages = self._client.get_paginator("list_metrics")
        for page in pages.paginate(Namespace=self._namespace, Dimensions=[{"Name": DIMENSION}]):
            for metric in page["Metrics"]:
                if len(metric["Dimensions"]) == 1 and self._reads(metric["MetricName"]):
                    yield Series(metric["Dimensions"][0]["Value"], metric["MetricName"])

    def _sums(self, series: list[Series], now: datetime) -> dict[Series, float]:
        """Ask once for all: CloudWatch has one bucket a day from midnight, UTC. No bucket is 0."""
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        sums = dict.fromkeys(series, 0.0)
        pages = self._client.get_paginator("get_metric_data")
        day = int(DAY.total_seconds())  # the longest period there is
        queries = [
            sum_query(f"m{place}", self._namespace, one.name, {DIMENSION: one.endpoint}, day)
            for place, one in enumerate(series)
        ]
        for page in pages.paginate(MetricDataQueries=queries, StartTime=midnight, EndTime=midnight + DAY):
            for result in page["MetricDataResults"]:
                sums[series[int(result["Id"][1:])]] += sum(result["Values"])
        return sums


def sum_query(
    key: str, namespace: str, name: str, dimensions: Mapping[str, str], period_seconds: int
) -> "MetricDataQueryTypeDef":
    """Return a query of a metric's sums, one for each period."""
    metric: MetricTypeDef = {
        "Namespace": namespace,
        "MetricName": name,
        "Dimensions": [{"Name": one, "Value": value} for one, value in dimensions.items()],
    }
    return {"Id": key, "MetricStat": {"Metric": metric, "Period": period_seconds, "Stat": "Sum"}}
