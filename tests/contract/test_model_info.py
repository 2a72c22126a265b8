"""What an endpoint says of its model."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from coldframe.changes import Target
from coldframe.loading import LoadedModel
from coldframe.manifest import sha256
from coldframe.model_info import ModelInfo, describe
from coldframe.store import Store
from models.forge.publish import publish
from models.forge.version import read_version
from tests import made
from tests.handlers import Client, load_function, variables


@pytest.fixture
def bucket_of_sentiment(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in variables(aws, bucket).items():
        monkeypatch.setenv(name, value)
    return bucket


def model_info() -> tuple[int, dict[str, str], Any]:
    return Client(load_function("sentiment").handler).request("GET", "/sentiment/model-info")


def test_it_says_what_the_manifest_says(bucket_of_sentiment: str) -> None:
    shipped = read_version("sentiment", version="v9.0.0")
    publish(Store.open(bucket_of_sentiment), shipped.manifest, shipped.files, made.NOTE)
    before = datetime.now(UTC).replace(microsecond=0)
    status, _, info = model_info()
    assert status == 200
    assert ModelInfo(**info).model_dump() == info
    manifest = shipped.manifest
    assert (info["model"], info["version"], info["kind"]) == ("sentiment", "v9.0.0", "linear-text")
    assert info["labels"] == ["positive", "neutral", "negative"]
    assert info["input"]["maxLength"] == manifest.text_max_chars == 1_000
    assert info["metrics"] == manifest.metrics
    assert info["metrics"]["terms"]
    assert info["manifest_sha256"] == sha256(manifest.to_bytes())
    assert before <= datetime.fromisoformat(info["loaded_since"]) <= datetime.now(UTC)


@pytest.mark.usefixtures("bucket_of_sentiment")
def test_without_a_model_it_is_503() -> None:
    status, headers, problem = model_info()
    assert (status, headers["retry-after"]) == (503, "5")
    assert problem["type"] == "urn:coldframe:problem:model-unavailable"


def test_a_threshold_is_shown_without_the_table_it_was_chosen_from() -> None:
    threshold = {"value": 0.4, "objective": "best F1", "interval": [0.3, 0.5], "table": [[0.1, 2, 3]]}
    manifest = replace(made.manifest("v1.0.0", b""), thresholds={"negative": threshold})
    found = describe(LoadedModel(Target("v1.0.0", "0" * 64), manifest, None))  # type: ignore[arg-type]
    assert found["thresholds"] == {"negative": {"value": 0.4, "objective": "best F1", "interval": [0.3, 0.5]}}
