"""The Open Inference Protocol where a version is on trial, or something is away or broken."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from coldframe import limits, manifest
from coldframe.changes import PRODUCTION
from coldframe.inference import tensors
from coldframe.inference.kinds import KINDS
from coldframe.registry import aliases_key, change
from coldframe.store import Store
from tests import made, made_knowledge
from tests.handlers import Client, load_function, variables
from tests.inferring import MODERATION, SENTIMENT, TICKETS, columns, inferred, refused, tensor

AWAY = "http://127.0.0.1:9"
Start = Callable[..., Client]


@pytest.fixture
def store(bucket: str) -> Store:
    return Store.open(bucket)


@pytest.fixture
def start(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Start a function, the inference function if none is named, with more in its environment."""

    def started(name: str = "inference", **more: str) -> Client:
        own = {"MODEL_NAME": name, "POWERTOOLS_SERVICE_NAME": name}
        for variable, value in (variables(aws, bucket) | own | more).items():
            monkeypatch.setenv(variable, value)
        return Client(load_function(name).handler)

    return started


def on_trial(store: Store, percent: int) -> None:
    """Publish v1.1.0, which is the challenger, and v1.0.0."""
    challenger = made.published(store, "v1.1.0", seed=1)
    made.published(store, "v1.0.0")
    change(store, "sentiment", lambda old: old.tried(PRODUCTION, challenger, percent, made.NOTE))


def answered_by(client: Client, path: str, content: object, key: str) -> str:
    headers = {"X-Routing-Key": key} if key else {}
    given = client.answer("POST", path, json.dumps(content), "application/json", more_headers=headers)
    version: str = json.loads(given["body"])["model_version"]
    return version


def test_the_same_inputs_or_key_get_the_same_version_as_at_the_plain_route(
    store: Store, start: Start
) -> None:
    on_trial(store, 50)
    client, plain = start(), start("sentiment")
    seen = set()
    for text, key in [(str(number), "") for number in range(20)] + [
        ("a", str(number)) for number in range(20)
    ]:
        version = answered_by(client, f"{SENTIMENT}/infer", {"inputs": [tensor([text])]}, key)
        assert answered_by(plain, "/sentiment/predict", {"text": text}, key) == version
        seen.add((bool(key), version))
    assert seen == {(has_key, version) for has_key in (True, False) for version in ("v1.0.0", "v1.1.0")}


