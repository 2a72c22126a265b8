"""Models of features: what opens, what they say of rows, and who may not ask them."""

import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from coldframe import limits
from coldframe.batch.models import Models
from coldframe.errors import FileRefused, MalformedArtifact, ManifestError, ModelUnavailable, RowsRefused
from coldframe.features import GRAPH, FeatureModel, open_features
from coldframe.loading import LoadedModel, Stopwatch, load
from coldframe.manifest import Manifest
from coldframe.store import Store
from models.forge.publish import publish
from tests import made, made_features
from tests.made_features import FLOAT, INPUT, OUTPUT, SOFTMAX, graph


def opened(data: bytes) -> FeatureModel:
    return open_features(made_features.manifest(data), {GRAPH: data})


def loaded(store: Store) -> LoadedModel:
    data = graph()
    target = publish(store, made_features.manifest(data), {GRAPH: data}, made.NOTE)
    return load(store, "boxes", target, Stopwatch())


def constant(values: list[float]) -> bytes:
    """A graph that gives these numbers for every row."""
    tensor = numpy_helper.from_array(np.array([values], np.float32))
    nodes = (
        helper.make_node("Constant", [], ["value"], value=tensor),
        helper.make_node("Identity", ["value"], ["probabilities"]),
    )
    return graph(nodes, outputs=[("probabilities", FLOAT, [1, len(values)])])


def test_scores_are_the_softmax_of_the_row_times_the_weights() -> None:
    rows = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
    powers = np.exp(rows.astype(np.float64) @ made_features.WEIGHTS.astype(np.float64))
    scores = opened(graph()).scores(rows)
    assert scores.dtype == np.float64
    np.testing.assert_allclose(scores, powers / powers.sum(axis=1, keepdims=True), atol=1e-6)


def test_no_rows_have_no_scores() -> None:
    assert opened(graph()).scores(np.empty((0, 3))).shape == (0, 2)


def test_doubles_are_taken_as_the_nearest_floats() -> None:
    model, rows = opened(graph()), np.full((1, 3), 0.1)
    assert np.array_equal(model.scores(rows), model.scores(rows.astype(np.float32)))


@pytest.mark.parametrize(
    ("number", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (1e39, "1e\\+39")]
)
def test_what_is_no_finite_float_is_refused_by_row_and_feature(number: float, shown: str) -> None:
    rows = np.zeros((3, 3))
    rows[1, 2] = number
    with pytest.raises(RowsRefused, match=f"row 2: weight is {shown}: give a finite number"):
        opened(graph()).scores(rows)


def test_numbers_whose_product_overflows_are_refused() -> None:
    rows = np.array([[0, 0, 0], [3e38, 3e38, 3e38]])
    doubled = (
        helper.make_node("Mul", ["features", "features"], ["squares"]),
        helper.make_node("MatMul", ["squares", "weights"], ["logits"]),
        SOFTMAX[1],
    )
    with pytest.raises(RowsRefused, match="row 2: boxes gives no probabilities"):
        opened(graph(doubled)).scores(rows)


def test_a_row_that_the_graph_fails_on_is_refused() -> None:
    """It looks the first number up in a table of two lines."""
    table = numpy_helper.from_array(np.array([[0.2, 0.8], [0.4, 0.6]], np.float32))
    nodes = (
        helper.make_node("Constant", [], ["table"], value=table),
        helper.make_node("Constant", [], ["first"], value_int=0),
        helper.make_node("Gather", ["features", "first"], ["number"], axis=1),
        helper.make_node("Cast", ["number"], ["line"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "line"], ["probabilities"]),
    )
    model = opened(graph(nodes))
    assert model.scores(np.ones((1, 3))).round(1).tolist() == [[0.4, 0.6]]
    with pytest.raises(RowsRefused, match=r"row 2 cannot be scored: .*out of"):
        model.scores(np.array([[0, 0, 0], [7, 0, 0]]))


def test_neither_the_tokenizers_nor_boto3_are_imported_for_it() -> None:
    program = (
        "import sys, coldframe.features; print({'tokenizers', 'boto3', 'fastapi', 'onnx'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize("shape", [(3,), (1, 2), (1, 4), (1, 1, 3)])
def test_rows_of_another_width_are_refused_with_the_names(shape: tuple[int, ...]) -> None:
    with pytest.raises(RowsRefused, match="give 3 numbers a row, age, size, weight"):
        opened(graph()).scores(np.zeros(shape))


def test_a_file_that_is_missing_is_named() -> None:
    with pytest.raises(ManifestError, match=r"boxes v1\.0\.0 lists no model\.onnx"):
        open_features(made_features.manifest(b""), {})


def test_a_graph_that_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEATURE_GRAPH_MAX_BYTES", 10)
    with pytest.raises(MalformedArtifact, match="at most 10 are opened"):
        opened(graph())


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04pickle", graph()[:-40]])
def test_what_is_no_onnx_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedArtifact, match=r"model\.onnx"):
        opened(data)


