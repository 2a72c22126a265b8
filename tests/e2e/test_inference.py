"""The Open Inference Protocol by NVIDIA's own client, in a local cloud as a user starts it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

from coldframe.features import GRAPH, FeatureModel, open_features
from models.forge.export.version import write
from models.forge.publish import publish
from models.forge.version import Version, read_version
from tests import made, made_features, made_knowledge
from tests.e2e.running import KEY, Cloud

TEXTS = {
    "sentiment": ["この商品は素晴らしいです！", "最悪の商品でした", "普通"],
    "moderation": ["have a nice day", "you are an idiot", "😀\n"],
    "tickets": [made_knowledge.IN_SCOPE, made_knowledge.OUT_OF_SCOPE],
}


@pytest.fixture(scope="module")
def served(cloud: Cloud) -> Cloud:
    made_knowledge.published(cloud.models(), "v0.9.0")
    return cloud


@pytest.fixture
def client(served: Cloud) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(f"127.0.0.1:{served.port}/v1", network_timeout=30) as made:
        yield made


def keyed() -> dict[str, str]:
    """The client adds to the headers that it is given, and would send them again with the next call."""
    return {"x-api-key": KEY}


def text_input(texts: list[str], *, binary_data: bool = False) -> InferInput:
    tensor = InferInput("text", [len(texts)], "BYTES")
    tensor.set_data_from_numpy(np.array(texts, dtype=np.object_), binary_data=binary_data)
    return tensor


def inferred(client: InferenceServerClient, model: str, texts: list[str], version: str = "") -> InferResult:
    """All outputs that the metadata names."""
    metadata = client.get_model_metadata(model, version, headers=keyed())
    wanted = [InferRequestedOutput(one["name"], binary_data=False) for one in metadata["outputs"]]
    return client.infer(model, [text_input(texts)], version, wanted, "42", headers=keyed())


def plain(cloud: Cloud, model: str) -> list[dict[str, Any]]:
    """What the model's own route says, flat."""
    route = "classify" if model == "tickets" else "predict"
    status, answer = cloud.call(f"/{model}/{route}", {"texts": TEXTS[model]})
    assert status == 200
    predictions: list[dict[str, Any]] = answer["predictions"]
    return [
        one | {f"score_{label}": score for label, score in one.get("scores", {}).items()}
        for one in predictions
    ]


def test_the_server_is_live_and_ready_and_says_what_it_is(client: InferenceServerClient) -> None:
    assert client.is_server_live()  # without a key
    assert client.is_server_ready(headers=keyed())
    assert client.get_server_metadata(headers=keyed())["name"] == "coldframe"
    assert not client.is_server_ready()


@pytest.mark.parametrize("model", TEXTS)
def test_the_answers_are_those_of_the_plain_route_to_the_bit(
    model: str, served: Cloud, client: InferenceServerClient
) -> None:
    assert client.is_model_ready(model, headers=keyed())
    metadata = client.get_model_metadata(model, headers=keyed())
    assert (metadata["name"], metadata["inputs"][0]["shape"]) == (model, [-1])
    result = inferred(client, model, TEXTS[model])
    said = plain(served, model)
    response = result.get_response()
    assert (response["id"], response["model_version"]) == ("42", said[0]["model_version"])
    compared = 0
    for output in metadata["outputs"]:
        name = output["name"]
        values = result.as_numpy(name)
        assert values.dtype == (np.float64 if output["datatype"] == "FP64" else np.object_)
        if name in said[0] and name not in ("in_scope", "specific_problem"):
            assert values.tolist() == [one[name] for one in said]
            compared += 1
    assert compared >= 5


def test_a_version_is_one_of_those_that_are_named(served: Cloud, client: InferenceServerClient) -> None:
    trained = read_version("sentiment")
    publish(served.models(), replace(trained.manifest, version="v1.9.0"), trained.files, made.NOTE)
    live = plain(served, "sentiment")[0]["model_version"]
    versions = client.get_model_metadata("sentiment", headers=keyed())["versions"]
    assert versions == [live, "v1.9.0"]
    for version in versions:
        assert client.is_model_ready("sentiment", version, headers=keyed())
        result = inferred(client, "sentiment", TEXTS["sentiment"], version)
        assert result.get_response()["model_version"] == version
    assert not client.is_model_ready("sentiment", "v7.0.0", headers=keyed())