def test_what_the_challenger_fails_on_the_champion_answers(
    store: Store, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_trial(store, 99)
    client = start()
    texts = [[str(number)] for number in range(20)]
    assert "v1.1.0" in {inferred(client, SENTIMENT, tensor(text))[1]["model_version"] for text in texts}
    as_they_are = tensors.outputs

    def fail(predictor: Any, *others: Any) -> Any:
        if predictor.manifest.version == "v1.1.0":
            raise ZeroDivisionError
        return as_they_are(predictor, *others)

    monkeypatch.setattr(tensors, "outputs", fail)
    assert {inferred(client, SENTIMENT, tensor(text))[1]["model_version"] for text in texts} == {"v1.0.0"}
    pinned = inferred(client, f"{SENTIMENT}/versions/v1.1.0", tensor(["a"]))
    assert "the log has the reason" in refused(pinned, 500)


def test_tickets_are_answered_as_at_their_own_route(store: Store, start: Start) -> None:
    made_knowledge.published(store)
    texts = [made_knowledge.IN_SCOPE, made_knowledge.OUT_OF_SCOPE]
    client = start()
    status, answer = inferred(client, TICKETS, tensor(texts))
    assert status == 200
    plain = start("tickets").request("POST", "/tickets/classify", json.dumps({"texts": texts}))[2]
    said = columns(answer)
    names = ("confidence", "sla_hours", "urgency_score", "problem_confidence", "automation_confidence")
    assert {name: said[name] for name in names} == {
        name: [one[name] for one in plain["predictions"]] for name in names
    }
    assert said["business_category"] == [one["business_category"] for one in plain["predictions"]]
    assert said["in_scope"] == ["true", "false"]
    many = tensor(["a"] * (limits.TICKETS_MAX_COUNT + 1))
    assert "send at most 100 a request" in refused(inferred(client, TICKETS, many))
    assert "There is no model encoder" in refused(client.request("GET", "/v2/models/encoder")[::2], 404)


def test_a_number_that_is_missing_is_null() -> None:
    class Predictor:
        columns = ("label", "similarity")
        widest = ((("a",), (0.1,)),)

    given: Any = Predictor()
    (similarity,) = tensors.outputs(given, [(("a",), (0.5,)), (("b",), (None,))], ["similarity"])  # type: ignore[list-item]
    assert (similarity["data"], similarity["datatype"]) == ([0.5, None], "FP64")


def test_every_kind_that_answers_has_tensors() -> None:
    assert set(KINDS) == set(manifest.KINDS) - {manifest.ENCODER}


def test_models_beyond_the_bound_are_closed_and_opened_again(
    store: Store, start: Start, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made.published(store, "v1.0.0")
    made.published(store, "v1.0.0", of=made.moderation)
    monkeypatch.setattr(limits, "INFERENCE_MODELS_MAX_COUNT", 1)
    client = start()
    for path in (SENTIMENT, SENTIMENT, MODERATION, MODERATION, SENTIMENT):
        assert inferred(client, path, tensor(["a"]))[0] == 200
    assert capsys.readouterr().out.count('"message":"model loaded"') == 3


def test_with_the_store_away_only_the_process_is_alive(start: Start) -> None:
    client = start(AWS_ENDPOINT_URL=AWAY)
    assert client.request("GET", "/v2/health/live")[::2] == (200, {"live": True})
    for path in ("/v2/health/ready", SENTIMENT, f"{SENTIMENT}/versions/v1.0.0/ready"):
        status, headers, answer = client.request("GET", path)
        assert "the object store did not answer" in refused((status, answer), 503)
        assert int(headers["retry-after"]) > 0


def test_nothing_is_ready_before_something_is_live(store: Store, start: Start) -> None:
    assert "no model is live" in refused(start().request("GET", "/v2/health/ready")[::2], 503)
    made.published(store, "v1.0.0")
    assert start().request("GET", "/v2/health/ready")[0] == 200
    staging = start(MODEL_ENVIRONMENT="staging")
    assert "no model is live" in refused(staging.request("GET", "/v2/health/ready")[::2], 503)
    assert "no champion in staging" in refused(staging.request("GET", f"{SENTIMENT}/ready")[::2], 503)
    assert inferred(staging, f"{SENTIMENT}/versions/v1.0.0", tensor(["a"]))[0] == 200


def test_one_malformed_alias_document_makes_no_other_answer_a_503(store: Store, start: Start) -> None:
    store.create(aliases_key("broken"), b"{")
    made.published(store, "v1.0.0")
    client = start()
    assert client.request("GET", "/v2/health/ready")[0] == 200
    unknown = refused(client.request("GET", "/v2/models/nothing")[::2], 404)
    assert unknown.endswith("There is no model nothing; there is sentiment.")
    assert "aliases.json" in refused(client.request("GET", "/v2/models/broken")[::2], 503)


@pytest.mark.parametrize("broken", ["manifest.json", "weights.npz"])
def test_a_version_that_cannot_be_opened_is_a_503(
    store: Store, start: Start, aws: str, bucket: str, broken: str
) -> None:
    made.published(store, "v1.0.0")
    key = f"models/sentiment/v1.0.0/{broken}"
    boto3.client("s3", endpoint_url=aws).put_object(Bucket=bucket, Key=key, Body=b"{")
    client = start()
    for path in (SENTIMENT, f"{SENTIMENT}/versions/v1.0.0"):
        assert "No model can answer" in refused(inferred(client, path, tensor(["a"])), 503)


def test_an_unsigned_request_is_refused_in_the_protocols_form(store: Store, start: Start) -> None:
    made.published(store, "v1.0.0")
    client = start(SIGNING_SECRETS="secret")
    assert "x-signature is missing" in refused(inferred(client, SENTIMENT, tensor(["a"])), 401)
    assert client.request("GET", "/v2/health/live")[0] == 200
    status, _, document = client.request("GET", "/v2/openapi.json")
    responses = document["paths"]["/v2/models/{model}/infer"]["post"]["responses"]
    assert (status, list(responses["401"]["content"])) == (200, ["application/json"])


def test_an_answer_is_counted_and_its_text_is_not_logged(
    store: Store, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    made.published(store, "v1.0.0")
    assert inferred(start(), SENTIMENT, tensor(["秘密の文章", "秘密"]))[0] == 200
    logged = capsys.readouterr().out
    assert '"Items":[2.0]' in logged
    assert logged.count('"message": "decision"') == 2
    assert "秘" not in logged
    assert "Predictions_" not in logged
