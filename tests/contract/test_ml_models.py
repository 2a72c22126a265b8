"""/ml-models and the prefix that it once had, event in and answer out."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import boto3
import pytest

from coldframe import limits
from coldframe.catalog.routes import PREFIXES
from coldframe.changes import STAGING
from coldframe.features import GRAPH
from coldframe.manifest import ENCODER, FileEntry, Manifest
from coldframe.registry import (
    aliases_key,
    make_champion,
    manifest_key,
    read_history,
    signature_key,
    version_prefix,
)
from coldframe.store import Store
from models.forge.promote import start_trial
from models.forge.publish import publish
from models.forge.rollback import roll_back
from tests import made, made_features
from tests.handlers import ROOT, Client, load_function, variables

AWAY = "http://127.0.0.1:9"


@pytest.fixture
def store(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in (variables(aws, bucket) | {"POWERTOOLS_SERVICE_NAME": "registry"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MODEL_NAME")
    return Store.open(bucket)


@pytest.fixture
def client(store: Store) -> Client:
    """The function's, with v1.0.0 live, v1.1.0 live before it, and v1.10.0 published."""
    made.published(store, "v1.1.0", seed=1)
    made.published(store, "v1.0.0")
    publish_made(store, "v1.10.0", seed=2)
    return Client(load_function("registry").handler)


def publish_made(store: Store, version: str, seed: int = 0) -> None:
    data = made.weights(seed)
    publish(store, made.manifest(version, data), {"weights.npz": data}, made.NOTE)


def delete(bucket: str, key: str) -> None:
    boto3.client("s3").delete_object(Bucket=bucket, Key=key)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_list_has_whole_versions_oldest_first(client: Client, prefix: str, bucket: str) -> None:
    delete(bucket, manifest_key("sentiment", "v1.1.0"))
    status, _, answer = client.request("GET", prefix)
    assert status == 200
    assert answer.keys() == {"models", "timestamp"}
    assert answer["models"] == {"sentiment": ["v1.0.0", "v1.10.0"]}
    assert datetime.fromisoformat(answer["timestamp"]).utcoffset() is not None


def test_a_part_of_other_models_is_no_model(client: Client, store: Store) -> None:
    part = Manifest("part", "v1.0.0", ENCODER, (FileEntry.of("a", b""),), ())
    store.create(manifest_key("part", "v1.0.0"), part.to_bytes())
    assert client.request("GET", "/ml-models")[2]["models"].keys() == {"sentiment"}
    status, _, problem = client.request("GET", "/ml-models/part")
    assert (status, problem["detail"]) == (404, "There is no such model; there is sentiment.")


@pytest.mark.usefixtures("store")
def test_an_empty_registry_has_an_empty_list() -> None:
    client = Client(load_function("registry").handler)
    assert client.request("GET", "/ml-models")[2]["models"] == {}
    assert "there is none yet" in client.request("GET", "/ml-models/sentiment/health")[2]["detail"]


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("asked", "version", "state"),
    [
        (None, "v1.10.0", "published"),
        ("latest", "v1.10.0", "published"),
        ("v1.0.0", "v1.0.0", "champion"),
    ],
)
def test_a_version_is_described(
    client: Client, prefix: str, asked: str | None, version: str, state: str
) -> None:
    status, _, answer = client.request(
        "GET", f"{prefix}/sentiment", query={"version": asked} if asked else None
    )
    assert status == 200
    metadata = answer.pop("metadata")
    assert answer == {
        "model_type": "sentiment",
        "version": version,
        "deployed_version": "v1.0.0",
        "available": True,
    }
    assert (metadata["state"], metadata["labels"]) == (state, list(made.LABELS))
    assert (metadata["signed"], metadata["problem"], metadata["percent"]) == (False, None, None)
    assert metadata["files"] == {"weights.npz": metadata["size_bytes"]}
    assert datetime.fromisoformat(metadata["since"]).utcoffset() is not None


def test_a_challenger_has_its_share_and_a_signature_is_seen(client: Client, store: Store) -> None:
    start_trial(store, "sentiment", "v1.10.0", 5, "production", made.NOTE)
    store.create(signature_key("sentiment", "v1.10.0"), b"{}")
    metadata = client.request("GET", "/ml-models/sentiment")[2]["metadata"]
    assert (metadata["state"], metadata["percent"], metadata["signed"]) == ("challenger", 5, True)


def test_a_model_file_that_is_gone_makes_its_version_unavailable(client: Client, bucket: str) -> None:
    key = f"{version_prefix('sentiment', 'v1.0.0')}weights.npz"
    delete(bucket, key)
    status, _, answer = client.request("GET", "/ml-models/sentiment", query={"version": "v1.0.0"})
    assert (status, answer["available"]) == (200, False)
    assert answer["metadata"]["problem"] == f"nothing is stored at {key}"
    health = client.request("GET", "/ml-models/sentiment/health")[2]
    assert (health["status"], health["available"], health["loadable"]) == ("unavailable", False, False)
    assert key in health["message"]


