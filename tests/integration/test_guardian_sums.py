"""What the guardian reads of a version, asked of a real CloudWatch API: what is in the window, once."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from coldframe.guardian.sums import MetricSums, Window
from coldframe.guardian.verdict import Sums
from coldframe.metrics import names

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.client import CloudWatchClient

NAMESPACE = "Coldframe/test"
VERSION, OTHER = "v1.0.0", "v1.1.0"
LABELS = ("positive", "negative")
POSITIVE, NEGATIVE = names.of_labels(LABELS).values()
SLOW_MS = 100
NOON = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=30)


class CloudWatch:
    """Takes what a function's lines in the embedded metric format become."""

    def __init__(self, client: "CloudWatchClient", model: str) -> None:
        self.client, self.model = client, model

    def count(self, at: datetime, numbers: Mapping[str, float], version: str = VERSION) -> None:
        dimensions = {names.MODEL: self.model, names.MODEL_VERSION: version}
        self.client.put_metric_data(
            Namespace=NAMESPACE,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": one, "Value": value} for one, value in dimensions.items()],
                    "Timestamp": at,
                    "Unit": "Count",
                    "Value": number,
                }
                for name, number in numbers.items()
            ],
        )

    def sums(
        self, start: datetime, end: datetime, version: str = VERSION, labels: tuple[str, ...] = LABELS
    ) -> Sums:
        period_seconds = 60 if (start.second, end.second) == (0, 0) else 1
        window = Window(start, end, period_seconds)
        return MetricSums(self.client, NAMESPACE).of_version(self.model, version, labels, window, SLOW_MS)


@pytest.fixture
def cloudwatch(aws: str, request: pytest.FixtureRequest) -> CloudWatch:
    client = boto3.client("cloudwatch", endpoint_url=aws)
    return CloudWatch(client, f"sentiment-{abs(hash(request.node.nodeid)):x}")


def seconds(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def test_each_count_is_added_up_as_what_it_is(cloudwatch: CloudWatch) -> None:
    for at in (5, 65):
        cloudwatch.count(seconds(at), {"Requests2xx": 4, "Requests4xx": 2, "Requests5xx": 1})
        cloudwatch.count(seconds(at), {"Failures": 3, "NotOpened": 1, "Items": 12, "Fallbacks": 2})
        cloudwatch.count(seconds(at), {"Compared": 10, "Disagreements": 5})
        cloudwatch.count(seconds(at), {POSITIVE: 6, NEGATIVE: 4, names.OTHER_PREDICTIONS: 2})
    labels = {POSITIVE: 12.0, NEGATIVE: 8.0, names.OTHER_PREDICTIONS: 4.0}
    assert cloudwatch.sums(NOON, seconds(120)) == Sums(20, 8, 0, 24, 4, 2, 20, 10, labels)


def test_calls_are_slow_above_the_bound_and_not_at_it(cloudwatch: CloudWatch) -> None:
    for place, ms in enumerate((3, 25, 99.9, 100, 100.1, 501)):
        cloudwatch.count(seconds(place), {names.of_latency(ms): 10**place})
    assert cloudwatch.sums(NOON, seconds(60)).slow == 110_000


def test_a_label_of_which_there_was_none_is_left_out(cloudwatch: CloudWatch) -> None:
    cloudwatch.count(seconds(1), {POSITIVE: 1, "Predictions_unknown": 1})
    assert cloudwatch.sums(NOON, seconds(60)).labels == {POSITIVE: 1}
    assert cloudwatch.sums(NOON, seconds(60), labels=()).labels == {}


def test_what_others_did_does_not_count(cloudwatch: CloudWatch) -> None:
    cloudwatch.count(seconds(1), {"Requests2xx": 1}, OTHER)
    CloudWatch(cloudwatch.client, f"{cloudwatch.model}-too").count(seconds(1), {"Requests2xx": 10})
    cloudwatch.client.put_metric_data(  # the endpoint's own, without a version
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": "Requests2xx",
                "Dimensions": [{"Name": "service", "Value": cloudwatch.model}],
                "Timestamp": seconds(1),
                "Value": 100,
            }
        ],
    )
    assert cloudwatch.sums(NOON, seconds(60)) == Sums()
    assert cloudwatch.sums(NOON, seconds(60), OTHER) == Sums(calls=1)


@pytest.mark.parametrize("border", [60, 67])
def test_what_happened_on_a_border_is_in_one_window(cloudwatch: CloudWatch, border: float) -> None:
    """Of whole minutes in the cloud, and of seconds in the local one."""
    for place, at in enumerate((border - 1, border, border + 1)):
        cloudwatch.count(seconds(at), {"Requests2xx": 10**place})
    before = cloudwatch.sums(seconds(border - 60), seconds(border))
    after = cloudwatch.sums(seconds(border), seconds(border + 60))
    assert (before.calls, after.calls) == (1, 110)


def test_a_window_has_nothing_from_outside(cloudwatch: CloudWatch) -> None:
    for place, at in enumerate((-61, -1, 0, 299, 300, 360)):
        cloudwatch.count(seconds(at), {"Requests5xx": 10**place})
    assert cloudwatch.sums(NOON, seconds(300)) == Sums(calls=1_100, errors=1_100)


@pytest.mark.parametrize("length_seconds", [0, -60])
def test_nothing_is_in_a_window_that_there_is_not_yet(cloudwatch: CloudWatch, length_seconds: int) -> None:
    cloudwatch.count(NOON, {"Requests2xx": 1})
    assert cloudwatch.sums(NOON, seconds(length_seconds)) == Sums()
