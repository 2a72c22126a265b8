"""The graph of MiniLM, a BERT of six layers, written in onnxruntime's fused operators at once.

There is one text a call and no padding, so there is no mask. Nothing is left for an optimiser to fuse, when
the artifact is made or when a session is created. Its output is the sentence's embedding: the mean over
the tokens, of length 1 (Reimers and Gurevych 2019, arXiv:1908.10084). Operators:
https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from models.encoder.tensors import Tensors

LAYERS, HEADS = 6, 12
OPSET, IR_VERSION = 21, 10
_FUSED = "com.microsoft"
_EPSILON = 1e-12  # of its layer norms, as its configuration has it


class Arithmetic(Protocol):
    """How weights are stored and multiplied: what float and INT8 differ in."""

    def words(self, graph: "Graph", table: NDArray[np.float32]) -> str:
        """Add the look-up of `ids` in a table of (words, size); give (1, tokens, size)."""

    def multiply(self, graph: "Graph", x: str, name: str, weights: NDArray[np.float32]) -> str:
        """Add x times weights of (inputs, outputs)."""

    def attend(self, graph: "Graph", x: str, name: str, weights: NDArray[np.float32], bias: str) -> str:
        """Add self-attention; the weights are those of query, key and value side by side."""


class Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def constant(self, name: str, values: NDArray[np.generic]) -> str:
        """Add a constant; give its name."""
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Add an operator of one output; give the output's name."""
        return self.add_many(operator, 1, *inputs, **attributes)[0]

    def add_fused(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Add one of onnxruntime's own operators; give the output's name."""
        return self.add(operator, *inputs, domain=_FUSED, **attributes)

    def add_many(self, operator: str, outputs: int, *inputs: str, **attributes: object) -> list[str]:
        """Add an operator; give its outputs' names."""
        names = [f"{operator}_{len(self._nodes)}_{number}" for number in range(outputs)]
        self._nodes.append(helper.make_node(operator, inputs, names, **attributes))  # type: ignore[arg-type]
        return names

    def model(self, output: str, size: int) -> ModelProto:
        """Finish: `ids` of (1, tokens) in, `embedding` of (1, size) out."""
        self._nodes.append(helper.make_node("LpNormalization", [output], ["embedding"], axis=1, p=2))
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, size])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_FUSED, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


class Float:
    """The weights as they were published."""

    def words(self, graph: Graph, table: NDArray[np.float32]) -> str:
        """As in Arithmetic."""
        return graph.add("Gather", graph.constant("words", table), "ids")

    def multiply(self, graph: Graph, x: str, name: str, weights: NDArray[np.float32]) -> str:
        """As in Arithmetic."""
        return graph.add("MatMul", x, graph.constant(name, weights))

    def attend(self, graph: Graph, x: str, name: str, weights: NDArray[np.float32], bias: str) -> str:
        """As in Arithmetic."""
        return graph.add_fused("Attention", x, graph.constant(name, weights), bias, num_heads=HEADS)


def write(tensors: Tensors, arithmetic: Arithmetic) -> bytes:
    """Return the ONNX file: the same tensors always give the same bytes."""
    graph = Graph()
    x = _embedded(graph, tensors, arithmetic)
    for number in range(LAYERS):
        x = _layer(graph, tensors, arithmetic, f"encoder.layer.{number}", x)
    tokens = graph.constant("axis_of_tokens", np.array([1]))
    mean = graph.add("ReduceMean", x, tokens, keepdims=0)
    size = tensors["embeddings.word_embeddings.weight"].shape[1]
    return bytes(graph.model(mean, size).SerializeToString(deterministic=True))


def _embedded(graph: Graph, tensors: Tensors, arithmetic: Arithmetic) -> str:
    words = arithmetic.words(graph, tensors["embeddings.word_embeddings.weight"])
    # Every token is of the first type: its vector is part of every position's.
    kind = tensors["embeddings.token_type_embeddings.weight"][0]
    places = graph.constant("places", (tensors["embeddings.position_embeddings.weight"] + kind)[None])
    first, axis = graph.constant("first", np.array([0])), graph.constant("axis_of_places", np.array([1]))
    places = graph.add("Slice", places, first, graph.add("Shape", "ids", start=1, end=2), axis)
    return _normalised(graph, tensors, "embeddings.LayerNorm", words, places)


def _layer(graph: Graph, tensors: Tensors, arithmetic: Arithmetic, layer: str, x: str) -> str:
    attended = arithmetic.attend(graph, x, f"{layer}.attention", *_query_key_value(graph, tensors, layer))
    y = _dense(graph, tensors, arithmetic, f"{layer}.attention.output.dense", attended)
    x = _normalised(graph, tensors, f"{layer}.attention.output.LayerNorm", *y[:1], x, *y[1:])
    inner = _dense(graph, tensors, arithmetic, f"{layer}.intermediate.dense", x)
    y = _dense(graph, tensors, arithmetic, f"{layer}.output.dense", graph.add_fused("BiasGelu", *inner))
    return _normalised(graph, tensors, f"{layer}.output.LayerNorm", *y[:1], x, *y[1:])


def _query_key_value(graph: Graph, tensors: Tensors, layer: str) -> tuple[NDArray[np.float32], str]:
    parts = [f"{layer}.attention.self.{name}" for name in ("query", "key", "value")]
    weights = np.concatenate([tensors[f"{part}.weight"].T for part in parts], axis=1)
    bias = np.concatenate([tensors[f"{part}.bias"] for part in parts])
    return weights, graph.constant(f"{layer}.attention.bias", bias)


def _dense(graph: Graph, tensors: Tensors, arithmetic: Arithmetic, name: str, x: str) -> tuple[str, str]:
    """x times the weights, and the bias that is still to be added."""
    product = arithmetic.multiply(graph, x, name, tensors[f"{name}.weight"].T)
    return product, graph.constant(f"{name}.bias", tensors[f"{name}.bias"])


def _normalised(graph: Graph, tensors: Tensors, name: str, x: str, skipped: str, *bias: str) -> str:
    scale = graph.constant(f"{name}.scale", tensors[f"{name}.weight"])
    shift = graph.constant(f"{name}.shift", tensors[f"{name}.bias"])
    return graph.add_fused("SkipLayerNormalization", x, skipped, scale, shift, *bias, epsilon=_EPSILON)
