"""What counts under which version while one is on trial, and that its failures cost no client anything."""

import json
from typing import Any

import pytest

from coldframe.changes import PRODUCTION
from coldframe.classifier import Classifier
from coldframe.registry import change
from coldframe.store import Store
from models.forge.publish import publish
from tests import made
from tests.handlers import Client, load_function

BY_VERSION = ["model", "model_version"]
TEXTS = [f"text {number}" for number in range(40)]


@pytest.fixture
def client(bucket: str, lambda_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Client:
    """Sentiment with v1.0.0 live and v1.0.1 on trial at 50%."""
    data, store = made.weights(1), Store.open(bucket)
    target = publish(store, made.manifest("v1.0.1", data), {"weights.npz": data}, made.NOTE)
    change(store, "sentiment", lambda old: old.tried(PRODUCTION, target, 50, made.NOTE))
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    return Client(load_function("sentiment").handler)


def lines(printed: str) -> list[dict[str, Any]]:
    """The lines of metrics: their dimensions, and what is counted."""
    found = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    return [line | {"dimensions": line["_aws"]["CloudWatchMetrics"][0]["Dimensions"]} for line in found]


def test_each_answer_counts_under_the_version_that_gave_it(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    versions = set()
    for text in TEXTS:
        capsys.readouterr()
        answer = client.predict({"text": text})[2]
        line = lines(capsys.readouterr().out)[-1]
        assert BY_VERSION in line["dimensions"]
        assert (line["model"], line["model_version"]) == ("sentiment", answer["model_version"])
        assert (line["Items"], line["Requests2xx"]) == ([1], [1])
        versions.add(answer["model_version"])
    assert versions == {"v1.0.0", "v1.0.1"}


@pytest.mark.parametrize("path", ["health", "model-info", "healthz"])
def test_what_asks_no_model_counts_for_none(
    client: Client, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    client.request("GET", f"/sentiment/{path}")
    counted = lines(capsys.readouterr().out)
    assert counted
    assert not [line for line in counted if BY_VERSION in line["dimensions"]]


def test_what_the_challenger_fails_on_the_champion_answers_and_counts(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails when all is said but the answer written, so that there is something to be taken back."""
    answer = Classifier.answer

    def failing(self: Classifier, row: Any) -> Any:
        if self.manifest.version == "v1.0.1":
            raise FloatingPointError("the challenger fails")
        return answer(self, row)

    monkeypatch.setattr(Classifier, "answer", failing)
    failures = 0
    for text in TEXTS:
        capsys.readouterr()
        status, _, said = client.predict({"text": text})
        assert (status, said["model_version"]) == (200, "v1.0.0")
        *alone, line = lines(capsys.readouterr().out)
        assert (line["model_version"], line["Items"], len(line["LatencyMs"])) == ("v1.0.0", [1], 1)
        failed = [one for one in alone if "Failures" in one]
        assert all(one["model_version"] == "v1.0.1" for one in failed)
        failures += len(failed)
    assert 5 < failures < len(TEXTS) - 5
