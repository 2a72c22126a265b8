"""/metrics, event in and text out."""

import json
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.handlers import EVENT, Context, load_function

AWAY = "http://127.0.0.1:9"


def answer(path: str) -> Any:
    event = EVENT | {"httpMethod": "GET", "path": path, "resource": path, "body": None}
    return load_function("metrics").handler(event, Context())


@pytest.fixture
def environment(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("path", ["/metrics", "/moderation/metrics"])
def test_the_text_is_prometheus(path: str) -> None:
    given = answer(path)
    assert given["statusCode"] == 200
    assert given["isBase64Encoded"] is False
    assert given["headers"]["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert list(text_string_to_metric_families(given["body"]))
    assert "since midnight UTC" in given["body"].splitlines()[0]


def test_cloudwatch_away_is_a_503_that_says_when_to_come_back(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ENDPOINT_URL", AWAY)
    given = answer("/metrics")
    assert given["statusCode"] == 503
    assert given["headers"]["content-type"] == "application/problem+json"
    assert int(given["headers"]["retry-after"]) > 0
    problem = json.loads(given["body"])
    assert problem["type"] == "urn:coldframe:problem:service-unavailable"
    assert "CloudWatch" in problem["detail"]


def test_alive_needs_no_cloudwatch(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("AWS_ENDPOINT_URL", AWAY)
    assert json.loads(answer("/metrics/healthz")["body"]) == {"status": "ok"}
