"""The moderation contract, event in and answer out, with the weights in a real S3 API."""

import hashlib
import json
from typing import Any

import pytest

from coldframe.store import Store
from tests import made
from tests.handlers import Client, load_function

ACTIONS = {"LOW": "ALLOW", "MEDIUM": "REVIEW", "HIGH": "BLOCK"}
TEXTS = [f"text number {number} says what it says" for number in range(300)]


@pytest.fixture
def client(lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    names = {"MODEL_NAME": "moderation", "POWERTOOLS_SERVICE_NAME": "moderation"}
    for name, value in (lambda_environment | names).items():
        monkeypatch.setenv(name, value)
    return Client(load_function("moderation").handler)


@pytest.fixture
def published(bucket: str) -> None:
    made.published(Store.open(bucket), "v1.2.0", of=made.moderation)


@pytest.fixture
def served(published: None, client: Client) -> Client:
    return client


def predict(client: Client, content: Any) -> tuple[int, Any]:
    return client.request("POST", "/moderation/predict", json.dumps(content))[::2]


def test_every_text_gets_what_the_contract_names(served: Client) -> None:
    status, answer = predict(served, {"texts": TEXTS})
    assert status == 200
    for text, one in zip(TEXTS, answer["predictions"], strict=True):
        assert one["text_hash"] == hashlib.sha256(text.encode()).hexdigest()
        assert one["threshold"] == 0.6
        assert one["is_fallback"] is False
        assert one["latency_ms"] > 0
        assert (one["probability"] >= 0.6) == (one["label"] != "benign") == (one["risk_level"] != "LOW")
        assert one["recommended_action"] == ACTIONS[one["risk_level"]]
        assert "parts" not in one
    metadata = answer["metadata"]
    assert metadata["total_items"] == sum(metadata["counts"].values()) == len(TEXTS)
    assert set(metadata["counts"]) == {"hate", "offensive", "benign"}
    assert metadata["model_version"] == "v1.2.0"
    assert {one["risk_level"] for one in answer["predictions"]} == set(ACTIONS)


def test_without_a_model_nothing_is_allowed(client: Client) -> None:
    status, answer = predict(client, {"texts": ["one", "two"]})
    assert status == 200
    for one in answer["predictions"]:
        said = {name: one[name] for name in ("label", "risk_level", "recommended_action", "probability")}
        assert said == {
            "label": "UNKNOWN",
            "risk_level": "MEDIUM",
            "recommended_action": "REVIEW",
            "probability": None,
        }
        assert one["is_fallback"] is True
    assert answer["metadata"]["counts"] == {"UNKNOWN": 2}
    assert answer["metadata"]["model_version"] is None


def test_without_a_model_a_decision_and_its_fallback_are_written_down(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    predict(client, {"text": "a text that nobody sees in the log"})
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (decision,) = (line for line in lines if line.get("message") == "decision")
    assert (decision["label"], decision["recommended_action"]) == ("UNKNOWN", "REVIEW")
    assert decision["model_version"] is None
    assert any(line.get("Fallbacks") == [1.0] for line in lines)
    assert all("nobody sees" not in json.dumps(line) for line in lines)


def test_one_text_is_answered_as_in_company(served: Client) -> None:
    _, many = predict(served, {"texts": TEXTS[:5]})
    for text, expected in zip(TEXTS, many["predictions"], strict=False):
        _, alone = predict(served, {"text": text})
        (one,) = alone["predictions"]
        assert {**one, "latency_ms": 0} == {**expected, "latency_ms": 0}


def test_parts_add_up_to_words_of_the_text(served: Client) -> None:
    text = "first  second third\nfourth"
    _, answer = predict(served, {"text": text, "explain": True})
    parts = answer["predictions"][0]["parts"]
    assert {part["part"] for part in parts} == set(text.split())
    assert all(text[part["start"] : part["end"]] == part["part"] for part in parts)
    weights = [abs(part["weight"]) for part in parts]
    assert weights == sorted(weights, reverse=True)
    assert any(weights)


def test_a_long_text_is_explained_in_few_parts(served: Client) -> None:
    text = " ".join(f"word{number}" for number in range(1_000))
    _, answer = predict(served, {"text": text, "explain": True})
    parts = answer["predictions"][0]["parts"]
    assert len(parts) == 10
    assert all(part["part"].count(" ") in {33, 9} for part in parts)


@pytest.mark.parametrize(
    ("content", "pointer", "words"),
    [
        ({"texts": ["x" * 10_001]}, "/texts/0", "more than 10000 characters"),
        ({"texts": ["a"] * 1_001}, "/texts", "send at most 1000"),
        ({"texts": ["a"] * 11, "explain": True}, "", "at most 10 texts to explain"),
        ({"texts": ["a"], "explain": "yes"}, "/explain", "bool"),
        ({"texts": [" "]}, "/texts/0", "blank"),
        ({}, "", "either `text`"),
    ],
)
def test_bad_input_is_told_by_field(served: Client, content: Any, pointer: str, words: str) -> None:
    status, problem = predict(served, content)
    assert status == 422
    assert problem["errors"][0]["pointer"] == pointer
    assert words in problem["errors"][0]["detail"]


def test_ten_thousand_characters_are_taken(served: Client) -> None:
    assert predict(served, {"text": "word " * 2_000})[0] == 200


def test_a_csv_says_the_same(served: Client) -> None:
    from tests.forms import CONTENT_TYPE, file_form

    rows = "text\n" + "\n".join(TEXTS[:20])
    answer = served.answer("POST", "/moderation/batch", file_form(rows.encode()), CONTENT_TYPE)
    assert answer["statusCode"] == 200
    header, *lines = answer["body"].removeprefix("\ufeff").splitlines()
    assert header == (
        "text,recommended_action,risk_level,label,probability,score_hate,score_offensive,score_benign"
    )
    _, expected = predict(served, {"texts": TEXTS[:20]})
    for line, one in zip(lines, expected["predictions"], strict=True):
        scores = [one["probability"], *one["scores"].values()]
        assert line.split(",")[1:4] == [one["recommended_action"], one["risk_level"], one["label"]]
        assert list(map(float, line.split(",")[4:])) == scores
