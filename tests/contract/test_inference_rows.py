"""Models of features by the Open Inference Protocol: their tensors, their errors, what is written down."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from onnx import helper

from coldframe import audit, limits
from coldframe.changes import PRODUCTION
from coldframe.features import GRAPH, open_features
from coldframe.registry import change
from coldframe.store import Store
from models.forge.publish import publish
from tests import made, made_features
from tests.handlers import Client, load_function, variables
from tests.inferring import BOXES, Json, columns, inferred, refused
from tests.inferring import rows_tensor as tensor
from tests.made_features import FEATURES, LABELS, SOFTMAX, graph

ROWS = [[1.0, 2.0, 0.5], [-3.0, 0.0, 1e3]]
FLAT = [number for row in ROWS for number in row]
Start = Callable[[], Client]


@pytest.fixture
def store(bucket: str) -> Store:
    return Store.open(bucket)


@pytest.fixture
def start(aws: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Start:
    def started() -> Client:
        for name, value in (variables(aws, bucket) | {"POWERTOOLS_SERVICE_NAME": "inference"}).items():
            monkeypatch.setenv(name, value)
        return Client(load_function("inference").handler)

    return started


@pytest.fixture
def client(store: Store, start: Start) -> Client:
    published(store)
    return start()


def published(store: Store, version: str = "v1.0.0", data: bytes | None = None) -> Any:
    data = data or graph()
    return publish(store, made_features.manifest(data, version), {GRAPH: data}, made.NOTE)


def scores(rows: list[list[float]]) -> NDArray[np.float64]:
    return open_features(made_features.manifest(graph()), {GRAPH: graph()}).scores(np.array(rows))


def test_a_model_says_how_wide_its_rows_are_and_which_labels_it_has(client: Client) -> None:
    status, _, said = client.request("GET", BOXES)
    assert status == 200
    assert said == {
        "name": "boxes",
        "versions": ["v1.0.0"],
        "platform": "coldframe_features",
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, len(FEATURES)]}],
        "outputs": [
            {"name": "label", "datatype": "BYTES", "shape": [-1]},
            *({"name": f"score_{label}", "datatype": "FP64", "shape": [-1]} for label in LABELS),
        ],
    }
    assert client.request("GET", f"{BOXES}/versions/v1.0.0/ready")[0] == 200


@pytest.mark.parametrize(
    "given",
    [
        tensor(ROWS),
        tensor(ROWS, data=FLAT),
        tensor(ROWS, datatype="FP64"),
        tensor(ROWS, parameters={"content_type": "np"}),
    ],
)
def test_rows_get_the_scores_that_the_model_gives_to_the_bit(client: Client, given: Json) -> None:
    status, answer = inferred(client, BOXES, given)
    expected = scores(ROWS)
    assert (status, answer["model_name"], answer["model_version"]) == (200, "boxes", "v1.0.0")
    assert columns(answer) == {
        "label": [LABELS[row.argmax()] for row in expected],
        **{f"score_{label}": expected[:, place].tolist() for place, label in enumerate(LABELS)},
    }
    assert all(output["shape"] == [2] for output in answer["outputs"])
    pinned = inferred(client, f"{BOXES}/versions/v1.0.0", given)[1]
    assert pinned == answer


@pytest.mark.parametrize("datatype", ["INT32", "INT64", "FP32"])
def test_whole_numbers_are_taken(client: Client, datatype: str) -> None:
    answer = inferred(client, BOXES, tensor([[1, -2, 3]], datatype=datatype))[1]
    assert columns(answer)["score_small"] == scores([[1, -2, 3]])[:, 0].tolist()


def test_outputs_are_those_that_are_wanted(client: Client) -> None:
    answer = inferred(client, BOXES, tensor(ROWS), outputs=[{"name": "score_large"}], id="7")[1]
    assert (list(columns(answer)), answer["id"]) == (["score_large"], "7")
    words = "no output 'scores': it has label, score_small, score_large"
    assert words in refused(inferred(client, BOXES, tensor(ROWS), outputs=[{"name": "scores"}]))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (tensor(ROWS, shape=[2, 2]), "has the shape [2, 2]: it should be [rows, 3], a row being age, size, "),
        (tensor(ROWS, shape=[6]), "should be [rows, 3]"),
        (tensor(ROWS, shape=[2, 3, 1]), "should be [rows, 3]"),
        (tensor([], shape=[0, 3]), "has 0 rows: send 1 to 1000 a request"),
        (tensor(ROWS, shape=[2**63, 3]), f"has {2**63} rows"),
        (tensor([[0, 0, 0]] * (limits.FEATURE_ROWS_MAX_COUNT + 1)), "has 1001 rows"),
        (tensor(ROWS, data=FLAT[:-1]), "has 5 numbers, and its shape [2, 3] says 6: give 3 for each row"),
        (tensor(ROWS, data=[ROWS[0], [1, 2]]), "has a row 2 that is no list of 3 numbers"),
        (tensor(ROWS, data=[ROWS[0], 1.0]), "has a row 2 that is no list of 3 numbers"),
        (tensor(ROWS, data=[*ROWS, ROWS[0]]), "has 3 rows: its shape should be [3, 3]"),
        (tensor(ROWS, data=[[*ROWS[0], 1.0], ROWS[1]]), "has a row 1 that is no list of 3 numbers"),
        (tensor(ROWS, datatype="BYTES"), "should have the datatype FP32 or FP64 or INT32 or INT64"),
        (tensor(ROWS, name="input"), "takes one input, which is called features"),
        (tensor([[0, 0, 0], [0, None, 0]]), "/inputs/0/data/1/1 should be a finite number"),
        (tensor(ROWS, data=[0, 0, 0, 0, None, 0]), "/inputs/0/data/4 should be a finite number"),
        (tensor([[0, 0, float("nan")]]), "/inputs/0/data/0/2 should be a finite number, of at most 3.4e+38"),
        (tensor([[0, float("-inf"), 0]]), "/inputs/0/data/0/1 should be a finite number"),
        (tensor([[1e39, 0, 0]]), "/inputs/0/data/0/0 should be a finite number"),
        (tensor([[10**400, 0, 0]]), "/inputs/0/data/0/0 should be a finite number"),
        (tensor([[True, 0, 0]]), "/inputs/0/data/0/0 should be a finite number"),
        (tensor([["1", 0, 0]]), "fill gaps before they are sent"),
        (tensor([[[1], 0, 0]]), "/inputs/0/data/0/0 should be a finite number"),
        (tensor([[1.5, 0, 0]], datatype="INT64"), "/inputs/0/data/0/0 should be a whole number of INT64"),
        (tensor([[2**31, 0, 0]], datatype="INT32"), "should be a whole number of INT32"),
        (tensor(ROWS, parameters={"binary_data_size": 24}), "binary_data=False"),
    ],
)
def test_what_is_wrong_with_rows_is_told_with_the_field_and_the_fix(
    client: Client, given: Json, words: str
) -> None:
    assert words in refused(inferred(client, BOXES, given))


def test_the_largest_float_is_a_number(client: Client) -> None:
    assert float(np.finfo(np.float32).max) == limits.FEATURE_MAX
    status, answer = inferred(client, BOXES, tensor([[limits.FEATURE_MAX, 0, 0]]))
    assert status == 200
    assert columns(answer)["score_small"] == scores([[limits.FEATURE_MAX, 0, 0]])[:, 0].tolist()


def squares() -> bytes:
    """A graph that numbers can be too large for."""
    return graph(
        (
            helper.make_node("Mul", ["features", "features"], ["squares"]),
            helper.make_node("MatMul", ["squares", "weights"], ["logits"]),
            SOFTMAX[1],
        )
    )


def test_rows_that_the_graph_has_no_probabilities_for_are_refused(store: Store, start: Start) -> None:
    published(store, data=squares())
    given = tensor([[0, 0, 0], [3e38, 3e38, 3e38]])
    assert "row 2: boxes gives no probabilities: its numbers are too large" in refused(
        inferred(start(), BOXES, given)
    )


def test_an_answer_stays_within_what_lambda_sends(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "INFERENCE_CELLS_MAX_COUNT", 8)
    assert inferred(client, BOXES, tensor(ROWS))[0] == 200
    words = "has 3 outputs, and 3 items are too many: send at most 2"
    assert words in refused(inferred(client, BOXES, tensor([*ROWS, ROWS[0]])))


def test_texts_and_rows_are_told_apart(client: Client, store: Store) -> None:
    made.published(store, "v1.0.0")
    assert "one input, which is called text" in refused(
        inferred(client, "/v2/models/sentiment", tensor(ROWS))
    )


def version_of(client: Client, row: list[float], key: str = "") -> str:
    body = json.dumps({"inputs": [tensor([row])]})
    headers = {"X-Routing-Key": key} if key else {}
    given = client.answer("POST", f"{BOXES}/infer", body, "application/json", more_headers=headers)
    version: str = json.loads(given["body"])["model_version"]
    return version


def test_a_challenger_gets_its_share_of_rows_and_keys_always_the_same(store: Store, start: Start) -> None:
    published(store)
    challenger = published(store, "v1.1.0")
    change(store, "boxes", lambda old: old.tried(PRODUCTION, challenger, 50, made.NOTE))
    client = start()
    rows = [[float(number), 0.0, 0.0] for number in range(20)]
    by_row = [version_of(client, row) for row in rows]
    assert set(by_row) == {"v1.0.0", "v1.1.0"}
    assert [version_of(client, [int(one) for one in row]) for row in rows] == by_row  # the same float32
    by_key = [version_of(client, rows[0], str(number)) for number in range(20)]
    assert set(by_key) == {"v1.0.0", "v1.1.0"}


def test_what_the_challenger_refuses_the_champion_answers(store: Store, start: Start) -> None:
    published(store)
    challenger = published(store, "v1.1.0", squares())
    change(store, "boxes", lambda old: old.tried(PRODUCTION, challenger, 99, made.NOTE))
    client = start()
    large = [[1e30, float(number), 0.0] for number in range(10)]
    assert {version_of(client, row) for row in large} == {"v1.0.0"}
    assert "v1.1.0" in {version_of(client, [0.0, float(number), 0.0]) for number in range(10)}


def test_each_row_leaves_a_line_with_the_hash_of_its_floats(
    client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    assert inferred(client, BOXES, tensor([[0.1, 2, 3], [4, 5, 6]]))[0] == 200
    logged = capsys.readouterr().out
    first, second = (json.loads(line) for line in logged.splitlines() if '"decision"' in line)
    expected = hashlib.sha256(np.array([0.1, 2, 3], "<f4").tobytes()).hexdigest()
    assert (first["row_sha256"], first["model"], first["model_version"]) == (expected, "boxes", "v1.0.0")
    assert (first["label"] in LABELS, "input" in first, "text_sha256" in first) == (True, False, False)
    assert second["row_sha256"] != expected
    assert '"Items":[2.0]' in logged


def test_the_numbers_are_logged_where_that_is_switched_on(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "_LOGS_INPUTS", True)
    assert inferred(client, BOXES, tensor([[0.1, 2, 3]]))[0] == 200
    (line,) = [one for one in capsys.readouterr().out.splitlines() if '"decision"' in one]
    assert json.loads(line)["input"] == np.array([0.1, 2, 3], np.float32).tolist()
