"""The Open Inference Protocol, event in and answer out: its routes, its tensors, its errors."""

import json

import pytest

from tests import made
from tests.handlers import Client, load_function
from tests.inferring import MODERATION, SENTIMENT, Json, columns, inferred, refused, tensor

TEXTS = ["良い", "悪い\n", "a" * 1_000]


def test_the_columns_are_those_of_the_plain_route_to_the_bit(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, answer = inferred(client, SENTIMENT, tensor(TEXTS))
    assert (status, answer["model_name"], answer["model_version"]) == (200, "sentiment", "v1.2.0")
    monkeypatch.setenv("MODEL_NAME", "sentiment")
    plain = Client(load_function("sentiment").handler).predict({"texts": TEXTS})[2]["predictions"]
    said = columns(answer)
    assert said.pop("result") == [one["result"] for one in plain]
    assert said.pop("label") == [one["label"] for one in plain]
    assert said.pop("score") == [one["score"] for one in plain]
    assert said == {f"score_{label}": [one["scores"][label] for one in plain] for label in made.LABELS}
    assert all(output["shape"] == [3] for output in answer["outputs"])


def test_a_version_answers_for_itself_whatever_is_live(client: Client) -> None:
    live, pinned = (
        columns(inferred(client, path, tensor(TEXTS))[1])
        for path in (SENTIMENT, f"{SENTIMENT}/versions/v1.0.0")
    )
    assert pinned["score"] != live["score"]
    again = inferred(client, f"{SENTIMENT}/versions/v1.2.0", tensor(TEXTS))[1]
    assert (again["model_version"], columns(again)) == ("v1.2.0", live)


@pytest.mark.parametrize(
    "given",
    [
        tensor(TEXTS),
        tensor(TEXTS, shape=[3, 1]),
        tensor(TEXTS, shape=[3, 1], data=[[text] for text in TEXTS]),
        tensor(TEXTS, parameters={"content_type": "str"}),
    ],
)
def test_a_tensor_is_flat_or_nested(client: Client, given: Json) -> None:
    status, answer = inferred(client, MODERATION, given)
    assert status == 200
    assert columns(answer) == columns(inferred(client, MODERATION, tensor(TEXTS))[1])


def test_outputs_are_those_that_are_wanted_each_once_and_the_id_comes_back(client: Client) -> None:
    wanted = [{"name": name} for name in ("probability", "label", "probability")]
    status, answer = inferred(client, MODERATION, tensor(["a"]), outputs=wanted, id="42")
    assert (status, answer["id"], list(columns(answer))) == (200, "42", ["probability", "label"])
    assert "id" not in inferred(client, MODERATION, tensor(["a"]), outputs=[])[1]


def test_a_model_says_what_goes_in_and_what_comes_out(client: Client) -> None:
    status, _, said = client.request("GET", SENTIMENT)
    assert status == 200
    assert said == {
        "name": "sentiment",
        "versions": ["v1.0.0", "v1.2.0", "v1.10.0"],
        "platform": "coldframe_linear-text",
        "inputs": [{"name": "text", "datatype": "BYTES", "shape": [-1]}],
        "outputs": [
            {"name": "result", "datatype": "BYTES", "shape": [-1]},
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            {"name": "score", "datatype": "FP64", "shape": [-1]},
            *({"name": f"score_{label}", "datatype": "FP64", "shape": [-1]} for label in made.LABELS),
        ],
    }
    answer = inferred(client, SENTIMENT, tensor(["a"]))[1]
    assert [
        {"name": one["name"], "datatype": one["datatype"], "shape": [-1]} for one in answer["outputs"]
    ] == (said["outputs"])
    assert client.request("GET", f"{SENTIMENT}/versions/v1.0.0")[2] == said


def test_the_server_says_what_it_is_and_that_it_is_ready(client: Client) -> None:
    assert client.request("GET", "/v2")[2] == {"name": "coldframe", "version": "1", "extensions": []}
    assert client.request("GET", "/v2/health/live")[::2] == (200, {"live": True})
    assert client.request("GET", "/v2/health/ready")[::2] == (200, {"live": True, "ready": True})
    for path in (SENTIMENT, f"{SENTIMENT}/versions/v1.10.0"):
        assert client.request("GET", f"{path}/ready")[::2] == (200, {"name": "sentiment", "ready": True})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (tensor([]), "/inputs/0/data is empty: give at least 1 item"),
        (tensor(["a"] * 1_001), "/inputs/0/data has 1001 items: send at most 1000 a request"),
        (tensor(["a", " "]), "/inputs/0/data/1 is blank: give at least one visible character"),
        (tensor(["a" * 1_001]), "/inputs/0/data/0 has more than 1000 characters: shorten it or split it"),
        (tensor(["a\0"]), "/inputs/0/data/0 holds the character U+0000 at position 1: remove it"),
        (tensor(["\ud83d"]), "half of a surrogate pair"),
        (tensor([1]), "/inputs/0/data/0 should be a string"),
        (tensor(["a", ["b"]]), "/inputs/0/data/1 should be a string"),
        (tensor(["a", "b"], shape=[3]), "has 2 texts: its shape should be [2]"),
        (tensor(["a", "b"], shape=[1, 2]), "has 2 texts: its shape should be [2]"),
        (tensor(["a"], shape=[2**64]), "/inputs/0/shape/0"),
        (tensor(["a"], shape=[True]), "/inputs/0/shape/0"),
        (tensor(["a"], datatype="FP32"), "should have the datatype BYTES"),
        (tensor(["a"], datatype="TEXT"), "/inputs/0/datatype should be 'BOOL', "),
        (tensor(["a"], name="texts"), "takes one input, which is called text"),
        (tensor(["a"], dtype="BYTES"), "/inputs/0/dtype is not a field of this request: remove it"),
        (tensor(["a"], parameters={"binary_data_size": 5}), "binary_data=False"),
        ({"name": "text", "shape": [1], "datatype": "BYTES"}, "/inputs/0/data is required: add it"),
    ],
)
def test_what_is_wrong_with_a_tensor_is_told_in_the_words_of_the_plain_routes(
    client: Client, given: Json, words: str
) -> None:
    assert words in refused(inferred(client, SENTIMENT, given))
    assert words in refused(inferred(client, f"{SENTIMENT}/versions/v1.0.0", given))


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (
            {"outputs": [{"name": "logits"}]},
            "no output 'logits': it has result, label, score, score_positive",
        ),
        ({"outputs": [{"name": "label", "parameters": {"binary_data": True}}]}, "binary_data=False"),
        ({"parameters": {"binary_data_output": True}}, "binary_data=False"),
        ({"parameters": {"nested": {}}}, "/parameters/nested"),
        ({"id": 42}, "/id should be a string"),
        ({"inputs": [tensor(["a"]), tensor(["a"])]}, "takes one input, which is called text"),
    ],
)
def test_what_is_wrong_beside_the_tensor_is_told(client: Client, more: Json, words: str) -> None:
    assert words in refused(inferred(client, SENTIMENT, tensor(["a"]), **more))


