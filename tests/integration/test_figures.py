"""The figures as CloudWatch (moto's, over HTTP) gives them: the day, the cache, and CloudWatch away."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from coldframe import limits
from coldframe.errors import ServiceUnavailable
from coldframe.metrics.cloudwatch import Figures, Series, Today
from coldframe.metrics.exposition import is_read

NAMESPACE = "Coldframe/test"
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)
CONFIG = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})


class Clock:
    def __init__(self) -> None:
        self.now = MIDNIGHT + timedelta(hours=12)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def endpoint(request: pytest.FixtureRequest) -> str:
    """One for each test: moto's GetMetricData does not tell namespaces apart."""
    name: str = request.node.name
    return name


@contextmanager
def own_server() -> Iterator[str]:
    """A moto that can go away; what it holds is that of every other one in this process."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def client(aws: str) -> Any:
    return boto3.client("cloudwatch", endpoint_url=aws, config=CONFIG)


def put(aws: str, endpoint: str, name: str, value: float, at: datetime) -> None:
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": "service", "Value": endpoint}],
        "Timestamp": at,
        "Value": value,
    }
    client(aws).put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def of(figures: Figures, endpoint: str) -> dict[Series, float]:
    """What is this test's of the figures."""
    return {series: value for series, value in figures.sums.items() if series.endpoint.startswith(endpoint)}


def test_the_day_begins_at_midnight_utc_and_yesterdays_metrics_are_at_zero(
    aws: str, endpoint: str, clock: Clock
) -> None:
    put(aws, endpoint, "Requests2xx", 1, MIDNIGHT - timedelta(seconds=1))
    put(aws, endpoint, "Requests2xx", 10, MIDNIGHT)
    put(aws, endpoint, "Requests2xx", 100, clock.now)
    put(aws, endpoint, "Requests5xx", 1, MIDNIGHT - timedelta(hours=5))
    put(aws, f"{endpoint}2", "Requests2xx", 1000, clock.now)
    figures = Today(client(aws), NAMESPACE, is_read, clock).figures()
    assert figures.at == clock.now
    assert of(figures, endpoint) == {
        Series(endpoint, "Requests2xx"): 110,
        Series(endpoint, "Requests5xx"): 0,
        Series(f"{endpoint}2", "Requests2xx"): 1000,
    }


def test_what_nobody_reads_is_not_asked_for(aws: str, endpoint: str, clock: Clock) -> None:
    put(aws, endpoint, "Messages", 1, clock.now)
    two = [{"Name": "service", "Value": endpoint}, {"Name": "function_name", "Value": "f"}]
    datum = {"MetricName": "Items", "Dimensions": two, "Timestamp": clock.now, "Value": 1}
    client(aws).put_metric_data(Namespace=NAMESPACE, MetricData=[datum])
    assert of(Today(client(aws), NAMESPACE, is_read, clock).figures(), endpoint) == {}


def test_more_metrics_than_one_call_takes(aws: str, endpoint: str, clock: Clock) -> None:
    expected = {
        Series(endpoint, f"Predictions_{n}"): float(n) for n in range(limits.METRIC_QUERIES_MAX_COUNT + 1)
    }
    dimensions = [{"Name": "service", "Value": endpoint}]
    data = [
        {"MetricName": series.name, "Dimensions": dimensions, "Timestamp": clock.now, "Value": value}
        for series, value in expected.items()
    ]
    client(aws).put_metric_data(Namespace=NAMESPACE, MetricData=data)
    assert of(Today(client(aws), NAMESPACE, is_read, clock).figures(), endpoint) == expected


def test_figures_are_kept_for_a_minute(aws: str, endpoint: str, clock: Clock) -> None:
    today = Today(client(aws), NAMESPACE, is_read, clock)
    put(aws, endpoint, "Items", 1, clock.now)
    first = today.figures()
    put(aws, endpoint, "Items", 1, clock.now)
    clock.forward(limits.METRICS_CACHE_SECONDS - 1)
    assert today.figures() is first
    clock.forward(1)
    assert of(today.figures(), endpoint) == {Series(endpoint, "Items"): 2}


def test_old_figures_serve_for_a_while_when_cloudwatch_is_away(aws: str, endpoint: str, clock: Clock) -> None:
    put(aws, endpoint, "Items", 1, clock.now)
    with own_server() as server:
        today = Today(client(server), NAMESPACE, is_read, clock)
        first = today.figures()
    clock.forward(limits.METRICS_STALE_SECONDS - 1)
    assert today.figures() is first
    clock.forward(1)
    with pytest.raises(ServiceUnavailable, match="CloudWatch"):
        today.figures()
