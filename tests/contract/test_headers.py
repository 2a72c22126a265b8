"""The headers that every answer of a function has, and those that an allowed origin adds."""

import copy
from typing import Any

import pytest

from coldframe.headers import SECURITY_HEADERS
from tests.handlers import EVENT, Client, Context, load_function


@pytest.fixture
def environment(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)


def answered_to(origin: str) -> dict[str, Any]:
    event = copy.deepcopy(EVENT)
    event["headers"]["Origin"], event["multiValueHeaders"]["Origin"] = origin, [origin]
    answer = load_function("sentiment").handler(event, Context())
    assert answer["statusCode"] == 200
    headers: dict[str, Any] = answer["headers"]
    return headers


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("method", "path", "status", "kept"),
    [
        ("POST", "/sentiment/predict", 200, "no-store"),
        ("PUT", "/sentiment/predict", 405, "no-store"),
        ("GET", "/sentiment/health", 200, "no-store"),
        ("GET", "/sentiment/healthz", 200, "no-store"),
        ("GET", "/sentiment/openapi.json", 200, "max-age=300"),
        ("POST", "/sentiment/openapi.json", 405, "no-store"),
    ],
)
def test_every_answer_has_the_security_headers(method: str, path: str, status: int, kept: str) -> None:
    client = Client(load_function("sentiment").handler)
    answered, headers, _ = client.request(method, path, '{"text": "a"}')
    assert answered == status
    assert SECURITY_HEADERS.items() <= headers.items()
    assert headers["cache-control"] == kept


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("allowed", "asking", "told"),
    [
        ("", "https://a.example", None),
        ("*", "https://a.example", "*"),
        ("https://a.example", "https://a.example", "https://a.example"),
        ("https://a.example", "https://b.example", None),
    ],
)
def test_only_an_allowed_origin_is_told_so(
    monkeypatch: pytest.MonkeyPatch, allowed: str, asking: str, told: str | None
) -> None:
    monkeypatch.setenv("ALLOWED_ORIGIN", allowed)
    assert answered_to(asking).get("access-control-allow-origin") == told
