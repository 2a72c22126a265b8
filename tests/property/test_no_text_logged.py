"""Whatever a client sends, nothing of it is logged: neither when it is answered nor when it is refused."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.handlers import Client, load_function

# Long enough, and of letters that no log line has, for a find to be no accident.
LETTERS = "秘密の文章鬱蠢😀"
RAW = st.text(st.sampled_from(LETTERS), min_size=5, max_size=50)
SECRETS = RAW | st.text(st.sampled_from(LETTERS + "\ud83d"), min_size=5, max_size=50)
BODIES = st.one_of(
    SECRETS.map(lambda text: {"text": text}),
    st.lists(SECRETS, max_size=3).map(lambda texts: {"texts": texts}),
    SECRETS.map(lambda text: {"text": text * 1_000}),
    SECRETS.map(lambda text: {"text": ["a", text]}),
    SECRETS.map(lambda text: {"text": "a", text: text}),
    SECRETS.map(lambda text: {"texts": [text, 1, None]}),
    SECRETS,
).map(json.dumps)


@pytest.fixture
def client(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    return Client(load_function("sentiment").handler)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(RAW, BODIES | RAW.map(lambda text: '{"text": "' + text))
def test_no_text_is_logged(
    client: Client,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    secret: str,
    body: str,
) -> None:
    caplog.clear()
    status, _, _ = client.request("POST", "/sentiment/predict", body)
    assert status in (200, 400, 422)
    client.request("POST", "/sentiment/predict", '{"text": "a"}', content_type=f"text/{secret}")
    logged = "".join([*capfd.readouterr(), caplog.text])
    assert "Requests" in logged
    assert not [one for one in LETTERS if one in logged or json.dumps(one)[1:-1] in logged]


def test_no_text_is_logged_when_the_model_fails(
    client: Client,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("coldframe.linear.LinearText.predict", fail)
    status, headers, _ = client.predict({"text": "秘密の文章"})
    assert (status, headers["cache-control"]) == (500, "no-store")
    logged = "".join([*capfd.readouterr(), caplog.text])
    assert "ZeroDivisionError" in logged
    assert not [one for one in LETTERS if one in logged or json.dumps(one)[1:-1] in logged]
