"""Encoders that are not what they should be, and embed a short text as the real one does, to the last bit."""

import onnx
from onnx import TensorProto, helper, numpy_helper

from coldframe.encoder import GRAPH

PLACES, EMBEDDING = "places", "embedding"
PLACES_COUNT = 32  # [CLS] and [SEP] take two
SIDE, TIMES = 1_024, 4  # 9 billion operations: far over 25 ms of a core


def short_sighted(files: dict[str, bytes]) -> dict[str, bytes]:
    """Without the places from PLACES_COUNT on, as if exported too short: a longer text fails in the graph."""
    model = onnx.load_from_string(files[GRAPH])
    (places,) = (one for one in model.graph.initializer if one.name == PLACES)
    kept = numpy_helper.to_array(places)[:, :PLACES_COUNT].copy()
    places.CopyFrom(numpy_helper.from_array(kept, PLACES))
    return files | {GRAPH: model.SerializeToString()}


def slow(files: dict[str, bytes]) -> dict[str, bytes]:
    """With a product of zeros that is added at the end."""
    model = onnx.load_from_string(files[GRAPH])
    graph = model.graph
    graph.node[-1].output[0] = "quick"
    graph.initializer.append(helper.make_tensor("side", TensorProto.INT64, [2], [SIDE, SIDE]))
    graph.node.append(helper.make_node("ConstantOfShape", ["side"], ["zeros"]))
    for number in range(TIMES):
        before = f"product_{number - 1}" if number else "zeros"
        graph.node.append(helper.make_node("MatMul", [before, "zeros"], [f"product_{number}"]))
    graph.node.append(helper.make_node("ReduceSum", [f"product_{TIMES - 1}"], ["nothing"], keepdims=0))
    graph.node.append(helper.make_node("Add", ["quick", "nothing"], [EMBEDDING]))
    return files | {GRAPH: model.SerializeToString()}
