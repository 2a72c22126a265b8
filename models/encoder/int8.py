"""The same graph in INT8: weights by output channel, activations by one scale a call."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto

from models.encoder.graph import HEADS, Graph

# Products of 8 bits overflow the 16-bit sums of CPUs without VNNI (their instruction is VPMADDUBSW); with
# weights of 7 bits they cannot. onnxruntime's own quantizer calls it reduce_range.
WEIGHT_MAX = 63
TABLE_MAX = 127  # the table is looked up, not multiplied


class Quantized(NamedTuple):
    """values times scale are the weights; one scale for each column, or one row."""

    values: NDArray[np.int8]
    scale: NDArray[np.float32]


def quantize(weights: NDArray[np.float32], most: int, axis: int | None) -> Quantized:
    """Round to whole multiples, up to `most`, of a scale taken along `axis`, or over all where it is None."""
    peak = np.abs(weights).max(axis=axis, keepdims=True)
    scale = np.where(peak == 0, 1, peak / most).astype(np.float32)
    return Quantized(np.rint(weights / scale).astype(np.int8), scale)


class Int8:
    """INT8 weights. With `per_tensor`, one scale for a whole matrix, which costs too much: for comparison."""

    def __init__(self, *, per_tensor: bool = False) -> None:
        self._axis = None if per_tensor else 0

    def words(self, graph: Graph, table: NDArray[np.float32]) -> str:
        """As in Arithmetic. Each word has a scale of its own."""
        rows = quantize(table, TABLE_MAX, axis=1)
        values = graph.add("Gather", graph.constant("words", rows.values), "ids")
        scale = graph.add("Gather", graph.constant("words.scale", rows.scale), "ids")
        return graph.add("Mul", graph.add("Cast", values, to=TensorProto.FLOAT), scale)

    def multiply(self, graph: Graph, x: str, name: str, weights: NDArray[np.float32]) -> str:
        """As in Arithmetic."""
        return graph.add_fused("DynamicQuantizeMatMul", x, *self._constants(graph, name, weights))

    def attend(self, graph: Graph, x: str, name: str, weights: NDArray[np.float32], bias: str) -> str:
        """As in Arithmetic."""
        values, scale, zero = self._constants(graph, name, weights)
        x, x_scale, x_zero = graph.add_many("DynamicQuantizeLinear", 3, x)
        inputs = (x, values, bias, x_scale, scale, "", x_zero, zero)
        return graph.add_fused("QAttention", *inputs, num_heads=HEADS)

    def _constants(self, graph: Graph, name: str, weights: NDArray[np.float32]) -> tuple[str, str, str]:
        values, scale = quantize(weights, WEIGHT_MAX, self._axis)
        scale = scale.reshape(-1) if self._axis == 0 else scale.reshape(())
        return (
            graph.constant(name, values),
            graph.constant(f"{name}.scale", scale),
            graph.constant(f"{name}.zero", np.zeros_like(scale, np.int8)),
        )