@pytest.mark.parametrize("body", ["", "{", "[]", '{"inputs": []}', "null", '{"inputs": ' + "[" * 100_000])
def test_a_body_that_is_no_request_is_told_so(client: Client, body: str) -> None:
    status, headers, answer = client.request("POST", f"{SENTIMENT}/infer", body)
    refused((status, answer))
    assert headers["content-type"] == "application/json"


def test_a_moderation_text_may_be_as_long_as_its_manifest_says(client: Client) -> None:
    assert inferred(client, MODERATION, tensor(["a" * 10_000]))[0] == 200
    assert "10000 characters" in refused(inferred(client, MODERATION, tensor(["a" * 10_001])))


def test_json_may_come_without_its_type_and_nothing_else_may(client: Client) -> None:
    body = json.dumps({"inputs": [tensor(["a"])]})
    path = f"{SENTIMENT}/infer"
    assert client.request("POST", path, body, None)[0] == 200
    assert "application/json" in refused(client.request("POST", path, body, "text/plain")[::2], 415)
    octets = client.answer("POST", path, body.encode() + b"\1\0\0\0a", "application/octet-stream")
    assert "binary_data=False" in refused((octets["statusCode"], json.loads(octets["body"])))


@pytest.mark.parametrize(
    ("header", "value", "status", "words"),
    [
        ("Inference-Header-Content-Length", "10", 400, "binary_data=False"),
        ("Content-Encoding", "gzip", 415, "without the header Content-Encoding"),
        ("Content-Encoding", "Identity", 200, ""),
    ],
)
def test_a_header_that_changes_what_the_body_means_is_refused(
    client: Client, header: str, value: str, status: int, words: str
) -> None:
    body = json.dumps({"inputs": [tensor(["a"])]})
    given = client.answer("POST", f"{SENTIMENT}/infer", body, None, more_headers={header: value})
    assert given["statusCode"] == status
    assert words in given["body"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v2/models/nothing", "There is no model nothing; there is moderation, sentiment."),
        ("/v2/models/Sentiment", "There is no model Sentiment"),
        ("/v2/models/encoder", "There is no model encoder"),
        (f"{SENTIMENT}/versions/v9.0.0", "sentiment has no version v9.0.0: it has v1.0.0, v1.2.0, v1.10.0."),
        (f"{SENTIMENT}/versions/1", "sentiment has no version 1"),
        (f"{SENTIMENT}/versions/v1.0.0%0A", "sentiment has no version"),
        ("/v2/models/nothing/versions/v1.0.0", "There is no model nothing"),
    ],
)
def test_what_there_is_not_is_a_404_that_names_what_there_is(client: Client, path: str, words: str) -> None:
    assert words in refused(client.request("GET", path)[::2], 404)
    assert words in refused(client.request("GET", f"{path}/ready")[::2], 404)
    assert words in refused(inferred(client, path, tensor(["a"])), 404)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v2/nothing", 404), ("GET", "/v2/models", 404), ("GET", f"{SENTIMENT}/infer", 405)],
)
def test_unknown_paths_have_the_protocols_error_too(
    client: Client, method: str, path: str, status: int
) -> None:
    assert refused(client.request(method, path)[::2], status)
