"""The sentiment contract, event in and answer out, with the weights in a real S3 API."""

import json
from typing import Any

import pytest

from coldframe.metrics.names import LATENCY_BUCKETS
from tests.handlers import Client, load_function


@pytest.fixture
def client(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    return Client(load_function("sentiment").handler)


def test_one_text_gives_one_object(client: Client) -> None:
    status, headers, answer = client.predict({"text": "この商品は素晴らしいです！"})
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert answer["result"] in {"ポジティブ", "ネガティブ"}
    assert 0.5 <= answer["score"] <= 1
    assert set(answer["scores"]) == {"positive", "neutral", "negative"}
    assert sum(answer["scores"].values()) == pytest.approx(1)
    assert answer["label"] == max(answer["scores"], key=answer["scores"].__getitem__)
    assert answer["model_version"] == "v1.0.0"


def test_many_texts_give_many_and_each_is_the_same_as_alone(client: Client) -> None:
    texts = ["良い", "だめ", "普通の商品だと思います", "x" * 1000]
    status, _, answer = client.predict({"texts": texts})
    assert status == 200
    assert answer["predictions"] == [client.predict({"text": text})[2] for text in texts]


def test_result_and_label_never_contradict(client: Client) -> None:
    _, _, answer = client.predict({"texts": [f"文章{n}" for n in range(1000)]})
    seen = {(one["label"], one["result"]) for one in answer["predictions"]}
    assert ("positive", "ネガティブ") not in seen
    assert ("negative", "ポジティブ") not in seen
    assert len(seen) == 4


def test_health(client: Client) -> None:
    assert client.request("GET", "/sentiment/healthz")[::2] == (200, {"status": "ok"})
    status, _, health = client.request("GET", "/sentiment/health")
    assert status == 200
    assert health["status"] == "healthy"
    assert health["model_loaded"] is True
    assert health["message"] == "serving v1.0.0"
    assert health["build_metadata"]["model_version"] == "v1.0.0"
    assert len(health["build_metadata"]["model_sha256"]) == 64
    assert health["build_metadata"]["verified"] is True


@pytest.mark.parametrize(
    ("content", "pointer", "words"),
    [
        ({"text": ""}, "/text", "empty"),
        ({"text": " \u3000\n"}, "/text", "blank"),
        ({"text": "あ" * 1001}, "/text", "more than 1000 characters"),
        ({"text": "a\0b"}, "/text", "U+0000 at position 1"),
        ({"text": "\ud800"}, "/text", "surrogate"),
        ({"text": 5}, "/text", "string"),
        ({"text": None}, "", "either `text`"),
        ({"texts": []}, "/texts", "empty"),
        ({"texts": ["a"] * 1001}, "/texts", "1001 items: send at most 1000"),
        ({"texts": ["a", ""]}, "/texts/1", "empty"),
        ({"texts": "a"}, "/texts", "list"),
        ({"text": "a", "texts": ["b"]}, "", "either `text`"),
        ({"text": "a", "lang/~": "ja"}, "/lang~1~0", "remove it"),
        ({"text": "a", "\ud800": "ja"}, "", "surrogate"),
        ({}, "", "either `text`"),
        ([], "", "object"),
        ("text", "", "object"),
        (None, "", "object"),
    ],
)
def test_a_wrong_body_is_answered_with_the_field_and_the_fix(
    client: Client, content: Any, pointer: str, words: str
) -> None:
    status, headers, answer = client.predict(content)
    assert status == 422
    assert headers["content-type"] == "application/problem+json"
    assert answer["type"] == "urn:coldframe:problem:invalid-request"
    assert answer["status"] == 422
    assert answer["request_id"] == "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    assert answer["errors"][0]["pointer"] == pointer
    assert words in answer["errors"][0]["detail"]


@pytest.mark.parametrize("body", ["{", "", '{"text": "a"', "[" * 100_000, "\ufeff{}"])
def test_what_is_not_json_is_refused(client: Client, body: str) -> None:
    status, headers, answer = client.request("POST", "/sentiment/predict", body)
    assert status in {400, 422}
    assert headers["content-type"] == "application/problem+json"
    assert any(
        words in json.dumps(answer)
        for words in (
            "not JSON",
            "parsing the body",
            "the body should have either `text`",
            "the body is required",
        )
    )


@pytest.mark.parametrize("content_type", [None, "text/plain", "multipart/form-data", "application/x-json"])
def test_only_json_is_taken(client: Client, content_type: str | None) -> None:
    status, _, answer = client.request("POST", "/sentiment/predict", '{"text": "a"}', content_type)
    assert status == 415
    assert "Content-Type: application/json" in answer["detail"]


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/sentiment/predict", 405), ("GET", "/x", 404)]
)
def test_an_unknown_way_is_a_problem_too(client: Client, method: str, path: str, status: int) -> None:
    answered, headers, answer = client.request(method, path)
    assert (answered, answer["status"]) == (status, status)
    assert headers["content-type"] == "application/problem+json"


def test_many_wrong_fields_are_not_all_listed(client: Client) -> None:
    _, _, answer = client.predict({"texts": [1] * 1000})
    assert len(answer["errors"]) == 20


def test_the_metrics_of_a_call_go_to_stdout(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.predict({"texts": ["良い", "だめ"]})
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    (call,) = (line for line in lines if "_aws" in line)
    assert call["Items"] == [2.0]
    assert sum(call[name][0] for name in call if name.startswith("Predictions_")) == 2
    assert call["Requests2xx"] == call["ColdStarts"] == call["Loads"] == [1.0]
    assert [call[name] for name in call if name in LATENCY_BUCKETS] == [[1.0]]
    assert call["LatencyMs"][0] > 0
    assert call["LoadMs"][0] > 0
    assert "LoadFailures" not in call
    assert call["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Coldframe"


def test_no_text_is_in_the_logs(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    client.predict({"text": "秘密の文章"})
    client.predict({"text": "秘密の文章" * 1000, "秘密": 1})
    captured = capfd.readouterr()
    assert "秘密" not in captured.out + captured.err
    assert "\\u79d8" not in captured.out + captured.err
