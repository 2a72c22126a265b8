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
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.aws import cloudwatch_client
from infra.local.embedded_metrics import MalformedMetrics, read_metrics
from infra.local.metrics import MetricShipper
from tests.integration.local.conftest import Client

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
STATISTICS: list[Any] = ["Sum", "SampleCount", "Minimum", "Maximum"]
LINES = st.lists(
    st.tuples(
        st.sampled_from(["sentiment", "moderation"]),
        st.sampled_from(["Items", "Requests2xx"]),
        st.lists(st.integers(-1000, 1000), min_size=1, max_size=4),
        st.integers(0, 4 * 60_000),  # ms after noon
        st.booleans(),  # whether what was counted is sent after it
    ),
    max_size=12,
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
        EndTime=NOON + timedelta(minutes=5),
        Period=60,
        Statistics=STATISTICS,
    )
    return {
        point["Timestamp"]: tuple(point[statistic] for statistic in STATISTICS)
        for point in answer["Datapoints"]
    }


@settings(max_examples=25)
@given(printed=LINES)
def test_what_was_printed_is_what_cloudwatch_has_by_the_minute(
    client_of_aws: Any, printed: list[Any]
) -> None:
    namespace = f"Coldframe/{uuid.uuid4().hex}"
    expected: dict[tuple[str, str], dict[datetime, list[int]]] = defaultdict(lambda: defaultdict(list))

    async def ship() -> None:
        shipper = MetricShipper(client_of_aws)
        for service, name, values, after_ms, flushes in printed:
            at = NOON + timedelta(milliseconds=after_ms)
            shipper.write(service, line(namespace, service, name, values, int(at.timestamp() * 1000)))
            expected[service, name][at.replace(second=0, microsecond=0)] += values
            if flushes:
                await shipper.flush()
        await shipper.flush()

    asyncio.run(ship())
    for (service, name), by_minute in expected.items():
        assert statistics(client_of_aws, namespace, service, name) == {
            minute: (sum(values), len(values), min(values), max(values))
            for minute, values in by_minute.items()
        }


@pytest.fixture(scope="module")
def client_of_aws(aws: str) -> Any:
    return cloudwatch_client(aws)


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
async def test_what_comes_for_one_minute_is_added_up_also_from_many_at_once(client: Client) -> None:
    namespace = f"Coldframe/{uuid.uuid4().hex}"
    aws = cloudwatch_client(client.cloud.aws_url)

    async def ship(number: int) -> None:
        shipper = MetricShipper(aws)
        shipper.write("f", line(namespace, "sentiment", "Items", number, int(NOON.timestamp() * 1000)))
        await shipper.flush()

    await asyncio.gather(*map(ship, range(40)))
    found = await asyncio.to_thread(statistics, aws, namespace, "sentiment", "Items")
    assert found == {NOON: (sum(range(40)), 40, 0, 39)}
