"""The export of a torch module, with a stand-in for torch: what is asked of it, and what becomes of it.

torch itself is no part of the development environment: it takes five gigabytes.
"""

import sys
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, Self

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from coldframe.features import GRAPH, open_features
from models.forge.export.parent import ExportRefused
from models.forge.export.parity import random_rows
from models.forge.export.version import draft, export
from tests import made_features

Floats = NDArray[np.float32]
DRAFT = draft("boxes", "v1.0.0", made_features.FEATURES, made_features.LABELS)


class Tensor:
    def __init__(self, numbers: Floats) -> None:
        self.numbers = numbers

    def numpy(self) -> Floats:
        return self.numbers


class Module:
    """As torch.nn.Module; `nodes` are what the exporter writes for it."""

    def __init__(self, call: Callable[[Floats], Floats], nodes: tuple[onnx.NodeProto, ...]) -> None:
        self.call, self.nodes, self.trains = call, nodes, True

    def __call__(self, tensor: Tensor) -> Tensor:
        assert not self.trains
        return Tensor(self.call(tensor.numbers))

    def eval(self) -> Self:
        self.trains = False
        return self

    def cpu(self) -> Self:
        return self


Module.__module__ = "torch.nn.modules.module"


def softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def linear(rows: Floats) -> Floats:
    return rows @ made_features.WEIGHTS


def sequential(first: Module, then: Module) -> Module:
    return Module(lambda rows: then.call(first.call(rows)), (*first.nodes, *then.nodes))


def write(module: Module, example: Any, file: Any, **asked: Any) -> None:
    assert asked["input_names"] == ["features"]
    assert asked["output_names"] == ["probabilities"]
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in module.nodes]
    for node in nodes:
        node.doc_string = "train.py(12): forward"
    file.write(made_features.graph(nodes))


@pytest.fixture(autouse=True)
def torch(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in = SimpleNamespace(
        no_grad=nullcontext,
        from_numpy=Tensor,
        zeros=lambda *shape: Tensor(np.zeros(shape, np.float32)),
        nn=SimpleNamespace(
            Sequential=sequential, Softmax=lambda dim: Module(softmax, made_features.SOFTMAX[1:])
        ),
        onnx=SimpleNamespace(export=write),
    )
    monkeypatch.setitem(sys.modules, "torch", stand_in)
    monkeypatch.setattr("models.forge.export.version.installed", lambda name: "1.0")


def test_logits_get_a_softmax_behind_them() -> None:
    made = export(Module(linear, made_features.SOFTMAX[:1]), DRAFT)
    rows = np.random.default_rng(1).normal(size=(9, 3)).astype(np.float32)
    scores = open_features(made.manifest, made.files).scores(rows)
    np.testing.assert_allclose(scores, softmax(linear(rows)), atol=1e-6)
    assert "torch" in made.manifest.made_with
    assert made.manifest.parity["rows"] == 1_000


def test_probabilities_are_left_as_they_are() -> None:
    made = export(Module(lambda rows: softmax(linear(rows)), made_features.SOFTMAX), DRAFT)
    graph = onnx.load_from_string(made.files[GRAPH]).graph
    assert [node.op_type for node in graph.node] == ["MatMul", "Softmax"]


def test_nothing_of_the_code_that_made_it_is_stored() -> None:
    made = export(Module(linear, made_features.SOFTMAX[:1]), DRAFT)
    assert b"train.py" not in made.files[GRAPH]


def test_a_module_of_one_logit_is_refused() -> None:
    with pytest.raises(ExportRefused, match=r"gives the shape \(1,\) for a row: .* each of the 2 labels"):
        export(Module(lambda rows: rows[:, :1], ()), DRAFT)


def test_a_module_that_fails_on_rows_of_this_width_is_refused() -> None:
    with pytest.raises(ExportRefused, match="torch cannot run or export Module: matmul"):
        export(Module(linear, ()), draft("boxes", "v1.0.0", ("age",), made_features.LABELS))


def test_a_module_that_is_exported_wrongly_is_refused() -> None:
    other = (*made_features.SOFTMAX[:1], helper.make_node("Neg", ["logits"], ["negative"]))
    wrong = helper.make_node("Softmax", ["negative"], ["probabilities"], axis=1)
    with pytest.raises(ExportRefused, match="probabilities differ by up to"):
        export(Module(lambda rows: softmax(linear(rows)), (*other, wrong)), DRAFT)


def test_a_branch_that_the_graph_has_only_one_side_of_is_refused() -> None:
    assert random_rows(3).sum() <= 0  # all of them at once go the side that it has

    def branching(rows: Floats) -> Floats:
        return linear(rows) if rows.sum() <= 0 else -linear(rows)

    with pytest.raises(ExportRefused, match="probabilities differ by up to"):
        export(Module(branching, made_features.SOFTMAX[:1]), DRAFT)