def test_weights_in_another_file_are_refused(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.bin").write_bytes(made_features.WEIGHTS.tobytes())
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MalformedArtifact, match=r"model\.onnx cannot be opened"):
        opened(graph(external=True))


def _two_inputs() -> bytes:
    return graph(inputs=[INPUT, ("more", FLOAT, ["rows", 3])])


def _two_outputs() -> bytes:
    return graph(outputs=[OUTPUT, ("logits", FLOAT, ["rows", 2])])


def _doubles() -> bytes:
    cast = helper.make_node("Cast", ["features"], ["floats"], to=FLOAT)
    product = helper.make_node("MatMul", ["floats", "weights"], ["logits"])
    return graph((cast, product, SOFTMAX[1]), inputs=[("features", TensorProto.DOUBLE, ["rows", 3])])


def _of_another_width() -> bytes:
    return graph(inputs=[("features", FLOAT, ["rows", 4])])


def _of_any_width() -> bytes:
    return graph(inputs=[("features", FLOAT, ["rows", "width"])])


@pytest.mark.parametrize("make", [_two_inputs, _two_outputs, _doubles, _of_another_width, _of_any_width])
def test_a_graph_with_other_ends_is_refused(make: Any) -> None:
    with pytest.raises(MalformedArtifact, match=r"model\.onnx (takes|cannot be opened)"):
        opened(make())


@pytest.mark.parametrize(
    "values", [[0.5, 0.6], [1.5, -0.5], [float("nan"), 1.0], [1.0], [0.2, 0.3, 0.5], [0.0, 0.0]]
)
def test_a_graph_that_gives_no_probabilities_of_its_labels_is_refused(values: list[float]) -> None:
    with pytest.raises(MalformedArtifact, match="must give the probabilities of 2 labels"):
        opened(constant(values))


def test_a_graph_that_fails_on_a_row_is_refused() -> None:
    fixed = helper.make_node("Constant", [], ["shape"], value_ints=[7, 7])
    reshaped = helper.make_node("Reshape", ["features", "shape"], ["probabilities"])
    with pytest.raises(MalformedArtifact, match="cannot score a row"):
        opened(graph((fixed, reshaped), outputs=[("probabilities", FLOAT, [7, 7])]))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (None, "a list of 1 to 1,000 names"),
        ([], "a list of 1 to 1,000 names"),
        ([str(number) for number in range(1_001)], "a list of 1 to 1,000 names"),
        ("age", "a list of 1 to 1,000 names"),
        ([1], "1 should be a string"),
        ([" "], "must have 1 to 100 characters"),
        (["a" * 101], "must have 1 to 100 characters"),
        (["age", "age"], "two features have one name"),
    ],
)
def test_a_manifest_without_features_is_refused(names: Any, words: str) -> None:
    manifest = replace(made_features.manifest(b""), input={} if names is None else {"features": names})
    with pytest.raises(ManifestError, match=words):
        Manifest.parse(manifest.to_bytes())


def test_it_is_published_and_opened_like_any_other_and_refuses_texts() -> None:
    model = loaded(made.memory_store())
    assert model.feature_model.scores(np.zeros((1, 3))).tolist() == [[0.5, 0.5]]
    with pytest.raises(ModelUnavailable, match=r"boxes v1\.0\.0 is of kind features: it scores numbers"):
        _ = model.predictor


def test_a_model_of_texts_refuses_rows() -> None:
    store = made.memory_store()
    model = load(store, "sentiment", made.published(store, "v1.0.0"), Stopwatch())
    with pytest.raises(
        ModelUnavailable, match=r"sentiment v1\.0\.0 is of kind linear-text: it answers to texts"
    ):
        _ = model.feature_model


def test_a_file_in_its_folder_is_refused() -> None:
    store = made.memory_store()
    loaded(store)
    with pytest.raises(
        FileRefused, match="boxes is of kind features: it scores numbers, and files hold texts"
    ):
        Models(store).live("boxes")
