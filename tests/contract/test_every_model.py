"""What every endpoint with a trained model keeps to, those that `coldframe new` made too."""

import csv
import io
import json

import pytest

from coldframe.store import Store
from models.forge.publish import publish
from models.forge.version import MODELS, names, read_version
from tests.forms import CONTENT_TYPE, file_form
from tests.handlers import ROOT, Client, load_function, variables

TRAINED = [name for name in names() if (MODELS / name / "metrics.json").exists()]


@pytest.fixture(params=TRAINED)
def name(request: pytest.FixtureRequest) -> str:
    model: str = request.param
    return model


@pytest.fixture
def client(name: str, aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    version = read_version(name)
    publish(Store.open(bucket), version.manifest, version.files, "a test")
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


def predicted(client: Client, name: str, texts: list[str]) -> list[dict[str, object]]:
    status, _, answer = client.request("POST", f"/{name}/predict", json.dumps({"texts": texts}))
    assert status == 200
    predictions: list[dict[str, object]] = answer["predictions"]
    return predictions


def test_the_checks_come_out_right(name: str, client: Client) -> None:
    """One in ten may not: a model that is trained anew on better rows need not lose to a single text."""
    rows = checks(name)
    answers = predicted(client, name, [row["text"] for row in rows])
    wrong = [
        (row["text"], row["label"], answer["label"])
        for row, answer in zip(rows, answers, strict=True)
        if "label" in row and row["label"] != answer["label"]
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
    scored = [{label: float(row[f"score_{label}"]) for label in labels_of(name)} for row in rows]
    assert scored == [one["scores"] for one in predicted(client, name, texts)]


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
