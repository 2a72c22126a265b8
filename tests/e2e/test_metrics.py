"""A known load over several environments, and then what /v1/metrics says of it."""

import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from prometheus_client.parser import text_string_to_metric_families

from infra.local.session import CREDENTIALS
from tests.e2e.running import KEY, START_SECONDS, Cloud

TEXTS = ["この商品は素晴らしいです！", "最悪の商品でした", "普通の商品だと思います", "良い"]
CSV = "text\n良い\n最悪の商品でした\n \nだめ\n"  # three rows, and one that is blank


def sum_of(cloud: Cloud, service: str, name: str) -> float:
    """What the local CloudWatch has of a metric; asked beside /v1/metrics, which keeps what it has read."""
    client = boto3.client(
        "cloudwatch",
        endpoint_url=f"http://127.0.0.1:{cloud.port + 1}",
        region_name="us-east-1",
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    now = datetime.now(UTC)
    answer = client.get_metric_statistics(
        Namespace="Coldframe/dev",
        MetricName=name,
        Dimensions=[{"Name": "service", "Value": service}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=7200,
        Statistics=["Sum"],
    )
    return sum(point["Sum"] for point in answer["Datapoints"])


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # there is nothing to wait on: sums appear


@pytest.fixture(scope="module")
def load(cloud: Cloud) -> Counter[str]:
    """Send 120 requests, eight at a time, and one file; say what came back, once CloudWatch has it."""

    def send(number: int) -> Counter[str]:
        if number % 10 == 0:
            assert cloud.call("/sentiment/predict", {"text": ""})[0] == 422
            return Counter({"4xx": 1})
        texts = [TEXTS[(number + place) % len(TEXTS)] for place in range(number % 3 + 1)]
        status, answer = cloud.call("/sentiment/predict", {"texts": texts})
        assert status == 200
        return Counter({"2xx": 1}) + Counter(one["label"] for one in answer["predictions"])

    with ThreadPoolExecutor(8) as pool:
        sent = sum(pool.map(send, range(120)), Counter[str]())
    commands = [" ".join(environment.cmdline()) for environment in cloud.environments()]
    sent["environments"] = len([one for one in commands if "functions/sentiment" in one])
    cloud.s3().put_object(Bucket="coldframe-inbox", Key="sentiment/load.csv", Body=CSV.encode())
    wait_until(lambda: sum_of(cloud, "sentiment", "LatencyMs") > 0)
    wait_until(lambda: sum_of(cloud, "sentiment", "Requests2xx") == sent["2xx"])
    wait_until(lambda: sum_of(cloud, "sentiment", "Requests4xx") == sent["4xx"])
    wait_until(lambda: sum_of(cloud, "batch", "RowsRejected") == 1)
    return sent


def fetched(cloud: Cloud, path: str) -> str:
    request = urllib.request.Request(f"http://127.0.0.1:{cloud.port}/v1{path}", headers={"x-api-key": KEY})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        text: str = answer.read().decode()
    return text


@pytest.fixture(scope="module")
def samples(cloud: Cloud, load: Counter[str]) -> dict[tuple[str, ...], float]:
    """Values by name and labels' values, as the official parser reads them."""
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(fetched(cloud, "/metrics"))
        for sample in family.samples
    }


def test_the_load_came_to_several_environments(load: Counter[str]) -> None:
    assert load["environments"] > 1
    assert load["2xx"] + load["4xx"] == 120


def test_the_metrics_equal_the_load(load: Counter[str], samples: dict[tuple[str, ...], float]) -> None:
    assert samples["coldframe_requests_total", "sentiment", "2xx"] == load["2xx"]
    assert samples["coldframe_requests_total", "sentiment", "4xx"] == load["4xx"]
    assert samples["coldframe_request_duration_seconds_count", "sentiment"] == 120
    assert samples["coldframe_request_duration_seconds_bucket", "sentiment", "+Inf"] == 120
    labels = {label: load[label] for label in ("positive", "neutral", "negative") if load[label]}
    assert {label: samples["coldframe_predictions_total", "sentiment", label] for label in labels} == labels
    assert samples["coldframe_items_total", "sentiment"] == sum(labels.values())
    assert samples["coldframe_cold_starts_total", "sentiment"] == load["environments"]
    assert samples["coldframe_model_load_seconds_count", "sentiment"] == load["environments"]
    assert samples["coldframe_model_load_seconds_sum", "sentiment"] > 0
    assert samples["coldframe_rows_scored_total", "batch"] == 3
    assert samples["coldframe_rows_rejected_total", "batch"] == 1
    assert samples["coldframe_files_total", "batch", "done"] == 1


def test_the_contracts_path_tells_of_moderation_alone(cloud: Cloud, load: Counter[str]) -> None:
    assert 'endpoint="sentiment"' not in fetched(cloud, "/moderation/metrics")
