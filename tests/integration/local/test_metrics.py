"""Metric lines that functions print, added up in CloudWatch (moto's, over HTTP)."""

import asyncio
import json
import logging
import uuid
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.aws import cloudwatch_client
from infra.local.embedded_metrics import MalformedMetrics, read_metrics
from infra.local.metrics import MetricShipper
from tests.integration.local.conftest import Client

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SOON = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)  # what is old is kept by the minute
STATISTICS: list[Any] = ["Sum", "SampleCount", "Minimum", "Maximum"]
LINES = st.lists(
    st.tuples(
        st.sampled_from(["sentiment", "moderation"]),
        st.sampled_from(["Items", "Requests2xx"]),
        st.lists(st.integers(-1000, 1000), min_size=1, max_size=4),
        st.integers(0, 4_000),  # ms after noon
        st.booleans(),  # whether what was counted is sent after it
    ),
    max_size=12,
)


VERSIONS = st.lists(
    st.tuples(st.sampled_from(["v1.0.0", "v1.1.0"]), st.integers(0, 30), st.integers(1, 9)), max_size=12
)


def line(namespace: str, service: str, name: str, values: object, at_ms: int, **more: object) -> str:
    directive = {"Namespace": namespace, "Dimensions": [["service"]], "Metrics": [{"Name": name}]}
    aws = {"Timestamp": at_ms, "CloudWatchMetrics": [directive]}
    return json.dumps({"_aws": aws, "service": service, name: values, **more})


def statistics(client: Any, namespace: str, service: str, name: str) -> dict[datetime, tuple[float, ...]]:
    answer = client.get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": "service", "Value": service}],
        StartTime=NOON,
        EndTime=NOON + timedelta(seconds=5),
        Period=1,
        Statistics=STATISTICS,
    )
    return {
        point["Timestamp"]: tuple(point[statistic] for statistic in STATISTICS)
        for point in answer["Datapoints"]
    }