def test_what_is_wrong_is_raised_with_our_words(client: InferenceServerClient) -> None:
    for texts, words in (([" "], "/inputs/0/data/0 is blank"), (["a" * 1_001], "more than 1000 characters")):
        with pytest.raises(InferenceServerException, match=words) as raised:
            inferred(client, "sentiment", texts)
        assert raised.value.status() == "400"
    with pytest.raises(InferenceServerException, match="There is no model nothing; there is moderation, "):
        client.get_model_metadata("nothing", headers=keyed())
    with pytest.raises(InferenceServerException, match=r"sentiment has no version v7\.0\.0: it has v1"):
        inferred(client, "sentiment", ["a"], "v7.0.0")


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_binary_or_compressed_tensors_are_told_what_to_send(
    client: InferenceServerClient, compression: str | None
) -> None:
    binary = text_input(["a"], binary_data=True)
    with pytest.raises(InferenceServerException, match="binary_data=False"):
        client.infer("sentiment", [binary], headers=keyed(), request_compression_algorithm=compression)
    with pytest.raises(
        InferenceServerException, match="Content-Encoding" if compression else "binary_data=False"
    ):
        client.infer(
            "sentiment", [text_input(["a"])], headers=keyed(), request_compression_algorithm=compression
        )


def rows_input(rows: NDArray[np.float32]) -> InferInput:
    tensor = InferInput("features", list(rows.shape), "FP32")
    tensor.set_data_from_numpy(rows, binary_data=False)
    return tensor


@pytest.fixture(scope="module")
def boxes(served: Cloud, tmp_path_factory: pytest.TempPathFactory) -> FeatureModel:
    """Two versions of a model of features, published from their folders as `coldframe export` writes them."""
    data = made_features.graph()
    for version in ("v1.0.0", "v1.0.1"):
        folder = tmp_path_factory.mktemp(version)
        write(Version(made_features.manifest(data, version), {GRAPH: data}), folder)
        done = served.command("publish", str(folder))
        assert done.returncode == 0, done.stderr
    return open_features(made_features.manifest(data), {GRAPH: data})


def test_an_exported_model_is_asked_like_any_other(
    client: InferenceServerClient, boxes: FeatureModel
) -> None:
    rows = np.array([[1, 2, 0.5], [-3, 0, 1e3]], np.float32)
    assert client.get_model_metadata("boxes", headers=keyed())["inputs"][0]["shape"] == [-1, 3]
    for version, answers in (("", "v1.0.0"), ("v1.0.1", "v1.0.1")):
        wanted = [InferRequestedOutput(f"score_{one}", binary_data=False) for one in made_features.LABELS]
        result = client.infer("boxes", [rows_input(rows)], version, wanted, headers=keyed())
        assert result.get_response()["model_version"] == answers
        given = [result.as_numpy(f"score_{label}") for label in made_features.LABELS]
        assert np.array_equal(np.stack(given, axis=1), boxes.scores(rows))


@pytest.mark.usefixtures("boxes")
def test_an_exported_model_is_listed_and_healthy_like_any_other(served: Cloud) -> None:
    assert served.call("/ml-models")[1]["models"]["boxes"] == ["v1.0.0", "v1.0.1"]
    assert served.call("/ml-models/boxes/health")[1]["message"] == "v1.0.0 loads and answers"


@pytest.mark.usefixtures("boxes")
def test_a_gap_in_a_row_is_raised_with_our_words(client: InferenceServerClient) -> None:
    rows = np.array([[1, np.nan, 0.5]], np.float32)
    label = [InferRequestedOutput("label", binary_data=False)]
    with pytest.raises(InferenceServerException, match="/inputs/0/data/1 should be a finite number"):
        client.infer("boxes", [rows_input(rows)], outputs=label, headers=keyed())
