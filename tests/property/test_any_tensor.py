"""Whatever JSON is sent to the Open Inference Protocol, the answer is 200 or a 4xx in its form."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coldframe.features import GRAPH
from coldframe.store import Store
from models.forge.publish import publish
from tests import made, made_features
from tests.handlers import Client, load_function
from tests.inferring import BOXES, SENTIMENT

ANY_TEXT = st.text(st.characters(exclude_categories=[]))  # halves of surrogate pairs too
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=8,
)
SHAPES = st.lists(st.integers(-1, 3) | st.integers(2**63, 2**65), max_size=3)
PARAMETERS = st.dictionaries(st.sampled_from(["binary_data", "binary_data_size", "a"]), JSON, max_size=2)
TENSORS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["text", "texts"]),
        "shape": SHAPES | JSON,
        "datatype": st.sampled_from(["BYTES", "FP32", "bytes"]),
        "data": st.lists(st.text(max_size=5) | st.lists(st.text(max_size=5), max_size=2) | JSON, max_size=3),
    },
    optional={"parameters": PARAMETERS, "other": JSON},
)
RIGHT = st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=1, max_size=3).map(
    lambda texts: {"name": "text", "shape": [len(texts)], "datatype": "BYTES", "data": texts}
)
NUMBERS = st.floats() | st.floats(-1e3, 1e3) | st.integers() | st.none() | st.booleans()
ROW_TENSORS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["features", "features", "text"]),
        "shape": st.sampled_from([[1, 3], [2, 3], [3, 3]]) | SHAPES,
        "datatype": st.sampled_from(["FP32", "FP64", "INT32", "INT64", "BYTES", "BOOL"]),
        "data": st.lists(st.lists(NUMBERS, min_size=3, max_size=3) | JSON, min_size=1, max_size=3)
        | st.lists(NUMBERS, max_size=9),
    },
    optional={"parameters": PARAMETERS},
)
RIGHT_ROWS = st.lists(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=1, max_size=3
).map(lambda rows: {"name": "features", "shape": [len(rows), 3], "datatype": "FP32", "data": rows})
OUTPUTS = st.lists(
    st.fixed_dictionaries(
        {"name": st.sampled_from(["label", "score", "none"])}, optional={"parameters": JSON}
    ),
    max_size=3,
)


def requests(right: st.SearchStrategy[Any], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Requests with tensors that are right, and with others; and any JSON."""
    return JSON | st.fixed_dictionaries(
        {"inputs": st.lists(right | wrong, max_size=2) | right.map(lambda one: [one])},
        optional={"outputs": OUTPUTS | JSON, "id": ANY_TEXT | JSON, "parameters": PARAMETERS | JSON},
    )


@pytest.fixture
def client(lambda_environment: dict[str, str], bucket: str, monkeypatch: pytest.MonkeyPatch) -> Client:
    for name, value in lambda_environment.items():
        monkeypatch.setenv(name, value)
    data = made_features.graph()
    publish(Store.open(bucket), made_features.manifest(data), {GRAPH: data}, made.NOTE)
    return Client(load_function("inference").handler)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(requests(RIGHT, TENSORS))
def test_any_json_is_answered_or_refused_in_form(client: Client, content: Any) -> None:
    check(client, SENTIMENT, content)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=400)
@given(requests(RIGHT_ROWS, ROW_TENSORS))
def test_any_json_is_scored_or_refused_in_form(client: Client, content: Any) -> None:
    check(client, BOXES, content)


def check(client: Client, path: str, content: Any) -> None:
    status, _, answer = client.request("POST", f"{path}/infer", json.dumps(content))
    if status == 200:
        (given,) = content["inputs"]
        assert {output["shape"][0] for output in answer["outputs"]} == {given["shape"][0]}
        assert {len(output["data"]) for output in answer["outputs"]} == {given["shape"][0]}
        assert answer.get("id") == content.get("id")
    else:
        assert status == 400
        assert list(answer) == ["error"]
        assert answer["error"]