def test_a_deployed_version_whose_manifest_is_gone_is_still_spoken_of(client: Client, bucket: str) -> None:
    delete(bucket, manifest_key("sentiment", "v1.0.0"))
    answer = client.request("GET", "/ml-models/sentiment", query={"version": "v1.0.0"})[2]
    assert (answer["available"], answer["metadata"]["kind"]) == (False, None)
    assert client.request("GET", "/ml-models/sentiment/health")[2]["status"] == "unavailable"


def test_figures_that_are_no_numbers_are_no_reason_to_fail(client: Client, store: Store) -> None:
    data = made.weights(3)
    manifest = replace(made.manifest("v2.0.0", data), metrics={"figures": [{"value": float("nan")}]})
    publish(store, manifest, {"weights.npz": data}, made.NOTE)
    assert client.request("GET", "/ml-models/sentiment")[0] == 200


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_is_unknown_is_404_and_told_what_there_is(client: Client, prefix: str) -> None:
    for rest in ("", "/health"):
        for version in ("v9.0.0", "1.0.0", "latest ", "../aliases.json"):
            status, headers, problem = client.request(
                "GET", f"{prefix}/sentiment{rest}", query={"version": version}
            )
            assert (status, problem["type"]) == (404, "urn:coldframe:problem:not-found")
            assert headers["content-type"] == "application/problem+json"
            assert problem["detail"] == "sentiment has no such version; there is v1.0.0, v1.1.0, v1.10.0."
    for rest in ("", "/health", "/history"):
        status, _, problem = client.request("GET", f"{prefix}/nobody{rest}")
        assert (status, problem["detail"]) == (404, "There is no such model; there is sentiment.")


def test_a_version_that_is_blank_is_as_good_as_none(client: Client) -> None:
    for rest, version in (("", "v1.10.0"), ("/health", "v1.0.0")):
        asked = client.request("GET", f"/ml-models/sentiment{rest}", query={"version": ""})
        assert (asked[0], asked[2]["version"]) == (200, version)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_health_loads_the_deployed_version(client: Client, prefix: str) -> None:
    status, _, answer = client.request("GET", f"{prefix}/sentiment/health")
    deployed_at = answer["metadata"].pop("deployed_at")
    assert (status, answer) == (
        200,
        {
            "model_type": "sentiment",
            "version": "v1.0.0",
            "status": "healthy",
            "available": True,
            "loadable": True,
            "message": "v1.0.0 loads and answers",
            "metadata": {"version": "v1.0.0"},
        },
    )
    assert datetime.fromisoformat(deployed_at).utcoffset() is not None


def test_health_of_a_version_that_is_not_deployed(client: Client) -> None:
    answer = client.request("GET", "/ml-models/sentiment/health", query={"version": "latest"})[2]
    assert (answer["version"], answer["loadable"]) == ("v1.10.0", True)
    assert answer["metadata"] == {"version": "v1.10.0", "deployed_at": None}


def test_a_model_of_features_is_tried_like_any_other(client: Client, store: Store, bucket: str) -> None:
    data = made_features.graph()
    for version in ("v1.0.0", "v1.1.0"):
        publish(store, made_features.manifest(data, version), {GRAPH: data}, made.NOTE)
    answer = client.request("GET", "/ml-models/boxes/health")[2]
    assert (answer["status"], answer["message"]) == ("healthy", "v1.0.0 loads and answers")
    broken = boto3.client("s3").put_object
    broken(Bucket=bucket, Key=f"models/boxes/v1.1.0/{GRAPH}", Body=b"0" * len(data))
    answer = client.request("GET", "/ml-models/boxes/health", query={"version": "v1.1.0"})[2]
    assert (answer["status"], answer["loadable"]) == ("unavailable", False)
    assert "does not have the SHA-256" in answer["message"]


def test_health_of_a_version_whose_bytes_were_changed(client: Client, bucket: str) -> None:
    s3, key = boto3.client("s3"), f"{version_prefix('sentiment', 'v1.0.0')}weights.npz"
    data = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=data[:-1] + bytes([data[-1] ^ 1]))
    status, _, answer = client.request("GET", "/ml-models/sentiment/health")
    assert (status, answer["status"]) == (200, "unavailable")
    assert (answer["available"], answer["loadable"]) == (True, False)
    assert answer["message"] == "weights.npz does not have the SHA-256 that its manifest lists"


