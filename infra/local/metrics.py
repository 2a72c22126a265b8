"""What functions count, to CloudWatch (moto's): added up by metric and second, sent once a second."""

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.embedded_metrics import MalformedMetrics, Series, read_metrics
from infra.local.logs import send_regularly
from infra.local.settings import METRICS_BATCH_MAX_COUNT

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient
    from mypy_boto3_cloudwatch.type_defs import MetricDatumTypeDef

logger = logging.getLogger(__name__)


@dataclass
class Statistics:
    """What CloudWatch takes in the place of many values."""

    count: int
    total: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Statistics":
        return cls(len(values), sum(values), min(values), max(values))

    def __add__(self, other: "Statistics") -> "Statistics":
        return Statistics(
            self.count + other.count,
            self.total + other.total,
            min(self.least, other.least),
            max(self.most, other.most),
        )


class MetricShipper:
    """Sends what was counted about once a second."""

    def __init__(self, client: "CloudWatchClient") -> None:
        self._client = client
        self._counted: dict[Series, Statistics] = {}

    def write(self, function: str, text: str) -> None:
        """Take a line that a function printed; one without metrics is left."""
        try:
            values = read_metrics(text)
        except MalformedMetrics as error:
            logger.warning("%s printed metrics that CloudWatch would not take: %s", function, error)
            return
        for series, its_values in values:
            if its_values:
                new = Statistics.of(its_values)
                old = self._counted.get(series)
                self._counted[series] = old + new if old else new

    async def run(self) -> None:
        """Send until cancelled, then send what is left."""
        await send_regularly(self.flush)

    async def flush(self) -> None:
        counted, self._counted = self._counted, {}
        if counted:
            await asyncio.to_thread(self._send, counted)

    def _send(self, counted: dict[Series, Statistics]) -> None:
        namespaces: dict[str, list[MetricDatumTypeDef]] = {}
        for series, statistics in counted.items():
            namespaces.setdefault(series.namespace, []).append(_datum(series, statistics))
        for namespace, data in namespaces.items():
            for first in range(0, len(data), METRICS_BATCH_MAX_COUNT):
                batch = data[first : first + METRICS_BATCH_MAX_COUNT]
                try:
                    self._client.put_metric_data(Namespace=namespace, MetricData=batch)
                except (BotoCoreError, ClientError) as error:
                    logger.warning("%d metrics of %s were lost: %s", len(batch), namespace, error)


def _datum(series: Series, statistics: Statistics) -> "MetricDatumTypeDef":
    return {
        "MetricName": series.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in series.dimensions],
        "Timestamp": series.second,
        "Unit": series.unit,  # type: ignore[typeddict-item] # whatever the function says
        "StatisticValues": {
            "SampleCount": statistics.count,
            "Sum": statistics.total,
            "Minimum": statistics.least,
            "Maximum": statistics.most,
        },
    }
