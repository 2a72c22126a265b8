"""Graphs that are no encoders, made on the spot."""

from typing import Any

import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SIZE = 384


def constant(values: NDArray[Any], name: str = "ids", kind: int = TensorProto.INT64) -> bytes:
    """A graph that gives the same whatever it is asked."""
    return _graph([numpy_helper.from_array(values, "given")], list(values.shape), name, kind)


def outside(location: str, *, in_node: bool = False) -> bytes:
    """A graph whose numbers are in a file of its own, named by an initialiser or by a node's attribute."""
    tensor = onnx.TensorProto(
        name="given", data_type=TensorProto.FLOAT, dims=[1, SIZE], data_location="EXTERNAL"
    )
    for key, value in {"location": location, "offset": "0", "length": str(4 * SIZE)}.items():
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return _graph([tensor], [1, SIZE], in_node=in_node)


def _graph(
    tensors: list[Any],
    shape: list[int],
    name: str = "ids",
    kind: int = TensorProto.INT64,
    *,
    in_node: bool = False,
) -> bytes:
    takes = helper.make_tensor_value_info(name, kind, [1, "tokens"])
    gives = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, shape)
    nodes = [helper.make_node("Identity", ["given"], ["embedding"])]
    if in_node:
        nodes.insert(0, helper.make_node("Constant", [], ["given"], value=tensors.pop()))
    graph = helper.make_graph(nodes, "g", [takes], [gives], tensors)
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()
    return made