@settings(max_examples=25)
@given(printed=LINES)
def test_what_was_printed_is_what_cloudwatch_has_by_the_second(
    client_of_aws: Any, printed: list[Any]
) -> None:
    namespace = f"Coldframe/{uuid.uuid4().hex}"
    expected: dict[tuple[str, str], dict[datetime, list[int]]] = defaultdict(lambda: defaultdict(list))

    async def ship() -> None:
        shipper = MetricShipper(client_of_aws)
        for service, name, values, after_ms, flushes in printed:
            at = NOON + timedelta(milliseconds=after_ms)
            shipper.write(service, line(namespace, service, name, values, int(at.timestamp() * 1000)))
            expected[service, name][at.replace(microsecond=0)] += values
            if flushes:
                await shipper.flush()
        await shipper.flush()

    asyncio.run(ship())
    for (service, name), by_second in expected.items():
        assert statistics(client_of_aws, namespace, service, name) == {
            second: (sum(values), len(values), min(values), max(values))
            for second, values in by_second.items()
        }


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    printed=VERSIONS, period=st.sampled_from([1, 5, 10]), start=st.integers(0, 30), count=st.integers(1, 4)
)
def test_whole_periods_of_seconds_give_each_second_once(
    client_of_cloud: Any, printed: list[tuple[str, int, int]], period: int, start: int, count: int
) -> None:
    """By service and version, in the other order; a period holds its start and not its end."""
    name = f"Items{uuid.uuid4().hex}"
    shipper = MetricShipper(client_of_cloud)
    directive = {"Namespace": "n", "Dimensions": [["service", "model_version"]], "Metrics": [{"Name": name}]}
    expected: dict[str, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    for version, second, value in printed:
        at = SOON + timedelta(seconds=second)
        aws = {"Timestamp": int(at.timestamp() * 1000), "CloudWatchMetrics": [directive]}
        shipper.write("f", json.dumps({"_aws": aws, "service": "s", "model_version": version, name: value}))
        if start <= second < start + count * period:
            whole = SOON + timedelta(seconds=start + (second - start) // period * period)
            expected[version][whole] += value
    asyncio.run(shipper.flush())
    for version in ("v1.0.0", "v1.1.0"):
        assert sums(client_of_cloud, name, version, start, period, count) == expected[version]


def sums(client: Any, name: str, version: str, start: int, period: int, count: int) -> dict[datetime, float]:
    dimensions = [{"Name": "model_version", "Value": version}, {"Name": "service", "Value": "s"}]
    metric = {"Namespace": "n", "MetricName": name, "Dimensions": dimensions}
    query = {"Id": "a", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Sum"}}
    first = SOON + timedelta(seconds=start)
    (result,) = client.get_metric_data(
        MetricDataQueries=[query], StartTime=first, EndTime=first + timedelta(seconds=count * period)
    )["MetricDataResults"]
    return dict(zip(result["Timestamps"], result["Values"], strict=True))


@pytest.fixture(scope="module")
def client_of_aws(aws: str) -> Any:
    return cloudwatch_client(aws)


@pytest.fixture
def client_of_cloud(client: Client) -> Any:
    return cloudwatch_client(client.cloud.aws_url)


@pytest.mark.parametrize("text", ["", "a line", '{"message": "no metrics"}', '["_aws"]', '"_aws"', "{}"])
def test_a_line_without_metrics_is_none(text: str) -> None:
    assert read_metrics(text) == []


@pytest.mark.parametrize(
    "text",
    [
        '{"_aws": {}',
        '{"_aws": {}}',
        '{"_aws": 1}',
        line("n", "s", "Items", "1", 0),
        line("n", "s", "Items", True, 0),
        line("n", "s", "Items", [1, None], 0),
        line("n", "s", "Items", float("nan"), 0),
        line("n", "s", "Items", 1e300, 0),
        line("n", "", "Items", 1, 0),
        line("n", "s", "", 1, 0),
        line("", "s", "Items", 1, 0),
        line("n", "s", "Items", 1, 10**18),
        line("n", "s", "Items", 1, 10**400),
        line("n", "s", "Items", 1, 0).replace('"Items": 1', '"Others": 1'),
        line("n", "s", "Items", 1, 0).replace('"service": "s"', '"service": 1'),
        '{"_aws": ' + "[" * 100_000,
    ],
)
async def test_malformed_metrics_are_told_of_and_left(text: str, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(MalformedMetrics):
        read_metrics(text)
    with caplog.at_level(logging.WARNING):
        MetricShipper(None).write("sentiment", text)  # type: ignore[arg-type]
    assert "sentiment printed metrics that CloudWatch would not take" in caplog.text


JSON = st.recursive(st.none() | st.integers() | st.text(), lambda of: st.lists(of)).map(json.dumps)


@given(st.text() | JSON)
def test_any_line_is_read_or_refused(text: str) -> None:
    for one in (text, '{"_aws": ' + text + "}"):
        with suppress(MalformedMetrics):
            assert isinstance(read_metrics(one), list)


async def test_what_cannot_be_sent_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    shipper = MetricShipper(cloudwatch_client("http://127.0.0.1:9"))
    shipper.write("sentiment", line("n", "sentiment", "Items", 1, 0))
    with caplog.at_level(logging.WARNING):
        await shipper.flush()
    assert "1 metrics of n were lost" in caplog.text


@pytest.mark.asyncio(loop_scope="package")
async def test_what_comes_for_one_second_is_added_up_also_from_many_at_once(client: Client) -> None:
    namespace = f"Coldframe/{uuid.uuid4().hex}"
    aws = cloudwatch_client(client.cloud.aws_url)

    async def ship(number: int) -> None:
        shipper = MetricShipper(aws)
        shipper.write("f", line(namespace, "sentiment", "Items", number, int(NOON.timestamp() * 1000)))
        await shipper.flush()

    await asyncio.gather(*map(ship, range(40)))
    found = await asyncio.to_thread(statistics, aws, namespace, "sentiment", "Items")
    assert found == {NOON: (sum(range(40)), 40, 0, 39)}
