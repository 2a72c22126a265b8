"""Which events the functions' own OpenAPI documents call for."""

import json
import re

import pytest

from coldframe.rollout.smoke import TEXT, request, smokes
from coldframe.signature import sign
from tests.endpoints import ANSWERED_AT
from tests.handlers import EVENT, ROOT

DOCUMENTS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "docs/openapi").glob("*.json")}


def tried(name: str) -> list[str]:
    return [one.name for one in smokes(DOCUMENTS[name], None)]


@pytest.mark.parametrize("name", ANSWERED_AT)
def test_any_model_is_asked_for_its_health_what_it_is_and_one_answer(name: str) -> None:
    assert {
        f"GET /{name}/healthz",
        f"GET /{name}/health",
        f"GET /{name}/model-info",
        f"POST /{name}/{ANSWERED_AT[name]}",
    } <= set(tried(name))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_function_is_asked_something_and_nothing_that_needs_parameters_or_writes(name: str) -> None:
    names = tried(name)
    assert any(one.endswith(("/healthz", "/health/live")) for one in names)
    assert not [one for one in names if "{" in one]
    assert "POST /batches" not in names
    assert not [one for one in names if one.endswith("/batch")]  # it takes a form


def test_a_required_parameter_leaves_a_route_out_and_another_does_not() -> None:
    def document(required: bool) -> dict[str, object]:
        return {"paths": {"/a": {"get": {"parameters": [{"name": "q", "required": required}]}}}}

    assert [one.name for one in smokes(document(required=False), None)] == ["GET /a"]
    assert list(smokes(document(required=True), None)) == []


def test_an_event_has_the_fields_of_a_real_one() -> None:
    event = request("POST", "/sentiment/predict", json.dumps({"text": TEXT})).event
    assert event.keys() == EVENT.keys()
    assert event["requestContext"].keys() <= EVENT["requestContext"].keys()
    assert event["requestContext"]["path"] == "/v1/sentiment/predict"
    assert event["requestContext"]["identity"].keys() <= EVENT["requestContext"]["identity"].keys()
    assert {name: [value] for name, value in event["headers"].items()} == event["multiValueHeaders"]


def test_each_signature_is_of_its_own_request() -> None:
    signed = [one.event for one in smokes(DOCUMENTS["sentiment"], "secret")]
    headers = [event["headers"]["x-signature"] for event in signed]
    assert len(set(headers)) == len(signed)
    for event, header in zip(signed, headers, strict=True):
        found = re.fullmatch(r"t=([0-9.]+),v1=(.*)", header)
        assert found is not None
        path, body = "/v1" + event["path"], (event["body"] or "").encode()
        assert found[2] == sign("secret", found[1], event["httpMethod"], path, body)
