"""The API's scores and the CSV's are equal to the last bit."""

import csv
import io
from typing import Any

import pytest

from coldframe import limits
from coldframe.registry import make_champion
from coldframe.store import Store
from models.forge.publish import publish
from models.forge.version import read_version
from tests import made
from tests.generated import labelled_texts
from tests.handlers import Client, load_function, variables
from tests.integration.batch.cloud import Cloud

ROWS = 10_000
LABELS = ("positive", "neutral", "negative")


def test_the_csv_has_the_apis_scores(cloud: Cloud, aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # blocks of the usual size
    shipped = read_version("sentiment", version="v9.0.0")
    store = Store.open(cloud.models)
    target = publish(store, shipped.manifest, shipped.files, made.NOTE)
    make_champion(store, "sentiment", target, made.NOTE)
    texts = [text for text, _ in labelled_texts(ROWS, LABELS)]
    answers = from_the_api(aws, cloud.models, texts, monkeypatch)
    rows = from_a_csv(cloud, texts)
    assert len(answers) == len(rows) == ROWS
    for text, answer, row in zip(texts, answers, rows, strict=True):
        assert row["text"] == text
        assert (row["result"], row["label"]) == (answer["result"], answer["label"])
        assert float(row["score"]) == answer["score"]
        assert {label: float(row[f"score_{label}"]) for label in LABELS} == answer["scores"]
        assert answer["model_version"] == "v9.0.0"


def from_the_api(aws: str, bucket: str, texts: list[str], patch: pytest.MonkeyPatch) -> list[Any]:
    for name, value in variables(aws, bucket).items():
        patch.setenv(name, value)
    client = Client(load_function("sentiment").handler)
    answers: list[Any] = []
    for first in range(0, len(texts), limits.TEXTS_MAX_COUNT):
        status, _, body = client.predict({"texts": texts[first : first + limits.TEXTS_MAX_COUNT]})
        assert status == 200
        answers += body["predictions"]
    return answers


def from_a_csv(cloud: Cloud, texts: list[str]) -> list[dict[str, str]]:
    table = io.StringIO(newline="")
    csv.writer(table).writerows([["id", "text"], *enumerate(texts)])
    drop = cloud.drop("sentiment/a.csv", table.getvalue().encode())
    cloud.announce(drop)
    cloud.work_off()
    report = cloud.report(drop)
    assert (report["model_version"], report["scored"]) == ("v9.0.0", ROWS)
    result = cloud.finals(drop)["result"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(result, newline="")))
