"""What every endpoint with a trained model keeps to, those that `coldframe new` made too."""

import csv
import io
import json
from typing import Any

import pytest

from coldframe.store import Store
from models.forge.publish import publish
from models.forge.version import MODELS, names, read_version
from tests import made
from tests.endpoints import ANSWERED_AT
from tests.forms import CONTENT_TYPE, file_form
from tests.handlers import ROOT, Client, load_function, variables

# An encoder answers nothing by itself: what borrows it does.
TRAINED = [n for n in names() if n in ANSWERED_AT and (MODELS / n / "metrics.json").exists()]
NUMBERS_OF_A_TICKET = ("confidence", "sla_hours", "urgency_score", "problem_confidence")


@pytest.fixture(params=TRAINED)
def name(request: pytest.FixtureRequest) -> str:
    model: str = request.param
    return model


@pytest.fixture
def client(name: str, aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    owners = {entry.owner.partition("/")[0] for entry in read_version(name).manifest.files if entry.owner}
    for version in map(read_version, [*sorted(owners), name]):
        publish(Store.open(bucket), version.manifest, version.files, made.NOTE)
    own = {"MODEL_NAME": name, "POWERTOOLS_SERVICE_NAME": name}
    for variable, value in (variables(aws, bucket) | own).items():
        monkeypatch.setenv(variable, value)
    return Client(load_function(name).handler)


def checks(name: str) -> list[dict[str, str]]:
    """Texts with the labels that the model is to give them, from models/NAME/checks.csv if there is one."""
    path = MODELS / name / "checks.csv"
    if not path.exists():
        return [{"text": "a"}]
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def predicted(client: Client, name: str, texts: list[str]) -> list[dict[str, Any]]:
    path = f"/{name}/{ANSWERED_AT[name]}"
    status, _, answer = client.request("POST", path, json.dumps({"texts": texts}))
    assert status == 200
    predictions: list[dict[str, Any]] = answer["predictions"]
    return predictions


def test_the_checks_come_out_right(name: str, client: Client) -> None:
    """One in ten may not: a model that is trained anew on better rows need not lose to a single text."""
    rows = checks(name)
    answers = predicted(client, name, [row["text"] for row in rows])
    wrong = [
        (row["text"], row["label"], label_of(answer))
        for row, answer in zip(rows, answers, strict=True)
        if "label" in row and row["label"] != label_of(answer)
    ]
    assert len(wrong) <= len(rows) / 10, wrong


def test_a_file_says_what_the_api_says(name: str, client: Client) -> None:
    texts = [row["text"] for row in checks(name)]
    file = io.StringIO(newline="")
    csv.writer(file).writerows([["text"], *([text] for text in texts)])
    form = file_form(file.getvalue().encode())
    answer = client.answer("POST", f"/{name}/batch", form, CONTENT_TYPE)
    assert answer["statusCode"] == 200
    rows = csv.DictReader(io.StringIO(answer["body"].removeprefix("\ufeff"), newline=""))
    for row, one in zip(rows, predicted(client, name, texts), strict=True):
        said = numbers_of(one)
        assert {column: float(row[column]) for column in said} == said


def numbers_of(answer: dict[str, Any]) -> dict[str, float]:
    """What of an answer stands in columns of a file, by their names."""
    if "scores" in answer:
        return {f"score_{label}": score for label, score in answer["scores"].items()}
    return {name: answer[name] for name in NUMBERS_OF_A_TICKET}


def label_of(answer: dict[str, Any]) -> str:
    label: str = answer["label"] if "label" in answer else answer["business_category"]
    return label


def labels_of(name: str) -> tuple[str, ...]:
    return read_version(name).manifest.labels


def test_it_is_healthy_and_says_what_it_is(name: str, client: Client) -> None:
    assert client.request("GET", f"/{name}/healthz")[::2] == (200, {"status": "ok"})
    status, _, health = client.request("GET", f"/{name}/health")
    assert (status, health["status"]) == (200, "healthy")
    status, _, info = client.request("GET", f"/{name}/model-info")
    assert (status, info["model"], tuple(info["labels"])) == (200, name, labels_of(name))


def test_its_document_is_served(name: str, client: Client) -> None:
    document = (ROOT / "docs/openapi" / f"{name}.json").read_text("utf-8")
    status, _, served = client.request("GET", f"/{name}/openapi.json")
    assert (status, served) == (200, json.loads(document))