def test_health_of_a_version_that_gets_its_own_example_wrong(client: Client, store: Store) -> None:
    data = made.weights(4)
    manifest = made.manifest("v2.0.0", data)
    examples = tuple({"text": "良い", "label": label} for label in made.LABELS)  # one of them is right
    wrong = [replace(manifest, version=f"v2.0.{at}", smoke=(one,)) for at, one in enumerate(examples)]
    for each in wrong:
        publish(store, each, {"weights.npz": data}, made.NOTE)
    answers = [
        client.request("GET", "/ml-models/sentiment/health", query={"version": each.version})[2]
        for each in wrong
    ]
    assert sorted(one["loadable"] for one in answers) == [False, False, True]
    assert sum("and should call it" in one["message"] for one in answers) == 2


def test_an_environment_without_a_champion_is_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODEL_ENVIRONMENT", STAGING)
    client = Client(load_function("registry").handler)
    status, _, answer = client.request("GET", "/ml-models/sentiment/health")
    assert (status, answer["status"], answer["version"]) == (200, "unavailable", None)
    assert "no version deployed in staging" in answer["message"]
    assert client.request("GET", "/ml-models/sentiment")[2]["deployed_version"] is None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_history_has_the_newest_first_and_no_names(client: Client, store: Store, prefix: str) -> None:
    roll_back(store, "sentiment", "production", made.NOTE)
    status, _, answer = client.request("GET", f"{prefix}/sentiment/history")
    assert (status, answer["older"]) == (200, 0)
    changes = [(one["action"], one["before"], one["after"]) for one in answer["changes"]]
    assert changes == [
        ("rollback", "v1.0.0", "v1.1.0"),
        ("promote", "v1.1.0", "v1.0.0"),
        ("promote", None, "v1.1.0"),
    ]
    assert {one["why"] for one in answer["changes"]} == {made.NOTE.why}
    assert made.NOTE.by not in json.dumps(answer)


def test_a_long_history_says_how_much_is_left_out(client: Client, store: Store) -> None:
    first, second = (made.published(store, f"v3.0.{at}", seed=at) for at in range(2))
    for at in range(130):
        make_champion(store, "sentiment", (first, second)[at % 2], made.NOTE)
    answer = client.request("GET", "/ml-models/sentiment/history")[2]
    revisions = [change["revision"] for change in answer["changes"]]
    newest = len(read_history(store, "sentiment"))
    assert revisions == list(range(newest, answer["older"], -1))
    assert newest > len(revisions) >= limits.ALIAS_HISTORY_MAX_COUNT


@pytest.mark.parametrize("rest", ["", "/sentiment", "/sentiment/history"])
def test_a_store_that_is_away_is_a_503_that_says_when_to_come_back(
    client: Client, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", AWAY)
    status, headers, problem = Client(load_function("registry").handler).request("GET", "/ml-models" + rest)
    assert (status, problem["type"]) == (503, "urn:coldframe:problem:service-unavailable")
    assert int(headers["retry-after"]) > 0


def test_health_says_so_when_the_store_is_away(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", AWAY)
    client = Client(load_function("registry").handler)
    status, _, answer = client.request("GET", "/ml-models/sentiment/health", query={"version": "v1.0.0"})
    assert (status, answer["status"], answer["version"]) == (200, "unavailable", "v1.0.0")
    assert "did not answer" in answer["message"]


def test_a_malformed_alias_document_is_503_and_leaves_the_list_alone(client: Client, bucket: str) -> None:
    boto3.client("s3").put_object(Bucket=bucket, Key=aliases_key("sentiment"), Body=b"{}")
    assert client.request("GET", "/ml-models")[2]["models"].keys() == {"sentiment"}
    assert client.request("GET", "/ml-models/sentiment")[0] == 503
    status, _, answer = client.request("GET", "/ml-models/sentiment/health")
    assert (status, answer["status"]) == (200, "unavailable")
    assert "malformed" in answer["message"]


@pytest.mark.parametrize("version", ["..", "../../other", "v1", "v1.0.0\0", "-c", ""])
def test_an_alias_document_that_names_no_version_makes_nothing_fail(
    client: Client, bucket: str, version: str
) -> None:
    target = {"version": version, "manifest_sha256": "\0"}
    document = {"aliases": {"champion": target}, "history": [], "revision": 1}
    boto3.client("s3").put_object(
        Bucket=bucket, Key=aliases_key("sentiment"), Body=json.dumps(document).encode()
    )
    assert client.request("GET", "/ml-models/sentiment")[0] == 200
    status, _, answer = client.request("GET", "/ml-models/sentiment/health")
    assert (status, answer["status"], answer["available"]) == (200, "unavailable", False)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_it_only_looks(client: Client, method: str) -> None:
    assert client.request(method, "/ml-models/sentiment", "{}")[0] == 405


def test_its_document_is_served_and_it_is_alive_without_a_store(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", AWAY)
    document: dict[str, Any] = json.loads((ROOT / "docs/openapi/registry.json").read_text("utf-8"))
    assert client.request("GET", "/ml-models/openapi.json")[2] == document
    assert client.request("GET", "/ml-models/healthz")[2] == {"status": "ok"}
